"""Steps of one deadline: which is the latest, and the campaigns of earlier ones that have not started."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from pushsvc.store.policy_events import PolicyEvent
from pushsvc.store.session import Connection

# Events of the same close by how many days were left, which is what each of them says.
_SAME = """
    e.policy_id = :policy and e.kind = 'deadline' and e.detail ->> 'closes' = :closes
    and (e.detail ->> 'days')::int
"""
_LATER = text(f"select exists (select from policy_event e where {_SAME} < :days)")
_UNSTARTED = text(f"""
    select c.id from campaign c join policy_event e on c.detail ->> 'event_id' = e.id::text
    where c.policy_id = :policy and c.state = any(:states) and {_SAME} > :days order by c.id
""")


def is_overtaken(conn: Connection, event: PolicyEvent) -> bool:
    """Whether a later step of the same close is written: what this one would say is old."""
    return bool(conn.execute(_LATER, _of(event)).scalar())


def overtaken(conn: Connection, event: PolicyEvent, states: Collection[str]) -> list[int]:
    """Campaigns in these states that earlier steps of the same close drafted."""
    return list(conn.execute(_UNSTARTED, _of(event) | {"states": list(states)}).scalars())


def _of(event: PolicyEvent) -> dict[str, object]:
    return {"policy": event.policy_id, "closes": event.detail["closes"], "days": event.detail["days"]}
