"""Questions of the ledger about attempts: what the provider answered is what became of the members."""

from __future__ import annotations

from pushsvc.store.ledger_questions import Check, Group, words

# An outcome bears the mark of where it comes from: what has none of these was the provider's answer to the attempt.
_NOT_ACCEPTED_BY_IT = words(("settled_by_query",))
_NOT_UNKNOWN_BY_IT = words(("lease_lapsed", "ended"))
_MEMBERS = f"""
    select d.attempt_id, count(*) as n, count(d.accepted_at) as shown,
        count(d.accepted_at) filter (where not d.doubtful) as took,
        count(*) filter (where d.state = 'accepted' and coalesce(d.code, '') not in {_NOT_ACCEPTED_BY_IT}) as accepted,
        count(*) filter (where d.state = 'rejected' and not d.doubtful and q.wire_key is null
            and coalesce(d.code, '') <> 'settled_by_query' and not starts_with(coalesce(d.code, ''), 'gave_up:')
        ) as rejected,
        count(*) filter (where d.state = 'unknown' and coalesce(d.code, '') not in {_NOT_UNKNOWN_BY_IT}) as unknown
    from delivery d left join (
        select distinct wire_key from receipt where status = 'rejected' and matched_at is not null
    ) q using (wire_key)
    where d.attempt_id is not null group by d.attempt_id
"""
# Attempts from before counts were kept have no route, and nothing to compare.
_COUNTED = "a.route <> ''"
_FINISHED = f"a.finished_at is not null and {_COUNTED}"
# While the lease runs nobody takes a member away. An answer that came so late that it may have lapsed finds members
# with other attempts, and says nothing of them.
_IN_TIME = f"a.finished_at between a.started_at and a.expires_at and {_COUNTED}"

ATTEMPTS = (
    Group(
        f"""attempt a left join ({_MEMBERS}) m on m.attempt_id = a.id left join slice s on s.id = a.slice_id
            left join run r on r.id = s.run_id
            left join (select distinct object from audit where action = 'campaign.retry') again
                on again.object = 'campaign:' || r.campaign_id""",
        "a.id",
        (
            Check(
                "uneven_attempt",
                f"{_FINISHED} and a.accepted + a.rejected + a.deferred + a.unknown <> a.members"
                f" or {_COUNTED} and a.finished_at is null and a.accepted + a.deferred + a.unknown > 0",
                "attempts do not account for each of their members, or do so before their end",
            ),
            Check("crowded_attempt", "m.n > a.members", "attempts have more deliveries than they had members"),
            Check(
                "overpaid_attempt",
                f"{_FINISHED} and m.took > a.accepted + a.unknown",
                "attempts have more accepted deliveries than the provider took",
            ),
            Check(
                "underpaid_attempt",
                f"{_IN_TIME} and coalesce(m.shown, 0) < a.accepted",
                "attempts have fewer accepted deliveries than the provider took",
            ),
            Check(
                "missing_member",
                # What was deferred or unknown may have been tried again since, and so may, by a person, the rejected.
                f"{_IN_TIME} and coalesce(m.shown, 0) >= a.accepted and again.object is null"
                " and coalesce(m.n, 0) < a.accepted + a.rejected",
                "attempts have fewer deliveries than were accepted and rejected",
            ),
            Check(
                "unanswered_outcome",
                f"{_COUNTED} and m.took <= a.accepted + a.unknown"
                " and (m.accepted > a.accepted or m.rejected > a.rejected or m.unknown > a.unknown"
                " or a.finished_at is null and m.accepted + m.unknown > 0)",
                "attempts have deliveries with an outcome that no answer gave them",
            ),
        ),
    ),
)
