"""Many rows at once: COPY, into a table or into one that lives as long as the transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from psycopg import errors, sql
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from pushsvc.store.session import Connection

if TYPE_CHECKING:
    import pyarrow as pa

# Somebody else wrote the same new row at the same moment: the transaction may be tried again.
CLASHES: tuple[type[Exception], ...] = (IntegrityError, errors.UniqueViolation, errors.DeadlockDetected)
_BETWEEN = "\0"  # in no text of a database
_BATCH = 4096  # rows written to text together


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


def copy_columns(conn: Connection, table: str, columns: Mapping[str, pa.Array]) -> None:
    """Copy equally long columns into `table`, which has them by these names; a null is NULL."""
    import pyarrow as pa
    from pyarrow import csv

    if not columns or not len(next(iter(columns.values()))):
        return
    statement = sql.SQL("copy {} ({}) from stdin with (format csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    sink = pa.BufferOutputStream()
    # A null stands there as nothing, an empty text as two quotes.
    csv.write_csv(pa.table(dict(columns)), sink, csv.WriteOptions(include_header=False, batch_size=_BATCH))
    with conn.connection.cursor().copy(statement) as copy:
        copy.write(sink.getvalue().to_pybytes())


def stage_columns(conn: Connection, name: str, shape: Mapping[str, str], columns: Mapping[str, pa.Array]) -> str:
    """`stage` for columns: `shape` gives each column's SQL type, and those without values stay NULL."""
    parts = ", ".join(f"{column} {kind}" for column, kind in shape.items())
    conn.execute(text(f"create temp table if not exists {name} ({parts}) on commit drop"))
    conn.execute(text(f"truncate {name}"))
    copy_columns(conn, name, columns)
    return name


def new_numbers(conn: Connection, table: str, count: int) -> list[int]:
    """So many numbers for new rows of `table`, rising."""
    # As one text: a hundred thousand rows of one number each cost more than the numbers.
    query = text("""
        with s as materialized (select cast(pg_get_serial_sequence(:table, 'id') as regclass) as numbers)
        select string_agg(nextval(s.numbers)::text, ',') from s, generate_series(1, :count)
    """)
    found = str(conn.execute(query, {"table": table, "count": count}).scalar_one() or "")
    return [int(number) for number in found.split(",") if number]


def numbers_literal(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL writes an array of them: much faster as one parameter than as many."""
    return "{" + ",".join(map(str, numbers)) + "}"


def words_literal(words: Collection[str]) -> str:
    """`numbers_literal` for texts. Raises ValueError for one with a NUL, which no text of a database may hold."""
    joined = _BETWEEN.join(words)
    if words and joined.count(_BETWEEN) != len(words) - 1:
        raise ValueError("A text with a NUL cannot be stored.")
    if not joined:
        return '{""}' if list(words) else "{}"
    return '{"' + joined.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","') + '"}'


def bytes_literal(values: Iterable[bytes]) -> str:
    """`words_literal` for an array of bytes."""
    return "{" + ",".join([f'"\\\\x{value.hex()}"' for value in values]) + "}"


def hexadecimal(values: Iterable[bytes | None]) -> pa.Array:
    """Bytes as PostgreSQL writes them in a text."""
    import pyarrow as pa

    return pa.array([None if value is None else f"\\x{value.hex()}" for value in values], pa.string())
