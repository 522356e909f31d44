"""Rows out of PostgreSQL as columns: one array a column, in the bytes that PostgreSQL sends. No Python object a row.

(Rows of text or of COPY would be taken apart one by one, which takes longer than PostgreSQL needs to find them.)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pushsvc.store.bulk import numbers_literal
from pushsvc.store.session import Connection

_HEAD = (
    20  # bytes before the first element of an array of one dimension: its shape (src/backend/utils/adt/arrayfuncs.c)
)
_ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])


def read_columns(conn: Connection, query: str, columns: Mapping[str, str], **values: object) -> dict[str, Any]:
    """The query's columns by name, in its order; no value may be null. `columns`: name → "int" (int64; flags as 0 and
    1, days and moments as numbers) or "word" (a pair: codes int32, words tuple; none with a line end).

    `values` stand in the query as `{name}`, a numpy array as PostgreSQL writes one.
    """
    given = {name: _parameter(value) for name, value in values.items()}
    cursor = conn.connection.driver_connection.cursor(binary=True)  # type: ignore[union-attr]  # the connection is open
    cursor.execute(_whole(query, tuple(columns.items()), tuple(given)), given)
    found = cursor.pgresult
    made = {name: _column(found.get_value(0, at), kind) for at, (name, kind) in enumerate(columns.items())}
    if len({len(column[0] if isinstance(column, tuple) else column) for column in made.values()}) > 1:
        raise ValueError("A column read from the database holds a null.")
    return made


@lru_cache(maxsize=256)
def _whole(query: str, columns: tuple[tuple[str, str], ...], values: tuple[str, ...]) -> str:
    """The statement as the driver takes it: always the same text, so that PostgreSQL reads it once a connection."""
    asked = query.replace("%", "%%").format(**{name: f"%({name})s" for name in values})
    made = {"int": 'array_agg("{}"::bigint)', "word": """string_agg("{}", e'\\n')"""}
    names = [f'"{name}"' for name, _ in columns]
    return (
        f"select {', '.join(made[kind].format(name) for name, kind in columns)} from ({asked}) as q({', '.join(names)})"
    )


def _parameter(value: object) -> object:
    return numbers_literal(value.tolist()) if isinstance(value, np.ndarray) else value


def _column(raw: bytes | None, kind: str) -> Any:
    if kind == "word":
        return _words(raw)
    if raw is None:
        return np.zeros(0, dtype=np.int64)
    if len(raw) != _HEAD + _ELEMENT.itemsize * int.from_bytes(raw[12:16]):
        raise ValueError("A column read from the database holds a null.")
    return np.frombuffer(raw, _ELEMENT, offset=_HEAD)["value"].astype(np.int64)


def _words(raw: bytes | None) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    import pyarrow as pa

    if raw is None:
        return np.zeros(0, dtype=np.int32), ()
    found = pa.array(bytes(raw).decode().split("\n")).dictionary_encode()
    return np.asarray(found.indices), tuple(found.dictionary.to_pylist())
