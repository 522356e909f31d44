"""What must hold of the tables at every commit, as questions: each finds the rows of which it does not.

A question reads each table once, in order, and joins by hash: none follows an index row by row. Here: campaigns, runs,
slices and deliveries; what became of whom, attempts, receipts and the inbox have files of their own.
"""

from __future__ import annotations

from profiles.gates import CHANNELS
from pushsvc.store.ledger_attempts import ATTEMPTS
from pushsvc.store.ledger_fates import FATES, REFUSED
from pushsvc.store.ledger_letters import LETTERS
from pushsvc.store.ledger_questions import Check, Group, words
from pushsvc.store.ledger_receipts import RECEIPTS
from pushsvc.store.states import ACCEPTED, CAMPAIGN, DELIVERY, UNSENT

ENDS = words(("cancelled", "expired", "finished"))
_ANSWERED = words((*ACCEPTED, "rejected", "unknown"))
_REASONS = {"refused": REFUSED, "not_needed": ("opened", "same_address"), "cancelled": ("cancelled", "ended")}
_UNREASONED = " or ".join(f"d.state = '{state}' and d.code not in {words(some)}" for state, some in _REASONS.items())
_SAME_WAY = "(b.run_id, b.channel, b.step) = (d.run_id, d.channel, d.step)"
_IN_PLACE = "(s.run_id, s.channel, s.step) = (d.run_id, d.channel, d.step)"

# The delivery table has no foreign keys: what it names is looked up here. `b`: the slice that its attempt was made for.
DELIVERIES = Group(
    """delivery d left join run r on r.id = d.run_id left join campaign c on c.id = r.campaign_id
       left join slice s on s.id = d.slice_id left join attempt a on a.id = d.attempt_id
       left join slice b on b.id = a.slice_id""",
    "d.id",
    (
        Check("unknown_run", "r.id is null", "deliveries belong to a run that does not exist"),
        Check("unknown_slice", "d.slice_id is not null and s.id is null", "deliveries name an unknown slice"),
        Check("unknown_attempt", "d.attempt_id is not null and a.id is null", "deliveries name an unknown attempt"),
        Check("unknown_state", f"d.state not in {words(DELIVERY)}", "deliveries are in a state that there is not"),
        Check(
            "foreign_slice",
            f"r.id is not null and not {_IN_PLACE}",
            "deliveries are in a slice of another run, channel or step",
        ),
        Check(
            "foreign_attempt",
            f"r.id is not null and not {_SAME_WAY}",
            "deliveries were tried by an attempt of another run, channel or step",
        ),
        Check(
            "foreign_policy",
            "r.id is not null and d.policy_id is distinct from c.policy_id",  # a digest has items instead
            "deliveries tell of another policy than their campaign",
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
            "outcome_unattempted",
            f"(d.state in {_ANSWERED} and (d.attempt_id is null or d.attempts < 1 and not d.doubtful))"
            " or (d.attempts > 0 and d.attempt_id is null and d.state <> 'sending')",
            "deliveries have an outcome, or a number of tries, though no attempt was made",
        ),
        Check(
            "outcome_elsewhere",
            # What may have arrived before is ended in the slice that it was to be repeated in.
            f"d.state in {_ANSWERED} and not d.doubtful and {_SAME_WAY} and {_IN_PLACE} and s.id <> b.id",
            "deliveries have an outcome in another slice than the one that their attempt was made for",
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
            "gathering_astray",
            "d.state = 'gathering' and (d.slice_id is not null or r.kind <> 'digest')",
            "digests gather in a slice, or outside the run of a digest",
        ),
        Check(
            "digest_overdue",
            # Unless some were given their slices in those minutes: then the others have their turn.
            """d.state = 'gathering' and r.due_at < :before and not exists (
                   select from slice n join run k on k.id = n.run_id
                   where k.kind = 'digest' and n.due_at between :before and :now)""",
            "digests still gather over ten minutes after their moment, and none was released meanwhile",
        ),
        Check(
            "accepted_without_moment",
            f"d.state in {words(ACCEPTED)} and d.accepted_at is null",
            "accepted deliveries lack the moment they were accepted",
        ),
        Check(
            "moment_without_acceptance",
            f"d.state not in {words(ACCEPTED)} and d.accepted_at is not null",
            "deliveries were accepted once, and their state says that they never left",
        ),
        Check(
            "unsent_after_end",
            # Without `finished_at` the end is still being carried out, by somebody or by the next sweep.
            f"d.state in {words(UNSENT)} and c.state in {ENDS} and c.finished_at < :before and d.updated_at < :before",
            "deliveries still wait to be sent, though their campaign has ended",
        ),
        Check(
            "unreasoned",
            f"d.code is null and d.state in {words((*_REASONS, 'expired'))} or {_UNREASONED}",
            "deliveries were ended without a reason, or for one that there is not",
        ),
        Check(
            "ended_without_cause",
            """d.state = 'cancelled' and d.code = 'cancelled' and c.state is distinct from 'cancelled'
               or d.state = 'expired' and not coalesce(
                   r.kind = 'system' or c.state = 'expired' or c.expires_at <= d.updated_at, false)""",
            "deliveries are cancelled or expired, though their campaign is not",
        ),
    ),
)


def _parents(table: str, column: str, code: str, what: str, *more: Check) -> Group:
    missing = f"d.{column} is not null and p.id is null"
    rows = f"delivery d left join {table} p on p.id = d.{column}"
    return Group(rows, "d.id", (Check(code, missing, f"deliveries name {what} that does not exist"), *more))


PARENTS = (
    _parents("profile", "profile_id", "unknown_profile", "a profile"),
    _parents("profile", "recipient_id", "unknown_recipient", "a recipient"),
    _parents(
        *("address", "address_id", "unknown_address", "an address"),
        Check("other_channel", "p.channel <> d.channel", "deliveries go to an address of another channel"),
    ),
)
# Addresses come and go with the file that names their owner, and so do the owner's links to them: whose file is older
# than the message had this address then. (Ten minutes: a file that is being written says when that began.)
ADDRESSES = Group(
    """delivery d join run r on r.id = d.run_id and r.kind <> 'system' join profile p on p.id = d.recipient_id
       left join profile_address l on l.profile_id = d.recipient_id and l.address_id = d.address_id
       left join attempt a on a.id = d.attempt_id""",
    "d.id",
    (
        Check(
            "foreign_address",
            "l.address_id is null and p.erased_at is null"
            " and p.updated_at < coalesce(a.started_at, d.planned_at) - interval '10 minutes'",
            "deliveries go to an address that is not their recipient's",
        ),
    ),
)
SLICES = Group(
    "slice s",
    "s.id",
    (
        Check(
            "lease_lapsed",
            # By the database's clock, as leases are.
            "s.state = 'leased' and (s.lease_token is null"
            " or coalesce(s.lease_until, '-infinity') < clock_timestamp() - interval '10 minutes')",
            "slices are leased to nobody: no lease has run for over ten minutes, and no sweep put them back",
        ),
        Check(
            "odd_slice",
            f"s.state not in ('ready', 'leased', 'waiting', 'done') or s.channel not in {words(CHANNELS)}"
            " or (s.state = 'waiting' and s.step = 0)",
            "slices are in a state, on a channel or at a step that there is not",
        ),
    ),
)
RUNS = Group(
    "run r",
    "r.id",
    (
        Check(
            "odd_run",
            "r.kind not in ('campaign', 'digest', 'life', 'system')"
            " or (r.kind = 'campaign') <> (r.campaign_id is not null)"
            " or r.kind = 'campaign' and r.key <> 'campaign:' || r.campaign_id"
            " or r.kind = 'digest' and r.due_at is null",
            "runs are of no kind, of a campaign that is not theirs, or without a moment",
        ),
        Check(
            "silent_run",
            "r.kind = 'system' and not exists (select from delivery d where d.run_id = r.id)",
            "messages that somebody asked for have no delivery",
        ),
    ),
)
CAMPAIGNS = Group(
    "campaign c",
    "c.id",
    (
        Check(
            "odd_campaign",
            f"c.state not in {words(CAMPAIGN)} or (c.state = 'finished' and c.finished_at is null)"
            f" or (c.finished_at is not null and c.state not in {ENDS})",
            "campaigns are in a state that there is not, or one that their end contradicts",
        ),
    ),
)

GROUPS = (CAMPAIGNS, RUNS, SLICES, *FATES, DELIVERIES, *PARENTS, ADDRESSES, *ATTEMPTS, *RECEIPTS, *LETTERS)
