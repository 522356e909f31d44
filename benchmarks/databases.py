"""A PostgreSQL of the benchmark's own, with fsync and synchronous_commit on, and fresh databases in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from pushsvc.context import Context, make_context
from pushsvc.embedded import servers, with_servers
from pushsvc.settings import Settings, read_settings
from pushsvc.store import schema

KEYS = {"PUSHSVC_SECRET_KEY": "secret of the benchmarks", "PUSHSVC_DATAKEYS": "A" * 43 + "="}
BUFFERS = {"PUSHSVC_BUFFERS_MB": "1024"}  # as the README asks of a city of a million; for ours, baselines and limits


@contextmanager
def own_servers(kept: str | None = None, buffers_mb: int | None = None) -> Iterator[tuple[Settings, Path]]:
    """Settings of embedded servers that live as long as the block, and a folder beside them; `kept`: in this folder,
    which stays."""
    buffers = BUFFERS if buffers_mb is None else {"PUSHSVC_BUFFERS_MB": str(buffers_mb)}
    with tempfile.TemporaryDirectory(prefix="pushsvc-bench-") as fresh:
        folder = kept or fresh
        settings = read_settings({**KEYS, **buffers, "PUSHSVC_VAR": f"{folder}/var"})
        with servers(settings, durable=True) as urls:
            yield with_servers(settings, urls), Path(folder)


@contextmanager
def fresh_context(settings: Settings, name: str, *, keep: bool = False) -> Iterator[Context]:
    """A context on a new, migrated database of this name, dropped at the end; `keep`: on the one that is there, or a
    new one, which stays."""
    assert settings.database_url is not None
    server = make_url(settings.database_url)
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        there = keep and connection.scalar(text("select 1 from pg_database where datname = :name"), {"name": name})
        if not there:
            connection.execute(text(f'create database "{name}"'))
    ctx = make_context(replace(settings, database_url=server.set(database=name).render_as_string(hide_password=False)))
    try:
        schema.upgrade(ctx.engine)
        yield ctx
    finally:
        ctx.engine.dispose()
        with admin.connect() as connection:
            connection.execute(text("checkpoint"))
            if not keep:
                connection.execute(text(f'drop database "{name}" with (force)'))
