"""The chain of the audit log as it lies there, and the seals that the service put on it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from pushsvc.store.session import Connection
from pushsvc.store.tables import audit, audit_link, audit_seal

_AT_ONCE = 10_000
_LINKS = text("""
    select l.n, l.audit_id, l.hash, audit_words(a) as words
    from audit_link l left join audit a on a.id = l.audit_id order by l.n
""")


@dataclass(frozen=True)
class Link:
    """One link: `words` is the entry as it stands now, None where it is gone."""

    n: int
    audit_id: int
    hash: bytes
    words: str | None


@dataclass(frozen=True)
class Seal:
    """The mark on link `n`."""

    n: int
    at: datetime
    mac: bytes


def links(conn: Connection) -> Generator[Link, None, None]:
    """All of them, in the order in which their entries were committed; to be closed where not all are read."""
    with conn.execution_options(yield_per=_AT_ONCE).execute(_LINKS) as rows:
        for row in rows:
            yield Link(row.n, row.audit_id, bytes(row.hash), row.words)


def seals(conn: Connection) -> list[Seal]:
    """All of them, the first first."""
    rows = conn.execute(select(audit_seal.c.n, audit_seal.c.at, audit_seal.c.mac).order_by(audit_seal.c.n))
    return [Seal(n, at, bytes(mac)) for n, at, mac in rows]


def head(conn: Connection) -> tuple[int, bytes] | None:
    """The newest link that is not sealed yet: its number and hash."""
    sealed = select(func.coalesce(func.max(audit_seal.c.n), 0)).scalar_subquery()
    newest = select(audit_link.c.n, audit_link.c.hash).where(audit_link.c.n > sealed)
    row = conn.execute(newest.order_by(audit_link.c.n.desc()).limit(1)).first()
    return None if row is None else (row.n, bytes(row.hash))


def put_seal(conn: Connection, seal: Seal) -> None:
    """Add a seal; where another process was first, its one stands."""
    row = insert(audit_seal).values(n=seal.n, at=seal.at, mac=seal.mac)
    conn.execute(row.on_conflict_do_nothing())


def unlinked(conn: Connection) -> int:
    """How many entries no link names."""
    linked = select(audit_link.c.audit_id).where(audit_link.c.audit_id == audit.c.id).exists()
    return conn.scalar(select(func.count()).select_from(audit).where(~linked)) or 0
