"""The audit log: who did what to what. Rows are added and read, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from pushsvc.store.session import Connection
from pushsvc.store.tables import audit


def record(
    conn: Connection, *, at: datetime, actor: str, action: str, object: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Write down that `actor` did `action` to `object` ("campaign:7"); `detail` holds no personal data."""
    conn.execute(insert(audit).values(at=at, actor=actor, action=action, object=object, detail=dict(detail or {})))


def recent(conn: Connection, *, object: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The newest entries, of one object where given: {id, at, actor, action, object, detail}."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if object is not None:
        query = query.where(audit.c.object == object)
    return [dict(row) for row in conn.execute(query).mappings()]


def actors(conn: Connection, *, object: str, actions: Sequence[str]) -> list[str]:
    """Who did one of these to the object."""
    query = select(audit.c.actor).where(audit.c.object == object, audit.c.action.in_(actions)).distinct()
    return list(conn.execute(query).scalars())
