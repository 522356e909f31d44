"""One fact taken away: what a person said of themselves, or what an office deleted because they asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import text

from profiles.facts import YEARLY
from pushsvc.store.frames import FACTS
from pushsvc.store.session import Connection

Key = tuple[int, str, "int | None"]  # profile, fact, year

_DELETED = text("""
    select profile_id, fact, nullif(year, 0), on_day from deleted_fact where profile_id = any(cast(:ids as bigint[]))
""")


def empty_fact(conn: Connection, profile_id: int, fact: str, at: datetime) -> None:
    """Nothing is held of this stored fact any more."""
    assert fact in FACTS
    statement = text(f"update profile set {fact} = null, sources = sources - :fact, updated_at = :at where id = :id")
    conn.execute(statement, {"id": profile_id, "fact": fact, "at": at})


def empty_year(conn: Connection, profile_id: int, fact: str, year: int) -> None:
    """Nothing is held of this fact in that year any more; a year of which nothing is held goes."""
    assert fact in YEARLY
    where = "where profile_id = :id and year = :year"
    values = {"id": profile_id, "year": year, "fact": fact}
    conn.execute(text(f"update yearly_fact set {fact} = null, sources = sources - :fact {where}"), values)
    empty = " and ".join(f"{name} is null" for name in YEARLY)
    conn.execute(text(f"delete from yearly_fact {where} and {empty}"), values)


def empty_sensitive(conn: Connection, profile_id: int, fact: str) -> None:
    """Nothing is held of this sensitive fact any more."""
    statement = text("delete from sensitive_fact where profile_id = :id and fact = :fact")
    conn.execute(statement, {"id": profile_id, "fact": fact})


def forget_said(
    conn: Connection, profile_id: int, fact: str, year: int | None, *, source: str, value: str | None = None
) -> None:
    """Take out of the history what this source said of the fact; where `value` is given, only that."""
    statement = text("""
        delete from fact_history where profile_id = :id and fact = :fact and source = :source
          and year is not distinct from cast(:year as smallint)
          and (cast(:value as text) is null or value = :value)
    """)
    values = {"id": profile_id, "fact": fact, "year": year, "source": source, "value": value}
    conn.execute(statement, values)


def forget_values(conn: Connection, profile_id: int, fact: str, year: int | None) -> None:
    """Of all that was ever said of the fact only who said it and when stays; none of it is held again."""
    statement = text("""
        update fact_history set value = null, why = 'corrected' where profile_id = :id and fact = :fact
          and year is not distinct from cast(:year as smallint)
    """)
    conn.execute(statement, {"id": profile_id, "fact": fact, "year": year})


def note_deleted(conn: Connection, profile_id: int, fact: str, year: int | None, on_day: date) -> None:
    """Remember that the fact was deleted at the person's request."""
    statement = text("""
        insert into deleted_fact (profile_id, fact, year, on_day) values (:id, :fact, coalesce(:year, 0), :day)
        on conflict (profile_id, fact, year) do update set on_day = excluded.on_day
    """)
    conn.execute(statement, {"id": profile_id, "fact": fact, "year": year, "day": on_day})


def forget_deleted(conn: Connection, profile_id: int, fact: str, year: int | None) -> None:
    """The person wants it held again."""
    statement = text("delete from deleted_fact where profile_id = :id and fact = :fact and year = coalesce(:year, 0)")
    conn.execute(statement, {"id": profile_id, "fact": fact, "year": year})


def deleted_of(conn: Connection, ids: Sequence[int]) -> dict[Key, date]:
    """What was deleted at the request of these profiles' people, and when."""
    rows = conn.execute(_DELETED, {"ids": list(ids)})
    return {(profile_id, fact, year): on_day for profile_id, fact, year, on_day in rows}
