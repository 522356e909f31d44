"""A column of texts read at once: usual spellings by a kernel, every other distinct one once by the cell parser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.kernels import Kernel
from profiles.said import Coded

FEW = 32  # rows for which a kernel costs more than it saves
_MARK = "\x1f"  # between a text and the day it depends on


@dataclass(frozen=True)
class Spec:
    """`parse` reads one cell; `kind` is what Arrow calls its value, None where it is one of ours.

    `kernel` reads the usual spellings of a whole column; `dated`: the value depends on the day of the row.
    """

    parse: Callable[[str, date | None], object]
    kind: pa.DataType | None
    kernel: Kernel | None = None
    dated: bool = False


@dataclass(frozen=True)
class Parsed:
    """A column read: its values (null or -1 where there is none), and what is wrong with which rows."""

    values: pa.Array | Coded
    wrong: tuple[tuple[int, ProfilesError], ...] = ()


def parse_column(texts: pa.Array, spec: Spec, days: pa.Array) -> Parsed:
    """n texts (null: nothing is said) and the days of their rows -> n values."""
    fast = spec.kernel(texts) if spec.kernel and len(texts) > FEW else None
    rows = np.flatnonzero(valid(texts) if fast is None else valid(texts) & ~valid(fast))
    if fast is not None and not len(rows):
        return Parsed(fast)
    codes, values, errors = _distinct(texts.take(pa.array(rows)), spec, days.take(pa.array(rows)))
    pairs = zip(rows.tolist(), codes.tolist(), strict=True) if errors else ()
    wrong = tuple((row, errors[code]) for row, code in pairs if code in errors)
    full = np.full(len(texts), -1, dtype=np.int32)
    full[rows] = codes
    if spec.kind is None:
        nothing = np.array([value is None for value in values] + [True])  # the last is for -1
        return Parsed(Coded(np.where(nothing[full], np.int32(-1), full), tuple(values)), wrong)
    slow = pa.array(values, spec.kind).take(pa.array(full, mask=full < 0))
    return Parsed(slow if fast is None else pc.coalesce(fast, slow), wrong)


def valid(column: pa.Array) -> NDArray[np.bool_]:
    """bool[n]: where the column holds a value."""
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def _distinct(
    texts: pa.Array, spec: Spec, days: pa.Array
) -> tuple[NDArray[np.int32], list[object], dict[int, ProfilesError]]:
    """Codes of m texts, and the value or the error of each code."""
    keys = pc.binary_join_element_wise(texts, days.cast(pa.string()).fill_null(""), _MARK) if spec.dated else texts
    found = keys.dictionary_encode()
    values: list[object] = []
    errors: dict[int, ProfilesError] = {}
    known: dict[str, date | None] = {"": None}
    for code, key in enumerate(found.dictionary.to_pylist()):
        text, _, day = key.rpartition(_MARK) if spec.dated else (key, "", "")
        if day not in known:
            known[day] = date.fromisoformat(day)
        try:
            values.append(spec.parse(text, known[day]))
        except ProfilesError as exc:
            values.append(None)
            errors[code] = exc
    return found.indices.to_numpy().astype(np.int32), values, errors
