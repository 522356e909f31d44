"""Asking to join a firm: what a person asked, who may answer it, and the answer. Words are ciphertext."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.memberships import phone_mask
from pushsvc.store.session import Connection
from pushsvc.store.tables import join_request, member, profile

CODE_PLACE, WHY_PLACE, ANSWER_PLACE = "join_request:code", "join_request:why", "join_request:answer"


@dataclass(frozen=True)
class JoinRow:
    """One request as stored; code, why and answer are ciphertext."""

    id: int
    person_id: int
    profile_id: int | None
    lookup: bytes
    code: bytes
    why: bytes
    state: str
    role: str | None
    asked_at: datetime
    answered_at: datetime | None
    answer: bytes | None


@dataclass(frozen=True)
class Waiting:
    """One that waits: the request, and who asks as others see them (`name` is ciphertext)."""

    asked: JoinRow
    name: bytes | None
    mask: str


_FIELDS = tuple(join_request.c[name] for name in JoinRow.__dataclass_fields__)
_OPEN = join_request.c.state == "open"


def add_request(conn: Connection, row: dict[str, object]) -> int | None:
    """Keep what was asked; None where the same person already waits for the same firm."""
    new = upsert(join_request).values(row)
    new = new.on_conflict_do_nothing(index_elements=["person_id", "lookup"], index_where=_OPEN)
    number: int | None = conn.scalar(new.returning(join_request.c.id))
    return number


def requests_of(conn: Connection, person_id: int, *, limit: int = 20) -> list[JoinRow]:
    """What a person asked, the newest first."""
    query = select(*_FIELDS).where(join_request.c.person_id == person_id).order_by(join_request.c.id.desc())
    return [JoinRow(*row) for row in conn.execute(query.limit(limit))]


def count_open(conn: Connection, person_id: int) -> int:
    """How many requests of a person wait."""
    query = select(func.count()).select_from(join_request).where(join_request.c.person_id == person_id, _OPEN)
    return conn.scalar(query) or 0


def waiting_at(conn: Connection, firm_id: int, *, limit: int = 50) -> list[Waiting]:
    """Who asks to join this firm, the oldest first."""
    return _waiting(conn, _asking().where(join_request.c.profile_id == firm_id).limit(limit))


def waiting_at_office(conn: Connection, *, limit: int = 50) -> list[Waiting]:
    """Who waits for an operator: their firm has no admin, or we hold none with that code; the oldest first."""
    return _waiting(conn, _asking().where(_nobody_else()).limit(limit))


def count_at_office(conn: Connection) -> int:
    """How many wait for an operator."""
    query = select(func.count()).select_from(join_request).join(profile, profile.c.id == join_request.c.person_id)
    return conn.scalar(query.where(_OPEN, profile.c.erased_at.is_(None), _nobody_else())) or 0


def read_request(conn: Connection, number: int) -> JoinRow | None:
    """One request as it is now."""
    row = conn.execute(select(*_FIELDS).where(join_request.c.id == number)).first()
    return None if row is None else JoinRow(*row)


def lock_request(conn: Connection, number: int, **owner: int) -> JoinRow | None:
    """One request (of that `person_id` or `profile_id`), held to the end of the transaction."""
    query = select(*_FIELDS).where(join_request.c.id == number)
    for name, value in owner.items():
        query = query.where(join_request.c[name] == value)
    row = conn.execute(query.with_for_update()).first()
    return None if row is None else JoinRow(*row)


def close_request(conn: Connection, number: int, **answer: object) -> None:
    """Write down what became of an open request."""
    conn.execute(update(join_request).where(join_request.c.id == number, _OPEN).values(**answer))


def settle_open(conn: Connection, person_id: int, firm_id: int, **answer: object) -> None:
    """Close what the person asked of this firm: it was settled elsewhere."""
    mine = (join_request.c.person_id == person_id, join_request.c.profile_id == firm_id, _OPEN)
    conn.execute(update(join_request).where(*mine).values(**answer))


def point_at(conn: Connection, number: int, firm_id: int) -> None:
    """The request is for this firm, which was not held when it was asked."""
    conn.execute(update(join_request).where(join_request.c.id == number).values(profile_id=firm_id))


def _asking() -> Select[Any]:
    query = select(*_FIELDS, profile.c.name.label("who"), phone_mask(join_request.c.person_id).label("mask"))
    query = query.join(profile, profile.c.id == join_request.c.person_id).where(_OPEN, profile.c.erased_at.is_(None))
    return query.order_by(join_request.c.id)


def _nobody_else() -> Any:
    admin = (member.c.profile_id == join_request.c.profile_id, member.c.role == "admin", member.c.left_at.is_(None))
    return or_(join_request.c.profile_id.is_(None), ~exists().where(*admin))


def _waiting(conn: Connection, query: Select[Any]) -> list[Waiting]:
    n = len(_FIELDS)
    return [Waiting(JoinRow(*row[:n]), row[n], row[n + 1]) for row in conn.execute(query)]
