"""Engines and transactions on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection as PsycopgConnection
from psycopg import Cursor
from psycopg.rows import dict_row
from sqlalchemy import Connection, Engine, create_engine, event

__all__ = ["Connection", "Engine", "connect", "rows_cursor", "transaction"]


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
