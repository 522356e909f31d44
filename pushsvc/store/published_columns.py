"""Lines of rows as typed columns, by way of Arrow: texts as codes, days as numbers, lists by distinct literals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from profiles.columns import MISSING_CODE, MISSING_DATE, Column, Listing, Nested
from profiles.errors import ProfilesError
from profiles.facts import FACTS, LISTS, YEARLY, Fact
from profiles.ragged import Rows, offsets_of, ragged

_CODES = pa.dictionary(pa.int32(), pa.string())
_TYPES = {"number": pa.float64(), "flag": pa.bool_(), "code": _CODES, "date": pa.int32(), "set": _CODES}
_OTHERS = {
    **dict.fromkeys(("id", "profile_id", "shard", "year"), pa.int64()),
    "key": _CODES,
    "valid_from": pa.int32(),
    "valid_until": pa.int32(),
    "personalised": pa.bool_(),
}
TYPES = {name: _TYPES[fact.kind] for name, fact in FACTS.items()} | _OTHERS
_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,]+)')


def read_lines(lines: bytes, names: Sequence[str]) -> pa.Table:
    """The columns `names` (of TYPES) of records, one piece each."""
    return csv.read_csv(
        pa.py_buffer(lines),
        read_options=csv.ReadOptions(
            column_names=["opens", *names, "closes"], block_size=len(lines) + 1, use_threads=False
        ),
        parse_options=csv.ParseOptions(escape_char="\\", newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={name: TYPES[name] for name in names},
            include_columns=list(names),
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def numbers(table: pa.Table, name: str) -> NDArray[Any]:
    """A column that has no null."""
    return np.asarray(_piece(table, name).to_numpy())


def stored(table: pa.Table, names: Sequence[str]) -> dict[str, Column]:
    """The facts that somebody has, by name. Raises ProfilesError unknown_level."""
    pieces = {name: _piece(table, name) for name in names}
    return {name: _column(FACTS[name], piece) for name, piece in pieces.items() if piece.null_count < len(piece)}


def listing(table: pa.Table, name: str) -> Listing:
    """A column of lists as PostgreSQL writes them; null is not told."""
    assert name in LISTS
    piece = _piece(table, name)
    literals = piece.dictionary.to_pylist()
    distinct = ragged([*map(_words, literals), None])  # the last for null
    rows = piece.indices.fill_null(len(literals)).to_numpy()
    return Listing(distinct.take(rows.astype(np.int64)), np.asarray(rows != len(literals)))


def by_year(table: pa.Table, ids: Rows) -> dict[str, Column]:
    """The facts by `fact@year` that some profile of `ids` (rising) has."""
    table, rows = _owned(table, ids)
    years, found = numbers(table, "year"), {}
    for fact in YEARLY:
        values = np.asarray(_piece(table, fact).fill_null(np.nan).to_numpy())
        for year in np.unique(years[~np.isnan(values)]).tolist():
            here = years == year
            column = np.full(len(ids), np.nan)
            column[rows[here]] = values[here]
            found[f"{fact}@{year}"] = Column("number", column)
    return found


def nested(table: pa.Table, ids: Rows, facts: Mapping[str, Fact]) -> Nested:
    """Rows by owner as what belongs to the profiles `ids` (rising): the columns `facts`, all missing ones too."""
    table, rows = _owned(table, ids)
    offsets = offsets_of(np.bincount(rows, minlength=len(ids)).astype(np.int64))
    return Nested(offsets, {name: _column(fact, _piece(table, name)) for name, fact in facts.items()})


def marked(table: pa.Table, ids: Rows) -> NDArray[np.bool_]:
    """bool[n]: the profiles of `ids` (rising) that have a row."""
    found = np.zeros(len(ids), dtype=np.bool_)
    found[_owned(table, ids)[1]] = True
    return found


def _owned(table: pa.Table, ids: Rows) -> tuple[pa.Table, Rows]:
    """The rows whose owner is one of `ids` (an erased one is not), and their owners' places."""
    owners = numbers(table, "profile_id")
    at = np.minimum(np.searchsorted(ids, owners), len(ids) - 1)
    living = ids[at] == owners
    return (table, at) if living.all() else (table.filter(pa.array(living)), at[living])


def _piece(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _column(fact: Fact, piece: pa.Array) -> Column:
    if fact.kind == "number":
        return Column("number", np.asarray(piece.fill_null(np.nan).to_numpy()))
    if fact.kind == "date":
        return Column("date", np.asarray(piece.fill_null(int(MISSING_DATE)).to_numpy()))
    if fact.kind == "flag":
        return Column("flag", np.asarray(piece.cast(pa.int8()).fill_null(-1).to_numpy()))
    codes = np.asarray(piece.indices.fill_null(MISSING_CODE).to_numpy())
    words = tuple(piece.dictionary.to_pylist())
    if not fact.levels:
        return Column("code", codes, words)
    strangers = [word for word in words if word not in fact.levels]
    if strangers:
        raise ProfilesError("unknown_level", fact.name, f"{strangers[0]!r} is not one of {', '.join(fact.levels)}.")
    places = np.array([*(fact.levels.index(word) for word in words), MISSING_CODE], dtype=np.int32)
    return Column("code", places[codes], fact.levels)


def _words(literal: str) -> list[str]:
    """The words of an array as PostgreSQL writes it."""
    if '"' not in literal:
        return literal[1:-1].split(",") if len(literal) > 2 else []
    found = _ELEMENT.finditer(literal, 1, len(literal) - 1)
    return [re.sub(r"\\(.)", r"\1", one[1]) if one[1] is not None else one[2] for one in found]
