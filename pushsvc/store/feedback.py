"""What one person says or does with one policy: added, and taken back where they take it back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import feedback


def add_feedback(
    conn: Connection, profile_id: int, policy_id: int, *, kind: str, at: datetime, delivery_id: int | None = None
) -> None:
    """Add one; saying the same again adds nothing."""
    same = (feedback.c.profile_id == profile_id, feedback.c.policy_id == policy_id, feedback.c.kind == kind)
    if conn.scalar(select(feedback.c.id).where(*same).limit(1)) is None:
        row = {"profile_id": profile_id, "policy_id": policy_id, "kind": kind, "at": at, "delivery_id": delivery_id}
        conn.execute(upsert(feedback).values(**row).on_conflict_do_nothing())


def remove_feedback(conn: Connection, profile_id: int, policy_id: int, kind: str) -> None:
    """Take back what the person said of this kind."""
    same = (feedback.c.profile_id == profile_id, feedback.c.policy_id == policy_id, feedback.c.kind == kind)
    conn.execute(delete(feedback).where(*same))
