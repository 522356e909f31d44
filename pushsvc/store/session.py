"""Engines and transactions on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection as PsycopgConnection
from psycopg import Cursor
from psycopg.rows import dict_row
from sqlalchemy import Connection, Engine, create_engine, event

__all__ = ["Connection", "Engine", "bare_cursor", "connect", "rows_cursor", "transaction", "transaction_by_index"]


def connect(url: str, *, pool: int = 4) -> Engine:
    """An engine for `postgresql+psycopg://…`; a dead connection is noticed before use: a restart is met anew."""
    engine = create_engine(url, pool_size=pool, max_overflow=pool, pool_pre_ping=True, pool_recycle=900)
    event.listen(engine, "connect", _settle_in)
    return engine


def _settle_in(connection: Any, _: object) -> None:
    """Random reads cost hardly more than others where data lie in memory or on flash: without this, PostgreSQL reads a
    whole table for the 500 rows of a slice (a plan of 50,000 took nine times as long).

    A prepared statement is planned anew each time: one that was planned while the tables were empty would read them
    whole for as long as the connection lives: through the whole first campaign of a new city."""
    connection.execute("set random_page_cost = 1.1")
    connection.execute("set plan_cache_mode = force_custom_plan")
    connection.commit()


def bare_cursor(conn: Connection) -> Cursor[tuple[Any, ...]]:
    """`rows_cursor` for many rows of few columns: rows are tuples, in the bytes that PostgreSQL keeps them in."""
    raw: PsycopgConnection[Any] | None = conn.connection.driver_connection
    assert raw is not None, "The connection is open."
    return raw.cursor(binary=True)


def rows_cursor(conn: Connection) -> Cursor[dict[str, Any]]:
    """The driver's own cursor, for statements that are written out: rows are dicts, nothing is compiled."""
    raw: PsycopgConnection[Any] | None = conn.connection.driver_connection
    assert raw is not None, "The connection is open."
    return raw.cursor(row_factory=dict_row)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back on an error."""
    with engine.begin() as connection:
        yield connection


_BY_INDEX = """
    select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)
"""


@contextmanager
def transaction_by_index(engine: Engine) -> Iterator[Connection]:
    """A transaction of prepared statements that each find a few hundred rows by their indexes: planned once a
    connection and never by a whole table, so it does not matter how large the tables were at that time.

    Planning anew would take a good part of all that PostgreSQL does for a slice.
    """
    with engine.begin() as connection:
        rows_cursor(connection).execute(_BY_INDEX)
        yield connection
