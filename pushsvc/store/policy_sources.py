"""Where a policy's text came from: every copy that was sent, with its header as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy_source


@dataclass(frozen=True)
class Source:
    """One copy: the file and line it stood in, its host and address, SHA-256 of it, its header, unknown fields."""

    origin: str
    line: int
    host: str | None
    url: str | None
    checksum: str
    header: Mapping[str, Any]
    extra: Mapping[str, Any]
    imported_at: datetime


_NAMES = tuple(Source.__dataclass_fields__)


def put_source(conn: Connection, policy_id: int, source: Source) -> None:
    """Remember a copy; the same one from the same file is remembered once, as it first came."""
    statement = insert(policy_source).values(policy_id=policy_id, **vars(source))
    conn.execute(statement.on_conflict_do_nothing(index_elements=["policy_id", "origin", "checksum"]))


def sources_of(conn: Connection, policy_id: int) -> list[Source]:
    """Every copy of a policy, the first one first."""
    query = select(*(policy_source.c[name] for name in _NAMES)).where(policy_source.c.policy_id == policy_id)
    return [Source(*row) for row in conn.execute(query.order_by(policy_source.c.id))]
