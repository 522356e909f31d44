"""Life events: what happened to a person or a firm, each answered once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import life_event, profile

__all__ = ["LifeEvent", "add_life_events", "mark_answered", "put_back", "unanswered"]
_PIECE = 2000  # events written in one statement, which takes 65,535 parameters at most


@dataclass(frozen=True)
class LifeEvent:
    """Something that happened: birth, move, incorporation; `key` tells two of one kind apart. `tries`: answers that
    went wrong."""

    profile_id: int
    kind: str
    key: str
    at: datetime
    id: int = 0  # 0 until stored
    tries: int = 0


def add_life_events(conn: Connection, events: Sequence[LifeEvent]) -> int:
    """Store what is not yet there; returns how many were new."""
    new = 0
    for first in range(0, len(events), _PIECE):
        some = events[first : first + _PIECE]
        values = [{"profile_id": e.profile_id, "kind": e.kind, "key": e.key, "at": e.at} for e in some]
        made = upsert(life_event).values(values).on_conflict_do_nothing().returning(life_event.c.id)
        new += len(conn.execute(made).all())
    return new


def unanswered(conn: Connection, now: datetime, *, limit: int) -> list[LifeEvent]:
    """The oldest events without an answer, of profiles that are not erased; after them those whose answer went wrong
    and that are due again, the fewest times first."""
    e = life_event.c
    query = select(e.profile_id, e.kind, e.key, e.at, e.id, e.tries).join(profile, profile.c.id == e.profile_id)
    query = query.where(e.answered_at.is_(None), profile.c.erased_at.is_(None))
    query = query.where(or_(e.again_at.is_(None), e.again_at <= now)).order_by(e.tries, e.id)
    return [LifeEvent(*row) for row in conn.execute(query.limit(limit))]


def put_back(conn: Connection, event: LifeEvent, again_at: datetime) -> None:
    """Its answer went wrong: it waits until then, and then behind those that went wrong less often."""
    mine = life_event.c.id == event.id, life_event.c.answered_at.is_(None)
    conn.execute(update(life_event).where(*mine).values(tries=event.tries + 1, again_at=again_at))


def mark_answered(conn: Connection, event_id: int, at: datetime) -> None:
    """Remember that the event has its answer (perhaps that nothing fits)."""
    conn.execute(update(life_event).where(life_event.c.id == event_id).values(answered_at=at))
