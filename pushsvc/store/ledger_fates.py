"""Questions of the ledger about fates: each recipient of each selection has one, and nobody else has any.

A fate is a delivery, a digest's item or a refusal. A delivery that was refused just before its attempt and another on
the next channel are one: the refused row is no second message.
"""

from __future__ import annotations

from profiles.gates import CODES
from pushsvc.store.contacts import PERSONS
from pushsvc.store.ledger_questions import Check, Group, words
from pushsvc.store.states import ACCEPTED, TOLD

# Why somebody is not written to: the gates' codes, what ends a campaign or a policy, what makes a digest too long.
REFUSED = (*CODES[1:], "cancelled", "expired", "repealed", "same_family", "agency_max", "simulated")
_ENDED = words(("cancelled", "expired", "finished"))

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
# Of firms whose file is older than the run: whoever is their member now was one then. (Who ever stopped a firm's
# messages is left out: they may have taken that back since.)
MEMBERS = Group(
    f"""selection s join campaign c on c.id = s.campaign_id and s.rank <= c.planned_rank
        join run r on r.campaign_id = c.id
        join profile p on p.id = s.profile_id and p.kind not in {PERSONS}
            and p.updated_at < r.created_at - interval '10 minutes'
        join member m on m.profile_id = p.id and m.wants and m.left_at is null""",
    "'campaign ' || s.campaign_id || ' profile ' || s.profile_id || ' recipient ' || m.person_id",
    (Check("no_fate_of_member", "true", "members of chosen firms have neither a delivery nor a refusal"),),
    where="""not exists (select from delivery d where d.run_id = r.id and d.profile_id = s.profile_id
                         and d.recipient_id = m.person_id)
         and not exists (select from refusal f where f.run_id = r.id and f.profile_id = s.profile_id
                         and f.recipient_id in (0, m.person_id))
         and not exists (select from delivery_item i join delivery d on d.id = i.delivery_id
                         where i.campaign_id = c.id and i.profile_id = s.profile_id and d.recipient_id = m.person_id)
         and not exists (select from audit u where split_part(u.object, ':', 1) = 'recipient'
                         and split_part(u.object, ':', 2) = m.person_id::text
                         and split_part(u.object, ':', 3) = p.id::text)""",
)
_EVERY = """
    select 'delivery ' as what, d.id, d.profile_id, d.recipient_id, d.door, r.campaign_id
    from delivery d join run r on r.id = d.run_id
    union all
    select 'refusal of profile ', f.profile_id, f.profile_id, f.recipient_id, f.door, r.campaign_id
    from refusal f join run r on r.id = f.run_id
    union all
    select 'item of delivery ', d.id, i.profile_id, d.recipient_id, i.door, i.campaign_id
    from delivery_item i join delivery d on d.id = i.delivery_id
"""
CHOSEN = Group(
    f"""({_EVERY}) t left join campaign c on c.id = t.campaign_id
        left join selection s on s.campaign_id = t.campaign_id and s.profile_id = t.profile_id
        left join profile p on p.id = t.profile_id left join profile q on q.id = t.recipient_id
        left join member m on m.profile_id = t.profile_id and m.person_id = t.recipient_id""",
    "t.what || t.id",
    (
        Check(
            "unchosen",
            "t.campaign_id is not null and s.profile_id is null",
            "deliveries, digest items or refusals are for somebody whom their campaign did not choose",
        ),
        Check(
            "other_door",
            "s.door <> t.door",
            "deliveries, digest items or refusals come by another door than their selection",
        ),
        Check(
            "beyond_watermark",
            "s.rank > c.planned_rank",
            "deliveries, digest items or refusals are beyond what their campaign says it has planned",
        ),
        Check(
            "stranger",
            "t.recipient_id not in (0, t.profile_id) and m.person_id is null and p.id > 0 and q.id > 0",
            "deliveries, digest items or refusals are for somebody who was never a member of the firm",
        ),
    ),
)
RANKS = Group(
    """(select campaign_id, count(*) as n, max(rank) as top from selection group by campaign_id) t
       join campaign c on c.id = t.campaign_id and c.selected_at is not null""",
    "t.campaign_id",
    (Check("missing_selection", "t.n < t.top", "campaigns have fewer selections than ranks"),),
)
# A refusal just before the attempt is a state of the delivery, and no row of its own.
REFUSALS = Group(
    """refusal f join run r on r.id = f.run_id and r.kind = 'campaign'
       join delivery d on d.run_id = f.run_id and d.profile_id = f.profile_id""",
    "d.id",
    (Check("refused_and_planned", "true", "deliveries are to people whom the same run refused"),),
    where="f.recipient_id in (0, d.recipient_id)",
)
GATHERED = Group(
    """delivery_item i join delivery h on h.id = i.delivery_id join run r on r.campaign_id = i.campaign_id
       left join refusal f on f.run_id = r.id and f.profile_id = i.profile_id and f.recipient_id in (0, h.recipient_id)
       left join delivery d on d.run_id = r.id and d.profile_id = i.profile_id and d.recipient_id = h.recipient_id""",
    "h.id",
    (
        Check(
            "refused_and_gathered",
            "f.run_id is not null",
            "digests hold what the same person was refused",
        ),
        Check("planned_and_gathered", "d.id is not null", "digests hold what the same person is told at once"),
    ),
)
ITEMS = Group(
    """delivery_item i join delivery d on d.id = i.delivery_id left join run r on r.id = d.run_id
       left join campaign c on c.id = i.campaign_id""",
    "d.id",
    (
        Check(
            "odd_item",
            "d.policy_id is not null or r.kind not in ('digest', 'life')"
            " or (r.kind = 'digest') <> (i.campaign_id is not null) or c.policy_id <> i.policy_id",
            "deliveries hold items that belong in no such message, or are of another policy than their campaign",
        ),
    ),
)
_LEFT_US = words((*ACCEPTED, "sending", "unknown", "rejected"))
EMPTY = Group(
    "delivery d join run r on r.id = d.run_id and r.kind in ('digest', 'life')",
    "d.id",
    (Check("empty_digest", "true", "digests were sent with nothing in them"),),
    # One that was put back on a guess may be ended, and settled, after its items were refused.
    where=f"""d.state in {_LEFT_US} and not d.doubtful
         and not exists (select from delivery_item i where i.delivery_id = d.id)""",
)
CODED = Group(
    "refusal f",
    "'profile ' || f.profile_id",
    (Check("unknown_refusal", f"f.code not in {words(REFUSED)}", "refusals bear a code that there is not"),),
)
TWICE = Group(
    f"""(select run_id, min(id) as first, max(id) as last from delivery
         where step = 0 and state in {words(TOLD)} and (state <> 'unknown' or code is distinct from 'ended')
         group by run_id, recipient_id having count(*) > 1) t
        join run r on r.id = t.run_id and r.kind in ('campaign', 'life')""",
    "t.first || ' and ' || t.last",
    (Check("twice_in_run", "true", "people are told twice by one run"),),
)
_ARRIVED = words(set(TOLD) & set(ACCEPTED))
# Of one family and event, at the first step: by two runs, or by a run and a digest.
TOLD_TWICE = Group(
    f"""(
         with kind as (
            select r.id as run_id, c.id as campaign_id, dense_rank() over (order by c.family, c.event) as k
            from campaign c join run r on r.campaign_id = c.id
         ), left_us as (
            select d.id, d.recipient_id, kind.k from delivery d join kind on kind.run_id = d.run_id
            where d.step = 0 and d.state in {_ARRIVED}
            union all
            select d.id, d.recipient_id, kind.k from delivery_item i join delivery d on d.id = i.delivery_id
            join kind on kind.campaign_id = i.campaign_id where d.step = 0 and d.state in {_ARRIVED}
         )
         select min(id) as first, max(id) as last from left_us group by recipient_id, k having min(id) < max(id)) t""",
    "t.first || ' and ' || t.last",
    (Check("told_twice", "true", "people were told twice of one event"),),
)

FATES = (SELECTIONS, MEMBERS, CHOSEN, RANKS, REFUSALS, GATHERED, ITEMS, EMPTY, CODED, TWICE, TOLD_TWICE)
