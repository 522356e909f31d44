"""Engines and transactions on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine

__all__ = ["Connection", "Engine", "connect", "transaction"]


def connect(url: str, *, pool: int = 4) -> Engine:
    """An engine for `postgresql+psycopg://…`; a dead connection is noticed before use: a restart is met anew."""
    return create_engine(url, pool_size=pool, max_overflow=pool, pool_pre_ping=True, pool_recycle=900)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back on an error."""
    with engine.begin() as connection:
        yield connection
