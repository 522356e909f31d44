"""Writing many profiles at once: staged by COPY, then one statement a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql.base import PGDialect

from pushsvc.store.bulk import stage
from pushsvc.store.frames import FACTS
from pushsvc.store.session import Connection
from pushsvc.store.tables import profile

COLUMNS = ("ref", "kind", "name", "locale", "zone", "guardian_id", "interests", "sources", "checksum", *FACTS)
_DIALECT = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_SHAPE = [(name, profile.c[name].type.compile(_DIALECT)) for name in COLUMNS]
_SHARDS = 64

_UPSERT = text(f"""
    insert into profile ({", ".join(COLUMNS)}, shard, updated_at)
    select {", ".join(COLUMNS)}, abs(hashtext(ref)) % {_SHARDS}, :at from incoming_profile
    on conflict (ref) do update set {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "ref")},
        updated_at = excluded.updated_at
    returning ref, id
""")


def write_profiles(conn: Connection, rows: Iterable[Mapping[str, object]], at: datetime) -> dict[str, int]:
    """Insert or replace profiles; each row holds every name in COLUMNS. Returns numbers by reference."""
    stage(conn, "incoming_profile", _SHAPE, (_values(row) for row in rows))
    return {row.ref: row.id for row in conn.execute(_UPSERT, {"at": at})}


def _values(row: Mapping[str, object]) -> list[object]:
    return [json.dumps(row[name]) if name == "sources" else row[name] for name in COLUMNS]


_HISTORY = [("profile_id", "bigint"), ("fact", "text"), ("value", "text"), ("source", "text"), ("as_of", "date")]


def write_history(conn: Connection, rows: Iterable[tuple[int, str, str, str, date]], at: datetime) -> None:
    """Keep older values: (profile, fact, value, source, date)."""
    stage(conn, "incoming_history", _HISTORY, rows)
    statement = text("""
        insert into fact_history (profile_id, fact, value, source, as_of, recorded_at)
        select profile_id, fact, value, source, as_of, :at from incoming_history
    """)
    conn.execute(statement, {"at": at})


_SENSITIVE = [("profile_id", "bigint"), ("fact", "text"), ("value", "bytea"), ("source", "text"), ("as_of", "date")]


def write_sensitive(conn: Connection, rows: Iterable[tuple[int, str, bytes, str, date]]) -> None:
    """Insert or replace sensitive facts (ciphertext); a newer one stays."""
    stage(conn, "incoming_sensitive", _SENSITIVE, rows)
    conn.execute(
        text("""
        insert into sensitive_fact as s select profile_id, fact, value, source, as_of from incoming_sensitive
        on conflict (profile_id, fact) do update
        set value = excluded.value, source = excluded.source, as_of = excluded.as_of where s.as_of <= excluded.as_of
    """)
    )


_STAGES = [("profile_id", "bigint"), ("stages", "text[]")]


def write_stages(conn: Connection, rows: Iterable[tuple[int, list[str]]]) -> int:
    """Set the lifecycle stages where they differ; returns how many changed."""
    stage(conn, "incoming_stages", _STAGES, rows)
    statement = text("""
        update profile p set stages = i.stages from incoming_stages i
        where p.id = i.profile_id and p.stages is distinct from i.stages
    """)
    return conn.execute(statement).rowcount


_DEPENDANTS = [("profile_id", "bigint"), ("ref", "text"), ("birth_date", "date"), ("household_region", "text")]
_GONE = """
    delete from dependant d using (select distinct profile_id from incoming_dependant) i
    where d.profile_id = i.profile_id
      and not exists (select from incoming_dependant k where k.profile_id = d.profile_id and k.ref = d.ref)
"""
_UPSERT_DEPENDANTS = """
    insert into dependant (profile_id, ref, birth_date, household_region)
    select profile_id, ref, birth_date, household_region from incoming_dependant
    on conflict (profile_id, ref) do update
    set birth_date = excluded.birth_date, household_region = excluded.household_region
    returning profile_id, ref, birth_date, (xmax = 0) as new
"""


def write_dependants(
    conn: Connection, rows: Iterable[tuple[int, str, date | None, str | None]]
) -> list[tuple[int, str, date | None]]:
    """Make these the whole family of each profile named. Returns the new ones: (profile, reference, born)."""
    stage(conn, "incoming_dependant", _DEPENDANTS, rows)
    conn.execute(text(_GONE))
    return [(row[0], row[1], row[2]) for row in conn.execute(text(_UPSERT_DEPENDANTS)) if row.new]


_MEMBERS = [("profile_id", "bigint"), ("person_id", "bigint"), ("role", "text")]
_LEFT = """
    update member m set left_at = :at from (select distinct profile_id from incoming_member) i
    where m.profile_id = i.profile_id and m.left_at is null
      and not exists (select from incoming_member k where k.profile_id = m.profile_id and k.person_id = m.person_id)
"""
_UPSERT_MEMBERS = """
    insert into member (profile_id, person_id, role) select distinct on (profile_id, person_id) * from incoming_member
    on conflict (profile_id, person_id) do update set role = excluded.role, left_at = null
"""


def write_members(conn: Connection, rows: Iterable[tuple[int, int, str]], at: datetime) -> None:
    """Make these (profile, person, role) the members of each profile named; whether one wants to be told is theirs."""
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
