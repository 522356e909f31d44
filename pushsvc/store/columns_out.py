"""Rows out of PostgreSQL as columns: all lines as one text, read by Arrow. No Python object a row.

(COPY would hand over each line by itself, which takes psycopg twice as long as PostgreSQL.)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pushsvc.store.bulk import numbers_literal
from pushsvc.store.session import Connection

if TYPE_CHECKING:
    import pyarrow as pa


def read_columns(conn: Connection, query: str, columns: Mapping[str, str], **values: object) -> dict[str, Any]:
    """The query's columns by name, in its order; no value may be null. `columns`: name → "int" (int64; flags as 0 and
    1, days and moments as numbers) or "word" (a pair: codes int32, words tuple; none with a comma or a line end).

    `values` stand in the query as `{name}`, a numpy array as PostgreSQL writes one.
    """
    given = {name: _parameter(value) for name, value in values.items()}
    row = conn.connection.cursor().execute(_whole(query, tuple(columns), tuple(given)), given).fetchone()
    return _parsed(row[0] if row else None, columns)


@lru_cache(maxsize=256)
def _whole(query: str, columns: tuple[str, ...], values: tuple[str, ...]) -> str:
    """The statement as the driver takes it: always the same text, so that PostgreSQL plans it once a connection."""
    asked = query.replace("%", "%%").format(**{name: f"%({name})s" for name in values})
    names = ", ".join(f'"{name}"' for name in columns)
    return f"select string_agg(concat_ws(',', {names}), chr(10)) from ({asked}) as q({names})"


def _parameter(value: object) -> object:
    return numbers_literal(value.tolist()) if isinstance(value, np.ndarray) else value


def _parsed(lines: str | None, columns: Mapping[str, str]) -> dict[str, Any]:
    import pyarrow as pa
    from pyarrow import csv

    if not lines:
        return {name: _none(kind) for name, kind in columns.items()}
    kinds = {"int": pa.int64(), "word": pa.dictionary(pa.int32(), pa.string())}
    table = csv.read_csv(
        pa.py_buffer(lines.encode()),
        read_options=csv.ReadOptions(column_names=list(columns), block_size=len(lines) * 4 + 1, use_threads=False),
        parse_options=csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types={name: kinds[kind] for name, kind in columns.items()},
            null_values=[],
            strings_can_be_null=False,
        ),
    )
    return {name: _column(table.column(name).combine_chunks(), kind) for name, kind in columns.items()}


def _column(piece: pa.Array, kind: str) -> Any:
    return (np.asarray(piece.indices), tuple(piece.dictionary.to_pylist())) if kind == "word" else np.asarray(piece)


def _none(kind: str) -> tuple[NDArray[np.int32], tuple[str, ...]] | NDArray[np.int64]:
    return (np.zeros(0, dtype=np.int32), ()) if kind == "word" else np.zeros(0, dtype=np.int64)
