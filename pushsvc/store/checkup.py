"""What a check-up asks of policies: their sums, and which of them are not granted beside which."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy


def sums_of(conn: Connection, policy_ids: Sequence[int]) -> dict[int, float | None]:
    """Policy → its amount in 万元, None where its text names none."""
    rows = conn.execute(select(policy.c.id, policy.c.amount_wan).where(policy.c.id.in_(list(policy_ids))))
    return {row.id: row.amount_wan for row in rows}


_EXCLUDED = text("""
    select distinct s.family, t.family from policy_link l join policy s on s.id = l.policy_id
    join policy t on t.id = l.target_id
    where l.relation = 'excludes' and s.state = 'published' and s.family <> t.family
        and (s.valid_to is null or s.valid_to >= :on) and s.family = any(:families) and t.family = any(:families)
    order by 1, 2
""")


def exclusive_families(conn: Connection, families: Sequence[str], on: object) -> list[tuple[str, str]]:
    """(family, other) among these families where a text of the one, in force, is not granted beside the other."""
    rows = conn.execute(_EXCLUDED, {"families": sorted(set(families)), "on": on})
    return [(row[0], row[1]) for row in rows]
