"""Windows of profiles and of what belongs to them, each table's rows as one text: no Python object a row.

A row is written as PostgreSQL writes a record, "(…,…)": a CSV line between two fields that hold the brackets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import text

from profiles.facts import FACTS as PROFILE_FACTS
from profiles.facts import LISTS, YEARLY
from pushsvc.store.frames import FACTS
from pushsvc.store.session import Connection

PROFILE = ("id", "shard", "kind", *LISTS, *FACTS)
# By table: the columns that are read of it, in the order of the index that gives its rows in theirs.
BELONGING = {
    "yearly_fact": ("profile_id", "year", *YEARLY),
    "qualification": ("profile_id", "key", "valid_from", "valid_until"),
    "dependant": ("profile_id", "birth_date", "household_region"),
    "preference": ("profile_id", "personalised"),
}
_ORDER = {"yearly_fact": "year", "qualification": "key, valid_from", "dependant": "ref", "preference": "profile_id"}
_DATES = {"valid_from", "valid_until", *(name for name, fact in PROFILE_FACTS.items() if fact.kind == "date")}


@dataclass(frozen=True)
class Window:
    """Lines of a window of profiles, and by table those that belong to them; a table without any is left out."""

    profiles: bytes
    belonging: dict[str, bytes]


@contextmanager
def windows(conn: Connection, ids: Sequence[int] | None, rows: int) -> Iterator[Iterator[Window]]:
    """Windows of at most `rows` profiles by id, of these `ids` (rising) or of all; the next is fetched meanwhile.

    Nobody else may use the connection inside.
    """
    # Windows are read by the index, whatever the planner believes of a table just filled.
    conn.execute(text("set local enable_seqscan = off"))
    conn.execute(text("set local enable_bitmapscan = off"))
    tables = [name for name in BELONGING if conn.scalar(text(f"select exists (select from {name})"))]
    try:
        with ThreadPoolExecutor(1, "profiles") as pool:
            yield _ahead(pool, conn, tables, (ids, rows))
    finally:
        # A transaction that failed takes no statement, and forgets these by itself.
        if conn.connection.cursor().connection.info.transaction_status == TransactionStatus.INTRANS:
            conn.execute(text("set local enable_seqscan = on"))
            conn.execute(text("set local enable_bitmapscan = on"))


def _ahead(
    pool: ThreadPoolExecutor, conn: Connection, tables: list[str], what: tuple[Sequence[int] | None, int]
) -> Iterator[Window]:
    source = _fetched(conn, tables, *what)
    coming: Future[Window | None] = pool.submit(next, source, None)
    while (window := coming.result()) is not None:
        coming = pool.submit(next, source, None)
        yield window


def _fetched(conn: Connection, tables: list[str], ids: Sequence[int] | None, rows: int) -> Iterator[Window]:
    for values in _asked(ids, rows):
        lines, count, last = _fetch(conn, _ALL if ids is None else _THESE, values)
        if lines is not None:
            held = {name: _fetch(conn, _belonging(name, ids is None), values | {"high": last})[0] for name in tables}
            yield Window(lines, {name: found for name, found in held.items() if found is not None})
        if ids is None:
            if count < rows:
                return
            values["low"] = last


def _asked(ids: Sequence[int] | None, rows: int) -> Iterator[dict[str, Any]]:
    """What each window asks for; of all profiles one and the same, in which the reader moves `low` on."""
    if ids is None:
        values: dict[str, Any] = {"low": -1, "rows": rows}
        while True:
            yield values
    for start in range(0, len(ids), rows):
        yield {"ids": list(ids[start : start + rows])}


def _fetch(conn: Connection, query: str, values: dict[str, Any]) -> tuple[bytes | None, int, int]:
    lines, count, last = conn.connection.cursor(binary=True).execute(query, values).fetchone()
    return lines, count, last


def _lines(names: Sequence[str], rest: str) -> str:
    days = [f"{name} - date '1970-01-01'" if name in _DATES else name for name in names]
    return f"""
        select convert_to(string_agg(cast(r as text), chr(10)), 'UTF8'), count(*), max(r.{names[0]})
        from (select null as opens, {", ".join(days)}, null as closes {rest}) r
    """


def _belonging(table: str, every: bool) -> str:
    which = "profile_id > %(low)s and profile_id <= %(high)s" if every else "profile_id = any(%(ids)s)"
    if table == "preference":
        which += " and not personalised"
    if table == "dependant":
        which += " and used"
    return _lines(BELONGING[table], f"from {table} where {which} order by profile_id, {_ORDER[table]}")


_LIVING = "from profile where erased_at is null and"
_ALL = _lines(PROFILE, f"{_LIVING} id > %(low)s order by id limit %(rows)s")
_THESE = _lines(PROFILE, f"{_LIVING} id = any(%(ids)s) order by id")
