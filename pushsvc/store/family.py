"""Families: whom registers tell of and whom a person named, and by whom of them anything may be decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from profiles.sources import SELF
from pushsvc.store.bulk import copy_columns, stage
from pushsvc.store.contacts import OWN_CONSENT, years_before
from pushsvc.store.session import Connection

# The purpose in the ledger: another than `guardian`, by which a child's own profile is opened. A trigger heeds it.
CHILDREN = "dependants"


@dataclass(frozen=True)
class Relative:
    """One family member: no name is held. `used`: something may be decided by them; `ref` tells twins apart."""

    id: int
    ref: str
    relation: str
    birth_date: date | None
    household_region: str | None
    source: str
    as_of: date | None
    used: bool


_COLUMNS = ", ".join(Relative.__dataclass_fields__)


def family_of(conn: Connection, profile_id: int) -> list[Relative]:
    """The family of one profile, the eldest first."""
    query = text(f"select {_COLUMNS} from dependant where profile_id = :id order by birth_date, ref")
    return [Relative(*row) for row in conn.execute(query, {"id": profile_id})]


def put_relative(conn: Connection, profile_id: int, one: Relative) -> bool:
    """Add whom a person names, or change what they said of them; False where a register tells of them."""
    statement = text(f"""
        insert into dependant (profile_id, ref, relation, birth_date, household_region, source, as_of, used)
        values (:id, :ref, :relation, :birth_date, :household_region, :source, :as_of, :used)
        on conflict (profile_id, ref) do update set relation = excluded.relation, birth_date = excluded.birth_date,
            household_region = excluded.household_region, as_of = excluded.as_of, used = excluded.used
        where dependant.source = '{SELF}'
    """)
    return conn.execute(statement, {**one.__dict__, "id": profile_id}).rowcount > 0


def remove_relative(conn: Connection, profile_id: int, number: int) -> bool:
    """Take back whom the person named; False where it is not theirs, or gone."""
    statement = text(f"delete from dependant where profile_id = :id and id = :number and source = '{SELF}'")
    return conn.execute(statement, {"id": profile_id, "number": number}).rowcount > 0


def agrees_for_children(conn: Connection, profile_id: int) -> bool | None:
    """The guardian's newest word on the use of their children's information; None: they said nothing yet."""
    query = text("select given from consent where profile_id = :id and purpose = :purpose order by id desc limit 1")
    return conn.execute(query, {"id": profile_id, "purpose": CHILDREN}).scalar()


# Profile, reference, born, registered household, who told and on which day.
TellOf = tuple[int, str, "date | None", "str | None", str, date]
_DEPENDANTS = [
    *(("profile_id", "bigint"), ("ref", "text"), ("birth_date", "date"), ("household_region", "text")),
    *(("source", "text"), ("as_of", "date")),
]
_NAMED = ", ".join(name for name, _ in _DEPENDANTS)
# Whom the person named themselves stays, whatever a register lists.
_GONE = text(f"""
    delete from dependant d using (select distinct profile_id, source from incoming_dependant) i
    where d.profile_id = i.profile_id and (d.source <> '{SELF}' or i.source = '{SELF}')
      and not exists (select from incoming_dependant k where k.profile_id = d.profile_id and k.ref = d.ref)
""")
_UPSERT_DEPENDANTS = text(f"""
    insert into dependant ({_NAMED}) select {_NAMED} from incoming_dependant
    on conflict (profile_id, ref) do update set birth_date = excluded.birth_date,
        household_region = excluded.household_region, source = excluded.source, as_of = excluded.as_of
    returning profile_id, ref, birth_date, (xmax = 0) as new
""")
# Of those a person named as many go as a register now tells of with the same birthday: twins are two on either side.
_TOLD_NOW = text(f"""
    with told as (
        select profile_id, birth_date, count(*) as n from dependant
        where source <> '{SELF}' and profile_id in (select profile_id from incoming_dependant) group by 1, 2
    ), own as (
        select d.id, row_number() over (partition by d.profile_id, d.birth_date order by d.id) as place, t.n
        from dependant d join told t using (profile_id, birth_date) where d.source = '{SELF}'
    )
    delete from dependant d using own o where d.id = o.id and o.place <= o.n
    returning d.profile_id, d.birth_date, d.used
""")
# A guardian who said no said it of every child below fourteen, also of one that a register tells of later; and whom
# a person named themselves waits for their guardian's yes.
_CLOSED = text(f"""
    update dependant d set used = false
    from (select distinct unnest(cast(:ids as bigint[])) as profile_id) i left join lateral (
        select given from consent c where c.profile_id = i.profile_id and c.purpose = '{CHILDREN}'
        order by c.id desc limit 1
    ) latest on true
    where d.profile_id = i.profile_id and d.used and d.birth_date > :born_after
      and not coalesce(latest.given, d.source <> '{SELF}')
    returning d.profile_id, d.ref
""")


def add_dependants(conn: Connection, rows: Sequence[TellOf], today: date) -> list[TellOf]:
    """Copy the families of new profiles in; those by whom anything may be decided."""
    import pyarrow as pa

    if not rows:
        return []
    columns = zip(*rows, strict=True)
    names = [name for name, _ in _DEPENDANTS]
    copy_columns(conn, "dependant", {name: pa.array(one) for name, one in zip(names, columns, strict=True)})
    closed = _closed(conn, [row[0] for row in rows if row[4] == SELF], today)
    return [row for row in rows if row[:2] not in closed]


def write_dependants(conn: Connection, rows: Sequence[TellOf], today: date) -> list[tuple[int, str, date | None]]:
    """Make these the whole family that registers know of each profile named.

    Returns the new ones by whom anything may be decided, and whom the person had not named: (profile, ref, born).
    """
    if not rows:
        return []
    stage(conn, "incoming_dependant", _DEPENDANTS, rows)
    conn.execute(_GONE)
    new = [(row[0], row[1], row[2]) for row in conn.execute(_UPSERT_DEPENDANTS) if row.new]
    named = Counter((row[0], row[1]) for row in conn.execute(_TOLD_NOW) if row.used)
    closed = _closed(conn, [row[0] for row in rows], today)
    fresh = []
    for one in new:
        about = one[0], one[2]
        if one[:2] not in closed and not named[about]:
            fresh.append(one)
        named[about] -= named[about] > 0
    return fresh


def _closed(conn: Connection, ids: Sequence[int], today: date) -> set[tuple[int, str]]:
    """Close the children of whom nothing may be used: (profile, reference) of each."""
    values = {"ids": list(ids), "born_after": years_before(today, OWN_CONSENT)}
    return {(row[0], row[1]) for row in conn.execute(_CLOSED, values)} if ids else set()
