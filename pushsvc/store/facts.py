"""What is held of one profile, row by row with source and date; and one fact written anew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from profiles.facts import YEARLY
from pushsvc.store.frames import FACTS
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class YearFact:
    """One fact of one calendar year."""

    fact: str
    year: int
    value: float
    source: str
    as_of: date | None


@dataclass(frozen=True)
class CertificateRow:
    """One certificate with its dates; `valid_until` None: it does not lapse."""

    key: str
    valid_from: date
    valid_until: date | None
    source: str
    as_of: date


@dataclass(frozen=True)
class NotHeld:
    """A value that a source said and that is not held; `why`: older, lower_rank or corrected."""

    fact: str
    year: int | None
    value: str | None
    source: str
    as_of: date
    why: str


@dataclass(frozen=True)
class SensitiveRow:
    """A sensitive fact; `cipher` opens with `frames.sensitive_place(fact)`."""

    fact: str
    cipher: bytes
    source: str
    as_of: date


def yearly_of(conn: Connection, profile_id: int) -> list[YearFact]:
    """The yearly facts, newest year first, in the order of YEARLY."""
    query = text(
        f"select year, sources, {', '.join(YEARLY)} from yearly_fact where profile_id = :id order by year desc"
    )
    found = []
    for year, sources, *values in conn.execute(query, {"id": profile_id}):
        for fact, value in zip(YEARLY, values, strict=True):
            if value is not None:
                source, day = (sources.get(fact) or ("", ""))[:2]
                found.append(YearFact(fact, year, value, source, date.fromisoformat(day) if day else None))
    return found


def certificates_of(conn: Connection, profile_id: int) -> list[CertificateRow]:
    """The certificates, by key, the newest first."""
    query = text("""
        select key, valid_from, valid_until, source, as_of from qualification where profile_id = :id
        order by key, valid_from desc
    """)
    return [CertificateRow(*row) for row in conn.execute(query, {"id": profile_id})]


def not_held(conn: Connection, profile_id: int, *, limit: int = 50) -> list[NotHeld]:
    """What else was said of the profile, the newest first."""
    query = text("""
        select fact, year, value, source, as_of, why from fact_history where profile_id = :id
        order by id desc limit :limit
    """)
    return [NotHeld(*row) for row in conn.execute(query, {"id": profile_id, "limit": limit})]


def sensitive_of(conn: Connection, profile_id: int) -> list[SensitiveRow]:
    """The sensitive facts, as ciphertext."""
    query = text("select fact, value, source, as_of from sensitive_fact where profile_id = :id order by fact")
    return [SensitiveRow(row[0], bytes(row[1]), row[2], row[3]) for row in conn.execute(query, {"id": profile_id})]


def agrees_to_sensitive(conn: Connection, profile_id: int) -> bool:
    """Whether the newest word on sensitive facts is a consent; the same question `load_frame` asks."""
    query = text("select given from consent where profile_id = :id and purpose = 'sensitive' order by id desc limit 1")
    return bool(conn.execute(query, {"id": profile_id}).scalar())


def lists_of(conn: Connection, profile_id: int) -> dict[str, list[str] | None]:
    """Objectives and benefits; None where nobody told."""
    query = text("select objectives, benefits from profile where id = :id")
    row = conn.execute(query, {"id": profile_id}).one()
    return {"objectives": row.objectives, "benefits": row.benefits}


def write_fact(
    conn: Connection, profile_id: int, fact: str, value: object, said: tuple[str, date], at: datetime
) -> None:
    """Hold this value of a stored fact; `said` is (source, date)."""
    assert fact in FACTS
    statement = text(f"""
        update profile set {fact} = :value, updated_at = :at,
            sources = sources || jsonb_build_object(cast(:fact as text), cast(:said as jsonb)) where id = :id
    """)
    conn.execute(statement, {"id": profile_id, "fact": fact, "value": value, "said": _said(said), "at": at})


def write_yearly(
    conn: Connection, profile_id: int, fact: str, value: object, year: int, said: tuple[str, date]
) -> None:
    """Hold this value of a yearly fact."""
    assert fact in YEARLY
    statement = text(f"""
        insert into yearly_fact as y (profile_id, year, {fact}, sources)
        values (:id, :year, :value, jsonb_build_object(cast(:fact as text), cast(:said as jsonb)))
        on conflict (profile_id, year) do update
        set {fact} = excluded.{fact}, sources = y.sources || excluded.sources
    """)
    conn.execute(statement, {"id": profile_id, "year": year, "value": value, "fact": fact, "said": _said(said)})


def write_sensitive(conn: Connection, profile_id: int, fact: str, cipher: bytes, said: tuple[str, date]) -> None:
    """Hold this ciphertext of a sensitive fact."""
    statement = text("""
        insert into sensitive_fact (profile_id, fact, value, source, as_of) values (:id, :fact, :value, :source, :as_of)
        on conflict (profile_id, fact) do update
        set value = excluded.value, source = excluded.source, as_of = excluded.as_of
    """)
    values = {"id": profile_id, "fact": fact, "value": cipher, "source": said[0], "as_of": said[1]}
    conn.execute(statement, values)


def keep_old(conn: Connection, profile_id: int, old: NotHeld, at: datetime) -> None:
    """Keep a value that is no longer held, with the reason."""
    statement = text("""
        insert into fact_history (profile_id, fact, year, value, source, as_of, why, recorded_at)
        values (:id, :fact, :year, :value, :source, :as_of, :why, :at)
    """)
    conn.execute(statement, {"id": profile_id, "at": at, **old.__dict__})


def _said(said: tuple[str, date]) -> str:
    return json.dumps([said[0], said[1].isoformat()])
