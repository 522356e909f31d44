"""Everything held about one person, for the person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from pushsvc.store.session import Connection

# Each is a list of rows in the export; ciphertext is opened by the caller, who holds the keys.
_PARTS = {
    "addresses": """
        select a.channel, a.cipher, a.mask, a.verified_at from profile_address pa join address a on a.id = pa.address_id
        where pa.profile_id = :id order by a.channel, a.id""",
    "fact_history": """
        select fact, year, value, source, as_of, why, recorded_at from fact_history where profile_id = :id
        order by id""",
    "dependants": """
        select ref, relation, birth_date, household_region, source, as_of, used from dependant
        where profile_id = :id order by ref""",
    "deleted_facts": """
        select fact, nullif(year, 0) as year, on_day from deleted_fact where profile_id = :id order by 1, 2""",
    "memberships": """
        select p.ref as organisation, m.role, m.wants, m.left_at from member m join profile p on p.id = m.profile_id
        where m.person_id = :id order by p.ref""",
    "leave_given": """
        select scopes, wording, granted_at, accepted_at, expires_at, ended_at from proxy where profile_id = :id
        order by id""",
    "done_by_leave": """
        select a.at, a.action from proxy_act a join proxy x on x.id = a.proxy_id where x.profile_id = :id
        order by a.id""",
    "leave_held": """
        select scopes, granted_at, accepted_at, expires_at, ended_at from proxy where person_id = :id order by id""",
    "interactions": """
        select p.ref as policy, f.kind, f.reason, f.at from feedback f join policy p on p.id = f.policy_id
        where f.profile_id = :id order by f.id""",
    "found_useful": """
        select p.ref as policy, u.useful, u.at from usefulness u join policy p on p.id = u.policy_id
        where u.profile_id = :id order by u.at, p.ref""",
    "devices": """
        select platform, created_at, last_seen_at, dropped_at, drop_reason from device where recipient_id = :id
        order by id""",
    "signed_in": """
        select device, how, began_at, seen_at, ends_at from resident_session where person_id = :id order by id""",
    "accounts_elsewhere": "select issuer, how, linked_at from identity where person_id = :id order by id",
    "tickets": """
        select issued_by, issued_at, expires_at, used_at from sign_in_ticket where person_id = :id
        order by issued_at""",
    "deleted_tags": "select tag, at, undone_at from refused_tag where profile_id = :id order by id",
    "messages": """
        select d.channel, d.door, d.state, p.ref as policy, d.planned_at, d.accepted_at
        from delivery d left join policy p on p.id = d.policy_id where d.recipient_id = :id order by d.id""",
    # By way of the campaigns: that is what is indexed.
    "chosen_for": """
        select p.ref as policy, s.door, s.score, s.why, c.selected_at from campaign c
        join selection s on s.campaign_id = c.id and s.profile_id = :id join policy p on p.id = c.policy_id
        order by c.id""",
    "life_events": "select kind, key, at, answered_at from life_event where profile_id = :id order by id",
}


def read_export(conn: Connection, profile_id: int) -> dict[str, list[dict[str, Any]]]:
    """Rows by part of the export."""
    found = {}
    for name, query in _PARTS.items():
        found[name] = [dict(row) for row in conn.execute(text(query), {"id": profile_id}).mappings()]
    return found
