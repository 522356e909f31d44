"""What one person says or does with one policy: added, and taken back where they take it back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import feedback, usefulness


def add_feedback(
    conn: Connection, profile_id: int, policy_id: int, *, kind: str, at: datetime, delivery_id: int | None = None
) -> None:
    """Add one; saying the same again adds nothing."""
    if conn.scalar(select(feedback.c.id).where(*_same(profile_id, policy_id, kind)).limit(1)) is None:
        row = {"profile_id": profile_id, "policy_id": policy_id, "kind": kind, "at": at, "delivery_id": delivery_id}
        conn.execute(upsert(feedback).values(**row).on_conflict_do_nothing())


def give_reason(conn: Connection, profile_id: int, policy_id: int, kind: str, reason: str) -> None:
    """Why they did it, in their last word."""
    conn.execute(update(feedback).where(*_same(profile_id, policy_id, kind)).values(reason=reason))


def remove_feedback(conn: Connection, profile_id: int, policy_id: int, kind: str) -> None:
    """Take back what the person said of this kind."""
    conn.execute(delete(feedback).where(*_same(profile_id, policy_id, kind)))


def reasons_of(conn: Connection, profile_id: int) -> dict[int, str]:
    """Why the profile dismissed policies, as far as it said so, by policy."""
    query = select(feedback.c.policy_id, feedback.c.reason).where(
        feedback.c.profile_id == profile_id, feedback.c.kind == "dismissed", feedback.c.reason.is_not(None)
    )
    return {row.policy_id: row.reason for row in conn.execute(query)}


def find_useful(conn: Connection, profile_id: int, policy_id: int, *, useful: bool, at: datetime) -> None:
    """Whether this person found a policy's page useful: the last word counts."""
    row = upsert(usefulness).values(profile_id=profile_id, policy_id=policy_id, useful=useful, at=at)
    keys = ["profile_id", "policy_id"]
    conn.execute(row.on_conflict_do_update(index_elements=keys, set_={"useful": useful, "at": at}))


def found_useful(conn: Connection, profile_id: int, policy_id: int) -> bool | None:
    """What this person said of it; None where they said nothing."""
    same = (usefulness.c.profile_id == profile_id, usefulness.c.policy_id == policy_id)
    return conn.scalar(select(usefulness.c.useful).where(*same))


def _same(profile_id: int, policy_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
    return (feedback.c.profile_id == profile_id, feedback.c.policy_id == policy_id, feedback.c.kind == kind)
