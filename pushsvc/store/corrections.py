"""Corrections that people ask for, and what an office answered. What a person wrote is ciphertext."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import correction, profile

CLAIM_PLACE, REASON_PLACE, ANSWER_PLACE = "correction:claimed", "correction:reason", "correction:answer"


@dataclass(frozen=True)
class CorrectionRow:
    """One correction as stored; claimed, reason and answer are ciphertext. `wish`: correct, or delete."""

    id: int
    profile_id: int
    fact: str
    year: int | None
    wish: str
    claimed: bytes
    reason: bytes
    state: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    answer: bytes | None


_QUERY = select(*(correction.c[name] for name in CorrectionRow.__dataclass_fields__))


def add_correction(conn: Connection, row: dict[str, object]) -> int:
    """Keep what was asked; its number."""
    return int(conn.execute(insert(correction).values(row).returning(correction.c.id)).scalar_one())


def corrections_of(conn: Connection, profile_id: int, *, limit: int = 50) -> list[CorrectionRow]:
    """What was asked for one profile, the newest first."""
    query = _QUERY.where(correction.c.profile_id == profile_id).order_by(correction.c.id.desc()).limit(limit)
    return _rows(conn, query)


def open_corrections(conn: Connection, *, limit: int = 50) -> list[CorrectionRow]:
    """Those that wait for an answer, the oldest first; of nobody who was erased."""
    query = _waiting(_QUERY).order_by(correction.c.id).limit(limit)
    return _rows(conn, query)


def count_open(conn: Connection) -> int:
    """How many wait for an answer."""
    return conn.scalar(_waiting(select(func.count()).select_from(correction))) or 0


def profile_of(conn: Connection, number: int) -> int | None:
    """Whose correction this is."""
    return conn.scalar(select(correction.c.profile_id).where(correction.c.id == number))


def lock_correction(conn: Connection, number: int) -> CorrectionRow | None:
    """One correction, held until the end of the transaction."""
    found = _rows(conn, _QUERY.where(correction.c.id == number).with_for_update())
    return found[0] if found else None


def close_correction(conn: Connection, number: int, *, state: str, answer: bytes | None, by: str, at: datetime) -> None:
    """Write the answer down."""
    values = {"state": state, "answer": answer, "answered_by": by, "answered_at": at}
    conn.execute(update(correction).where(correction.c.id == number, correction.c.state == "open").values(values))


def _waiting(query: Select[Any]) -> Select[Any]:
    query = query.join(profile, profile.c.id == correction.c.profile_id)
    return query.where(profile.c.erased_at.is_(None), correction.c.state == "open")


def _rows(conn: Connection, query: Select[Any]) -> list[CorrectionRow]:
    return [CorrectionRow(**row) for row in conn.execute(query).mappings()]
