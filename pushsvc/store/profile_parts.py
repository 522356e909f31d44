"""What belongs to profiles, many at once: sensitive facts, facts by year, certificates, members, choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

from profiles.facts import YEARLY
from pushsvc.store.bulk import copy_columns, stage, stage_columns
from pushsvc.store.session import Connection

if TYPE_CHECKING:
    import pyarrow as pa

_SENSITIVE = [("profile_id", "bigint"), ("fact", "text"), ("value", "bytea"), ("source", "text"), ("as_of", "date")]


def write_sensitive(conn: Connection, rows: Iterable[tuple[int, str, bytes, str, date]]) -> None:
    """Insert or replace sensitive facts (ciphertext). Which word is believed is the caller's."""
    stage(conn, "incoming_sensitive", _SENSITIVE, rows)
    conn.execute(
        text("""
        insert into sensitive_fact as s select profile_id, fact, value, source, as_of from incoming_sensitive
        on conflict (profile_id, fact) do update
        set value = excluded.value, source = excluded.source, as_of = excluded.as_of
    """)
    )


def sensitive_said(conn: Connection, ids: Sequence[int]) -> dict[tuple[int, str], tuple[str, date]]:
    """(source, date) of the sensitive facts held, by (profile, fact)."""
    query = text("select profile_id, fact, source, as_of from sensitive_fact where profile_id = any(:ids)")
    return {(row[0], row[1]): (row[2], row[3]) for row in conn.execute(query, {"ids": list(ids)})}


_YEARS = {"profile_id": "bigint", "year": "smallint", "sources": "jsonb", **dict.fromkeys(YEARLY, "float8")}
_KEEP = ", ".join(f"{fact} = coalesce(excluded.{fact}, y.{fact})" for fact in YEARLY)


def add_years(conn: Connection, columns: Mapping[str, pa.Array]) -> None:
    """Copy the years of new profiles in: profile_id, year, sources as JSON, and facts of YEARLY."""
    copy_columns(conn, "yearly_fact", columns)


def change_years(conn: Connection, columns: Mapping[str, pa.Array]) -> None:
    """The same for profiles that may have these years; a fact that is null stays as it is held."""
    stage_columns(conn, "incoming_year", _YEARS, columns)
    names = ", ".join(_YEARS)
    conn.execute(
        text(f"""
        insert into yearly_fact as y ({names}) select {names} from incoming_year
        on conflict (profile_id, year) do update set sources = y.sources || excluded.sources, {_KEEP}
    """)
    )


@dataclass(frozen=True)
class HeldYear:
    """The facts held of one year. `sources` {fact: [source, ISO date]}."""

    profile_id: int
    year: int
    sources: dict[str, list[str]]
    values: dict[str, float]


def yearly_held(conn: Connection, ids: Sequence[int]) -> list[HeldYear]:
    """The yearly facts of these profiles."""
    query = text(f"select profile_id, year, sources, {', '.join(YEARLY)} from yearly_fact where profile_id = any(:ids)")
    rows = conn.execute(query, {"ids": list(ids)})
    return [
        HeldYear(
            row[0],
            row[1],
            row[2],
            {name: value for name, value in zip(YEARLY, row[3:], strict=True) if value is not None},
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Paper:
    """One certificate as a source tells of it."""

    profile_id: int
    key: str
    valid_from: date
    valid_until: date | None
    source: str
    as_of: date


_PAPERS = [
    *(("profile_id", "bigint"), ("key", "text"), ("valid_from", "date"), ("valid_until", "date")),
    *(("source", "text"), ("as_of", "date")),
]


def papers_held(conn: Connection, ids: Sequence[int]) -> list[Paper]:
    """The certificates held of these profiles."""
    names = ", ".join(name for name, _ in _PAPERS)
    query = text(f"select {names} from qualification where profile_id = any(:ids)")
    return [Paper(*row) for row in conn.execute(query, {"ids": list(ids)})]


def write_papers(conn: Connection, papers: Sequence[Paper]) -> None:
    """Insert certificates, or replace what is held of them."""
    if not papers:
        return
    stage(conn, "incoming_paper", _PAPERS, (tuple(paper.__dict__.values()) for paper in papers))
    names = ", ".join(name for name, _ in _PAPERS)
    conn.execute(
        text(f"""
        insert into qualification ({names}) select {names} from incoming_paper
        on conflict (profile_id, key, valid_from) do update
        set valid_until = excluded.valid_until, source = excluded.source, as_of = excluded.as_of
    """)
    )


def drop_papers(conn: Connection, papers: Sequence[Paper]) -> None:
    """Take certificates back that their source no longer tells of."""
    if not papers:
        return
    stage(conn, "gone_paper", _PAPERS, (tuple(paper.__dict__.values()) for paper in papers))
    conn.execute(
        text("""
        delete from qualification q using gone_paper g
        where (q.profile_id, q.key, q.valid_from) = (g.profile_id, g.key, g.valid_from)
    """)
    )


_MEMBERS = [("profile_id", "bigint"), ("person_id", "bigint"), ("role", "text")]
# What was said here (by a person, an admin, an operator, the host) stands against a file, which may be older.
_LEFT = """
    update member m set left_at = :at, left_how = 'file' from (select distinct profile_id from incoming_member) i
    where m.profile_id = i.profile_id and m.left_at is null and m.how = 'file'
      and not exists (select from incoming_member k where k.profile_id = m.profile_id and k.person_id = m.person_id)
"""
_UPSERT_MEMBERS = """
    insert into member as m (profile_id, person_id, role)
    select distinct on (profile_id, person_id) * from incoming_member
    on conflict (profile_id, person_id) do update set role = excluded.role, left_at = null, left_how = null
    where (m.left_at is null and m.how = 'file') or (m.left_at is not null and m.left_how is distinct from 'self'
        and m.left_how is distinct from 'admin')
"""


def add_members(conn: Connection, rows: Sequence[tuple[int, int, str]]) -> None:
    """Copy the members of new profiles in."""
    _copy(conn, "member", _MEMBERS, rows)


def write_members(conn: Connection, rows: Sequence[tuple[int, int, str]], at: datetime) -> None:
    """Make these (profile, person, role) the members of each profile named; whether one wants to be told is theirs."""
    if not rows:
        return
    stage(conn, "incoming_member", _MEMBERS, rows)
    conn.execute(text(_LEFT), {"at": at})
    conn.execute(text(_UPSERT_MEMBERS))


def switch_off_personalised(conn: Connection, choices: Sequence[tuple[int, bool]], at: datetime) -> None:
    """Take over (profile, personalised) from a register: it may switch off, but never undo what a person chose."""
    statement = text("""
        insert into preference as f (profile_id, personalised, updated_at)
        select *, :at from unnest(cast(:ids as bigint[]), cast(:choices as boolean[]))
        on conflict (profile_id) do update set personalised = f.personalised and excluded.personalised
    """)
    values = {"ids": [number for number, _ in choices], "choices": [choice for _, choice in choices], "at": at}
    if choices:
        conn.execute(statement, values)


def _copy(conn: Connection, table: str, shape: Sequence[tuple[str, str]], rows: Sequence[tuple[object, ...]]) -> None:
    import pyarrow as pa

    if rows:
        columns = zip(*rows, strict=True)
        copy_columns(conn, table, {name: pa.array(values) for (name, _), values in zip(shape, columns, strict=True)})
