"""Many rows at once: COPY into a table that lives as long as the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import sql
from sqlalchemy import text

from pushsvc.store.session import Connection


def stage(conn: Connection, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]) -> str:
    """Copy `rows` into the temporary table `name` with `columns` (name, SQL type), emptied first; returns `name`."""
    shape = ", ".join(f"{column} {kind}" for column, kind in columns)
    conn.execute(text(f"create temp table if not exists {name} ({shape}) on commit drop"))
    conn.execute(text(f"truncate {name}"))
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(name), sql.SQL(", ").join(sql.Identifier(column) for column, _ in columns)
    )
    cursor = conn.connection.cursor()
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return name
