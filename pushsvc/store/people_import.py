"""Writing many profiles at once, as columns: new ones by COPY, what changes by one statement a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.dialects.postgresql.base import PGDialect

from pushsvc.store.bulk import copy_columns, new_numbers, stage, stage_columns, words_literal
from pushsvc.store.frames import FACTS
from pushsvc.store.session import Connection
from pushsvc.store.tables import profile

if TYPE_CHECKING:
    import pyarrow as pa

SHARDS = 64
TOLD_LISTS = ("objectives", "benefits")
MERGED = (*FACTS, *TOLD_LISTS)  # what is held by source and date
_DIALECT = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_KEPT = ("name", "locale", "zone", "guardian_id", "interests", *MERGED)  # NULL in the staged row: as it is held
_SHAPE = {name: profile.c[name].type.compile(_DIALECT) for name in ("id", "sources", "checksum", *_KEPT)}


@dataclass(frozen=True)
class Standing:
    """A profile as an import meets it, locked. `sources` {fact: [source, ISO date]}."""

    id: int
    ref: str
    kind: str
    checksum: bytes | None
    erased: bool
    interests: Sequence[str]
    sources: Mapping[str, Sequence[str]]


_STANDING = text("""
    select id, ref, kind, checksum, erased_at is not null, interests, sources from profile
    where ref = any(cast(:refs as text[])) order by id for no key update
""")
_CHECKSUMS = text("select ref, checksum from profile where ref = any(cast(:refs as text[])) and checksum is not null")
_SHARDS = text("""
    select string_agg((abs(hashtext(ref)) % :shards)::text, ',' order by place)
    from unnest(cast(:refs as text[])) with ordinality as g(ref, place)
""")


def checksums(conn: Connection, refs: Sequence[str]) -> dict[str, bytes]:
    """What the last record of each of these profiles came to."""
    return {ref: bytes(total) for ref, total in conn.execute(_CHECKSUMS, {"refs": words_literal(refs)}).all()}


def lock_standing(conn: Connection, refs: Sequence[str]) -> dict[str, Standing]:
    """Those of these profiles that exist, held until the end of the transaction, always locked in one order.

    Others may go on to refer to them meanwhile: deliveries are written while a register is loaded.
    """
    return {row[1]: Standing(*row) for row in conn.execute(_STANDING, {"refs": words_literal(refs)}).all()}


def number_profiles(conn: Connection, refs: Sequence[str]) -> list[tuple[int, int]]:
    """(number, shard) for each new profile."""
    shards = str(conn.execute(_SHARDS, {"refs": words_literal(refs), "shards": SHARDS}).scalar_one())
    return list(zip(new_numbers(conn, "profile", len(refs)), map(int, shards.split(",")), strict=True))


def held_values(conn: Connection, ids: Sequence[int], names: Sequence[str]) -> dict[str, list[object]]:
    """What is held of these facts and told lists, by name, in the order of `ids`; None where nothing is."""
    assert set(names) <= set(MERGED)
    columns = ", ".join(f"p.{name}" for name in names)
    query = text(f"select {columns} from unnest(cast(:ids as bigint[])) with ordinality as g(id, place)"
                 " join profile p using (id) order by place")  # fmt: skip
    rows = conn.execute(query, {"ids": list(ids)}).all() if names else []
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def add_profiles(conn: Connection, columns: Mapping[str, pa.Array]) -> None:
    """Copy new profiles in, with their numbers."""
    copy_columns(conn, "profile", columns)


def change_profiles(conn: Connection, columns: Mapping[str, pa.Array], at: datetime) -> None:
    """Change profiles by `id`: what is NULL in `columns` stays as it is held, `sources` are added to those held."""
    stage_columns(conn, "incoming_profile", _SHAPE, columns)
    given = [name for name in _KEPT if name in columns]
    said = {name: f"coalesce(i.{name}, p.{name})" for name in given}
    if "locale" in said:  # whoever chose a language here keeps it
        said["locale"] = f"case when p.own_locale then p.locale else {said['locale']} end"
    kept = "".join(f", {name} = {value}" for name, value in said.items())
    statement = text(f"""
        update profile p set checksum = i.checksum, sources = p.sources || i.sources, updated_at = :at{kept}
        from incoming_profile i where p.id = i.id
    """)
    conn.execute(statement, {"at": at})


_STAGES = [("profile_id", "bigint"), ("stages", "text[]")]


def write_stages(conn: Connection, rows: Iterable[tuple[int, list[str]]]) -> int:
    """Set the lifecycle stages where they differ; returns how many changed."""
    stage(conn, "incoming_stages", _STAGES, rows)
    statement = text("""
        update profile p set stages = i.stages from incoming_stages i
        where p.id = i.profile_id and p.stages is distinct from i.stages
    """)
    return conn.execute(statement).rowcount


@dataclass(frozen=True)
class OldWord:
    """A word that is not held: what, of which year, whose, of which day, and why it is not."""

    profile_id: int
    fact: str
    year: int | None
    value: str | None
    source: str
    as_of: date
    why: str


_HISTORY = [
    *(("profile_id", "bigint"), ("fact", "text"), ("year", "smallint"), ("value", "text")),
    *(("source", "text"), ("as_of", "date"), ("why", "text")),
]


def add_history(conn: Connection, words: Sequence[OldWord], at: datetime) -> None:
    """Keep words that are not held."""
    if not words:
        return
    stage(conn, "incoming_history", _HISTORY, (tuple(word.__dict__.values()) for word in words))
    statement = text("""
        insert into fact_history (profile_id, fact, year, value, source, as_of, why, recorded_at)
        select profile_id, fact, year, value, source, as_of, why, :at from incoming_history
    """)
    conn.execute(statement, {"at": at})


def old_words(conn: Connection, ids: Sequence[int]) -> list[tuple[int, OldWord]]:
    """(number of the row, word) of these profiles, the oldest rows first; what a correction put aside is left out."""
    query = text("""
        select id, profile_id, fact, year, value, source, as_of, why from fact_history
        where profile_id = any(:ids) and why <> 'corrected' order by id
    """)
    return [(row[0], OldWord(*row[1:])) for row in conn.execute(query, {"ids": list(ids)})]


def forget_history(conn: Connection, rows: Sequence[int]) -> None:
    """Take words out of the history: they are held again."""
    if rows:
        conn.execute(text("delete from fact_history where id = any(:rows)"), {"rows": list(rows)})
