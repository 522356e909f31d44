"""What must hold of the tables at every commit, as questions: each finds the rows of which it does not.

A question reads each table once, in order, and joins by hash: none follows an index row by row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pushsvc.store.states import ACCEPTED, DELIVERY, TOLD, UNSENT


@dataclass(frozen=True)
class Check:
    """One thing that may be wrong: `where` in SQL over the rows of its group; `sentence` goes behind the count."""

    code: str
    where: str
    sentence: str


@dataclass(frozen=True)
class Group:
    """Checks that share one pass over `rows` (what follows `from`); `example` names a row that fails."""

    rows: str
    example: str
    checks: tuple[Check, ...]
    where: str = "true"


def _list(states: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{state}'" for state in sorted(states)) + ")"


_UNSENT = _list(UNSENT)
_ENDED = _list(("cancelled", "expired", "finished"))

# The delivery table has no foreign keys: what it names is looked up here.
DELIVERIES = Group(
    """delivery d left join run r on r.id = d.run_id left join campaign c on c.id = r.campaign_id
       left join slice s on s.id = d.slice_id left join attempt a on a.id = d.attempt_id""",
    "d.id",
    (
        Check("unknown_run", "r.id is null", "deliveries belong to a run that does not exist"),
        Check("unknown_slice", "d.slice_id is not null and s.id is null", "deliveries name an unknown slice"),
        Check("unknown_attempt", "d.attempt_id is not null and a.id is null", "deliveries name an unknown attempt"),
        Check("unknown_state", f"d.state not in {_list(DELIVERY)}", "deliveries are in a state that there is not"),
        Check(
            "foreign_slice",
            "r.id is not null and (s.run_id <> d.run_id or s.channel <> d.channel)",
            "deliveries are in a slice of another run or channel",
        ),
        Check(
            "sending_unheld",
            "d.state = 'sending' and (d.slice_id is null or s.state <> 'leased')",
            "deliveries are being sent in a slice that nobody holds",
        ),
        Check(
            "sending_unattempted",
            "d.state = 'sending' and d.attempt_id is null",
            "deliveries are being sent by no attempt",
        ),
        Check(
            "planned_homeless",
            "d.state = 'planned' and (d.slice_id is null or s.state in ('done', 'waiting'))",
            "deliveries are planned where nobody will claim them",
        ),
        Check(
            "waiting_adrift",
            "d.state = 'waiting' and (d.slice_id is null or s.state <> 'waiting')",
            "deliveries wait outside a slice that waits",
        ),
        Check(
            "unknown_unmarked",
            "d.state = 'unknown' and (d.slice_id is null or not s.unsettled)",
            "deliveries of unknown outcome are in a slice that nobody will settle",
        ),
        Check(
            "gathering_sliced", "d.state = 'gathering' and d.slice_id is not null", "digests still gather in a slice"
        ),
        Check(
            "accepted_without_moment",
            f"d.state in {_list(ACCEPTED)} and d.accepted_at is null",
            "accepted deliveries lack the moment they were accepted",
        ),
        Check(
            "moment_without_acceptance",
            f"d.state not in {_list(ACCEPTED)} and d.accepted_at is not null",
            "deliveries were accepted once, and their state says that they never left",
        ),
        Check(
            "unsent_after_end",
            # Without `finished_at` the end is still being carried out, by somebody or by the next sweep.
            f"d.state in {_UNSENT} and c.state in {_ENDED} and c.finished_at < :before and d.updated_at < :before",
            "deliveries still wait to be sent, though their campaign has ended",
        ),
    ),
)


def _parents(table: str, column: str, code: str, what: str) -> Group:
    missing = f"d.{column} is not null and p.id is null"
    rows = f"delivery d left join {table} p on p.id = d.{column}"
    return Group(rows, "d.id", (Check(code, missing, f"deliveries name {what} that does not exist"),))


PARENTS = (
    _parents("profile", "profile_id", "unknown_profile", "a profile"),
    _parents("profile", "recipient_id", "unknown_recipient", "a recipient"),
    _parents("address", "address_id", "unknown_address", "an address"),
    _parents("policy", "policy_id", "unknown_policy", "a policy"),
)

INBOX = Group(
    """(select id, wire_key, state, recipient_id from delivery where channel = 'app') d
       full join inbox i on i.wire_key = d.wire_key""",
    "coalesce(d.id, i.id)",
    (
        Check(
            "no_letter",
            f"d.state in {_list(ACCEPTED)} and i.id is null",
            "accepted app deliveries have no inbox row",
        ),
        Check("letter_of_nothing", "d.id is null", "inbox rows belong to no app delivery"),
        Check("letter_to_another", "i.recipient_id <> d.recipient_id", "inbox rows lie in another person's inbox"),
    ),
)
LETTERS = Group(
    """inbox i left join profile p on p.id = i.profile_id left join profile q on q.id = i.recipient_id
       left join policy y on y.id = i.policy_id""",
    "i.id",
    (
        Check(
            "letter_of_nobody",
            "p.id is null or q.id is null or (i.policy_id is not null and y.id is null)",
            "inbox rows name a profile, a recipient or a policy that does not exist",
        ),
    ),
)

# Attempts from before counts were kept have no route, and nothing to compare.
_FINISHED = "a.finished_at is not null and a.route <> ''"
ATTEMPTS = Group(
    """attempt a left join (select attempt_id, count(*) as n, count(accepted_at) as took from delivery
       where attempt_id is not null group by attempt_id) m on m.attempt_id = a.id""",
    "a.id",
    (
        Check(
            "uneven_attempt",
            f"{_FINISHED} and a.accepted + a.rejected + a.deferred + a.unknown <> a.members",
            "attempts do not account for each of their members",
        ),
        Check("crowded_attempt", "m.n > a.members", "attempts have more deliveries than they had members"),
        Check(
            "overpaid_attempt",
            f"{_FINISHED} and m.took > a.accepted + a.unknown",
            "attempts have more accepted deliveries than the provider took",
        ),
    ),
)

# Receipt status -> delivery states that it contradicts. One that came before the present attempt speaks of another.
CONTRADICTED = {
    "delivered": ("rejected", "refused", "expired", "cancelled", "not_needed", "waiting", "accepted", "unknown"),
    "bounced": ("opened", "accepted", "delivered", "unknown"),
    "complained": ("rejected", "refused", "expired", "cancelled", "not_needed", "waiting", "unknown"),
    "rejected": ("accepted", "delivered", "opened", "complained", "unknown"),
}
_AGAINST = " or ".join(
    f"(p.status = '{status}' and d.state in {_list(states)})" for status, states in CONTRADICTED.items()
)
RECEIPTS = Group(
    """receipt p left join delivery d on d.wire_key = p.wire_key left join attempt a on a.id = d.attempt_id""",
    "p.id",
    (
        Check(
            "receipt_against_state",
            f"p.matched_at is not null and ({_AGAINST}) and (a.id is null or a.started_at <= p.received_at)",
            "receipts say the opposite of their delivery's state",
        ),
        Check(
            "receipt_unmatched",
            "p.matched_at is null and p.received_at < :late",
            "receipts have waited for over an hour",
        ),
    ),
)

# A planned campaign's selection without a delivery, a digest item or a refusal has been lost on the way.
SELECTIONS = Group(
    "selection s join campaign c on c.id = s.campaign_id left join run r on r.campaign_id = c.id",
    "'campaign ' || s.campaign_id || ' profile ' || s.profile_id",
    (Check("no_fate", "true", "selections have neither a delivery nor a refusal"),),
    where=f"""(s.rank <= c.planned_rank or c.planned_at is not null
               or (c.state in {_ENDED} and c.finished_at < :before))
         and not exists (select from delivery d where d.run_id = r.id and d.profile_id = s.profile_id)
         and not exists (select from refusal f where f.run_id = r.id and f.profile_id = s.profile_id)
         and not exists (select from delivery_item i where i.campaign_id = c.id and i.profile_id = s.profile_id)""",
)
# A refusal just before the attempt is a state of the delivery, and no row of its own.
REFUSALS = Group(
    """refusal f join run r on r.id = f.run_id and r.kind = 'campaign'
       join delivery d on d.run_id = f.run_id and d.profile_id = f.profile_id and d.recipient_id = f.recipient_id""",
    "d.id",
    (Check("refused_and_planned", "true", "deliveries are to people whom the same run refused"),),
)
KEYS = tuple(
    Group(
        f"(select wire_key, count(*) as n from {table} group by wire_key having count(*) > 1) k",
        "k.wire_key",
        (Check(code, "true", f"wire keys stand for several {what}"),),
    )
    for table, code, what in (("delivery", "key_twice", "deliveries"), ("inbox", "letter_twice", "inbox rows"))
)
_LEFT = _list(set(TOLD) & set(ACCEPTED))
# Of one family and event, at the first step: by two runs, or by a run and a digest.
TOLD_TWICE = Group(
    f"""(
         with kind as (
            select r.id as run_id, c.id as campaign_id, dense_rank() over (order by c.family, c.event) as k
            from campaign c join run r on r.campaign_id = c.id
         ), left_us as (
            select d.id, d.recipient_id, kind.k from delivery d join kind on kind.run_id = d.run_id
            where d.step = 0 and d.state in {_LEFT}
            union all
            select d.id, d.recipient_id, kind.k from delivery_item i join delivery d on d.id = i.delivery_id
            join kind on kind.campaign_id = i.campaign_id where d.step = 0 and d.state in {_LEFT}
         )
         select min(id) as first, max(id) as last from left_us group by recipient_id, k having min(id) < max(id)) t""",
    "t.first || ' and ' || t.last",
    (Check("told_twice", "true", "people were told twice of one event"),),
)

GROUPS = (
    *(SELECTIONS, DELIVERIES, *PARENTS, REFUSALS, TOLD_TWICE),
    *(ATTEMPTS, RECEIPTS, INBOX, LETTERS, *KEYS),
)
