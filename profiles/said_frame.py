"""Rows as they are said -> the frame that everything is computed on, without a detour through the database."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from profiles.building import build_frame
from profiles.columns import MISSING_CODE, MISSING_DATE, Column, Frame
from profiles.facts import FACTS, Fact
from profiles.said import Said


def frame_of(said: Said) -> Frame:
    """What n rows say of n profiles, numbered from 0; nothing sensitive."""
    n = len(said)
    family: list[list[tuple[object, str | None]]] = [[] for _ in range(n)]
    for row, members in said.listed("dependants").cells():
        family[row] = [(one.birth_date, one.household_region) for one in members]
    frame = build_frame(range(n), {}, dependants=family)  # type: ignore[arg-type]  # a range is a sequence of numbers
    columns = {**said.facts, **said.yearly, "kind": said.texts("kind")}
    return frame.with_columns({name: _column(FACTS[name.partition("@")[0]], one) for name, one in columns.items()})


def _column(fact: Fact, values: pa.Array) -> Column:
    return _TYPED[fact.kind](fact, values)


def _numbers(_: Fact, values: pa.Array) -> Column:
    return Column("number", values.to_numpy(zero_copy_only=False).astype(np.float64))


def _flags(_: Fact, values: pa.Array) -> Column:
    return Column("flag", values.cast(pa.int8()).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int8))


def _dates(_: Fact, values: pa.Array) -> Column:
    days = values.cast(pa.int32()).fill_null(int(MISSING_DATE))
    return Column("date", days.to_numpy(zero_copy_only=False).astype(np.int32))


def _codes(fact: Fact, values: pa.Array) -> Column:
    found = values.dictionary_encode()
    index = {level: code for code, level in enumerate(fact.levels)}
    places = [index.setdefault(word, len(index)) for word in found.dictionary.to_pylist()] + [MISSING_CODE]
    codes = found.indices.fill_null(len(places) - 1).to_numpy(zero_copy_only=False)
    return Column("code", np.array(places, dtype=np.int32)[codes], tuple(index))


_TYPED: dict[str, Callable[[Fact, pa.Array], Column]] = {
    "number": _numbers,
    "flag": _flags,
    "code": _codes,
    "date": _dates,
}
