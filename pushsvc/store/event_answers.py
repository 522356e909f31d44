"""Answers to events of policies: which events wait, who holds one, what went wrong and when it is tried again.

An event waits until it is answered (`handled_at`). One whose answer went wrong (`tries`) waits for `again_at`; where
that is null it is tried no more by itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from pushsvc.store.policy_events import PolicyEvent
from pushsvc.store.session import Connection
from pushsvc.store.tables import policy, policy_event

_OPEN = policy_event.c.handled_at.is_(None)
_FAILED = and_(_OPEN, policy_event.c.tries > 0)
_GIVEN_UP = and_(_FAILED, policy_event.c.again_at.is_(None))


def unanswered(conn: Connection, now: datetime, limit: int) -> list[int]:
    """Events that wait for their campaign, oldest first; after them those whose answer went wrong and that are due
    again, the fewest times first."""
    query = select(policy_event.c.id).where(_due(now)).order_by(policy_event.c.tries, policy_event.c.id)
    return list(conn.execute(query.limit(limit)).scalars())


def hold(conn: Connection, event_id: int, now: datetime) -> PolicyEvent | None:
    """The event, held until the end of the transaction; None where it is answered, is not due, or another process
    holds it."""
    query = select(*(policy_event.c[name] for name in PolicyEvent.__dataclass_fields__))
    query = query.where(policy_event.c.id == event_id, _due(now)).with_for_update(skip_locked=True)
    row = conn.execute(query).first()
    return None if row is None else PolicyEvent(*row)


def finish(conn: Connection, event_id: int, campaign_id: int | None, at: datetime) -> None:
    """The event has its campaign, or needs none."""
    done = {"campaign_id": campaign_id, "handled_at": at, "again_at": None, "error_code": None, "error": None}
    _set(conn, event_id, done)


def tries_of(conn: Connection, event_id: int) -> int | None:
    """How often its answer went wrong, the event being held until the end of the transaction; None where it is
    answered, or where there is no such event."""
    query = select(policy_event.c.tries).where(policy_event.c.id == event_id, _OPEN)
    return conn.execute(query.with_for_update()).scalar()


def set_failure(conn: Connection, event_id: int, tries: int, again_at: datetime | None, error: tuple[str, str]) -> None:
    """Its answer went wrong so many times, last by this error (code and sentence); it is due again then, or never."""
    code, sentence = error
    _set(conn, event_id, {"tries": tries, "again_at": again_at, "error_code": code, "error": sentence})


def start_anew(conn: Connection, event_id: int) -> None:
    """It waits as if nothing had gone wrong."""
    _set(conn, event_id, {"tries": 0, "again_at": None, "error_code": None, "error": None})


def exists(conn: Connection, event_id: int) -> bool:
    """Whether there is such an event, answered or not."""
    return conn.scalar(select(policy_event.c.id).where(policy_event.c.id == event_id)) is not None


def troubled(conn: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """Events whose answer went wrong, those given up first, then the oldest: {id, policy, title, kind, key, tries,
    again_at, code, error}."""
    named = "id", "kind", "key", "tries", "again_at", "error"
    query = select(*(policy_event.c[name] for name in named), policy_event.c.error_code.label("code"))
    query = query.add_columns(policy.c.ref.label("policy"), policy.c.title)
    query = query.join(policy, policy.c.id == policy_event.c.policy_id).where(_FAILED)
    query = query.order_by(policy_event.c.again_at.isnot(None), policy_event.c.id)
    return [dict(row) for row in conn.execute(query.limit(limit)).mappings()]


def count_troubled(conn: Connection) -> tuple[int, int]:
    """How many events wait for another try, and how many were given up."""
    given_up = func.count().filter(_GIVEN_UP)
    row = conn.execute(select(func.count() - given_up, given_up).select_from(policy_event).where(_FAILED)).one()
    return int(row[0]), int(row[1])


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(_OPEN, or_(policy_event.c.tries == 0, policy_event.c.again_at <= now))


def _set(conn: Connection, event_id: int, values: dict[str, Any]) -> None:
    conn.execute(update(policy_event).where(policy_event.c.id == event_id).values(values))
