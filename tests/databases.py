"""Databases for tests: one migrated template a run, a clone for each process, emptied before each test."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from pushsvc.store import schema
from pushsvc.store.tables import metadata

SMALL = 256 * 1024  # bytes
_RESTART = """
    select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where schemaname = 'public' and last_value is not null
"""


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
        with engine.begin() as connection:  # rows stay in the order in which they were written
            for table in metadata.tables:
                connection.execute(text(f'alter table "{table}" set (autovacuum_enabled = off)'))
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
    """Removes all rows and starts all sequences anew, touching only what was used.

    Rows of small tables are deleted, which takes a fiftieth of the time of a truncation; large tables, and those that
    grew by what was deleted, are truncated. Neither checks keys or asks triggers, where the server lets us.
    """
    with engine.begin() as connection:
        connection.execute(text("set local lock_timeout = '10s'"))
        large = filled = _filled(connection)
        if connection.scalar(text("select current_setting('is_superuser')")) == "on":
            connection.execute(text("set local session_replication_role = replica"))
            large = [name for name, size in filled.items() if size > SMALL]
            for name in filled.keys() - set(large):
                connection.execute(text(f'delete from "{name}"'))
        if large:
            names = ", ".join(f'"{name}"' for name in large)
            connection.execute(text(f"truncate {names} cascade"))
            connection.execute(text("delete from profile_change"))  # it says that tables were emptied
        connection.execute(text(_RESTART))


@contextmanager
def at_step(engine: Engine, step: str) -> Iterator[Engine]:
    """An empty database beside the engine's own, as an earlier release left it: at this step of the schema."""
    name = f"{engine.url.database}_at_{step}"
    with _admin(engine.url) as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    made = create_engine(engine.url.set(database=name), poolclass=NullPool)
    with made.begin() as connection:
        command.upgrade(schema._config(connection), step)
    yield made
    drop(engine.url, name)


def redis_database(url: str, number: int) -> str:
    """The same Redis server, another numbered database."""
    if url.startswith("unix:"):
        return re.sub(r"db=\d+", f"db={number}", url)
    return re.sub(r"(://[^/]+)(/\d*)?", rf"\1/{number}", url, count=1)


def broker_url(url: str) -> str:
    """Celery's spelling of a Redis URL."""
    return url.replace("unix://", "redis+socket://").replace("db=", "virtual_host=")


def _filled(connection: Connection) -> dict[str, int]:
    """Tables that hold a row, with their size in bytes, dead rows included."""
    size = "pg_relation_size('\"{name}\"')"
    parts = [
        f"select '{name}', {size.format(name=name)} where exists (select from \"{name}\")" for name in metadata.tables
    ]
    return {name: int(n) for name, n in connection.execute(text(" union all ".join(parts)))}


def _exists(connection: Connection, name: str) -> bool:
    found = connection.execute(text("select 1 from pg_database where datname = :name"), {"name": name})
    return found.scalar() is not None


@contextmanager
def _admin(server: URL) -> Iterator[Connection]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
