"""Who somebody is at an issuer outside: a host app, an identity provider. Subjects are kept as keyed hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import outside_identity as table
from pushsvc.store.tables import profile


@dataclass(frozen=True)
class Linked:
    """An account elsewhere by which the person can sign in."""

    id: int
    issuer: str
    linked_at: datetime


def person_of(conn: Connection, issuer: str, subject: bytes) -> int | None:
    """The living person whom this subject was linked to."""
    found = select(table.c.person_id).join(profile, profile.c.id == table.c.person_id)
    mine = found.where(table.c.issuer == issuer, table.c.subject == subject, profile.c.erased_at.is_(None))
    return conn.scalar(mine)


def link(conn: Connection, place: tuple[str, bytes], person_id: int, *, how: str, now: datetime) -> bool:
    """Let (issuer, subject) be this person; False where it is somebody already."""
    row = {"issuer": place[0], "subject": place[1], "person_id": person_id, "how": how, "linked_at": now}
    made = upsert(table).values(row).on_conflict_do_nothing().returning(table.c.id)
    return conn.scalar(made) is not None


def unlink(conn: Connection, person_id: int, number: int) -> bool:
    """Part one of the person's own links; False where they have none of this number."""
    return conn.execute(delete(table).where(table.c.id == number, table.c.person_id == person_id)).rowcount > 0


def exists(conn: Connection, number: int) -> bool:
    """Whether there is a link of this number."""
    return conn.scalar(select(table.c.id).where(table.c.id == number)) is not None


def of_person(conn: Connection, person_id: int) -> list[Linked]:
    """The person's accounts elsewhere, oldest first."""
    rows = select(table.c.id, table.c.issuer, table.c.linked_at).where(table.c.person_id == person_id)
    return [Linked(*row) for row in conn.execute(rows.order_by(table.c.id))]
