"""Databases for tests: one migrated template a run, a clone for each process, emptied before each test."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from pushsvc.store import schema
from pushsvc.store.tables import metadata


def make_template(server: URL, name: str, *, lock: Path) -> str:
    """Makes and migrates the template unless another process of this run did; its name."""
    with lock.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with _admin(server) as connection:
            if _exists(connection, name):
                return name
            connection.execute(text(f'create database "{name}.new"'))
        engine = create_engine(server.set(database=f"{name}.new"), poolclass=NullPool)
        schema.upgrade(engine)
        with _admin(server) as connection:
            connection.execute(text(f'alter database "{name}.new" rename to "{name}"'))
    return name


def clone(server: URL, template: str, name: str) -> None:
    """A new database like the template."""
    with _admin(server) as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}" template "{template}"'))


def drop(server: URL, name: str) -> None:
    """Removes it, whoever is still connected."""
    with _admin(server) as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))


def empty(engine: Engine) -> None:
    """Removes all rows and starts all sequences anew, touching only what was used."""
    with engine.begin() as connection:
        connection.execute(text("set local lock_timeout = '10s'"))
        tables = ", ".join(f'"{name}"' for name in _filled(connection))
        if tables:
            connection.execute(text(f"truncate {tables} cascade"))
            connection.execute(text("delete from profile_change"))  # it says that tables were emptied
        used = "select sequencename from pg_sequences where schemaname = 'public' and last_value is not null"
        for name in connection.execute(text(used)).scalars().all():
            connection.execute(text(f'alter sequence "{name}" restart'))


def redis_database(url: str, number: int) -> str:
    """The same Redis server, another numbered database."""
    if url.startswith("unix:"):
        return re.sub(r"db=\d+", f"db={number}", url)
    return re.sub(r"(://[^/]+)(/\d*)?", rf"\1/{number}", url, count=1)


def broker_url(url: str) -> str:
    """Celery's spelling of a Redis URL."""
    return url.replace("unix://", "redis+socket://").replace("db=", "virtual_host=")


def _filled(connection: Connection) -> list[str]:
    parts = [f"select '{name}' where exists (select from \"{name}\")" for name in metadata.tables]
    return list(connection.execute(text(" union all ".join(parts))).scalars())


def _exists(connection: Connection, name: str) -> bool:
    found = connection.execute(text("select 1 from pg_database where datname = :name"), {"name": name})
    return found.scalar() is not None


@contextmanager
def _admin(server: URL) -> Iterator[Connection]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
