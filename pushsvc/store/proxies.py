"""Leave to act for another: who has it now, how far it goes, and what was done by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from pushsvc.store.session import Connection
from pushsvc.store.tables import profile, proxy, proxy_act


@dataclass(frozen=True)
class Leave:
    """`profile_id` (of `kind`) lets somebody act for them as far as `scopes` goes."""

    id: int
    profile_id: int
    kind: str
    scopes: frozenset[str]


def live_leave(conn: Connection, person_id: int, profile_id: int, now: datetime) -> Leave | None:
    """The leave by which this person may act for that one now; None where there is none, or it lapsed or was ended."""
    row = conn.execute(
        select(proxy.c.id, proxy.c.profile_id, profile.c.kind, proxy.c.scopes)
        .join(profile, profile.c.id == proxy.c.profile_id)
        .where(proxy.c.person_id == person_id, proxy.c.profile_id == profile_id, profile.c.erased_at.is_(None))
        .where(proxy.c.accepted_at.is_not(None), proxy.c.ended_at.is_(None), proxy.c.expires_at > now)
        .order_by(proxy.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Leave(row.id, row.profile_id, row.kind, frozenset(row.scopes))


def record_act(conn: Connection, proxy_id: int, action: str, at: datetime) -> None:
    """Add to the log of what was done by a leave."""
    conn.execute(insert(proxy_act).values(proxy_id=proxy_id, action=action, at=at))
