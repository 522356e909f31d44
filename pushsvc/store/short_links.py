"""Short links of messages: a code that leads to a policy."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import short_link


def put_short_link(conn: Connection, code: str, policy_id: int, now: datetime) -> None:
    """Let `/s/<code>` lead to a policy; again is harmless."""
    conn.execute(upsert(short_link).values(code=code, policy_id=policy_id, created_at=now).on_conflict_do_nothing())


def policy_of_code(conn: Connection, code: str) -> int | None:
    """Where a short link leads."""
    return conn.scalar(select(short_link.c.policy_id).where(short_link.c.code == code))
