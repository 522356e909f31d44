"""Life events: what happened to a person or a firm, each answered once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import life_event, profile

__all__ = ["LifeEvent", "add_life_events", "mark_answered", "unanswered"]


@dataclass(frozen=True)
class LifeEvent:
    """Something that happened: birth, move, incorporation; `key` tells two of one kind apart."""

    profile_id: int
    kind: str
    key: str
    at: datetime
    id: int = 0  # 0 until stored


def add_life_events(conn: Connection, events: Sequence[LifeEvent]) -> int:
    """Store what is not yet there; returns how many were new."""
    if not events:
        return 0
    values = [{"profile_id": e.profile_id, "kind": e.kind, "key": e.key, "at": e.at} for e in events]
    statement = upsert(life_event).values(values).on_conflict_do_nothing()
    return conn.execute(statement).rowcount


def unanswered(conn: Connection, *, limit: int = 1000) -> list[LifeEvent]:
    """The oldest events without an answer, of profiles that are not erased."""
    e = life_event.c
    query = select(e.profile_id, e.kind, e.key, e.at, e.id).join(profile, profile.c.id == e.profile_id)
    query = query.where(e.answered_at.is_(None), profile.c.erased_at.is_(None)).order_by(e.id).limit(limit)
    return [LifeEvent(*row) for row in conn.execute(query)]


def mark_answered(conn: Connection, event_id: int, at: datetime) -> None:
    """Remember that the event has its answer (perhaps that nothing fits)."""
    conn.execute(update(life_event).where(life_event.c.id == event_id).values(answered_at=at))
