"""A column as small codes into the sorted list of its distinct values; numbers with too many of those stay as they are.

Code 0 is missing, code i + 1 stands for value i. Nothing is rounded: decoding gives back what was encoded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import MISSING_DATE, Column, Listing
from profiles.ragged import Ragged, Rows

MOST_LEVELS = 65_535  # as many as 16 bits tell apart beside "missing"

Codes = NDArray[Any]  # uint8, uint16 or uint32


@dataclass(frozen=True, eq=False)
class Levels:
    """The k distinct values of one column, one list for all segments. `kind`: number, flag, code, date or set.

    `numbers`: of a number (float64), date (int32 days) or flag (int8), rising. `words`: of a code. `sets`: of a set.
    `answers`: what was worked out by level, kept for as long as the levels are.
    """

    kind: str
    numbers: NDArray[Any] | None = None
    words: tuple[str, ...] = ()
    sets: Ragged | None = None
    answers: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        if self.numbers is not None:
            return len(self.numbers)
        return len(self.words) if self.sets is None else len(self.sets)

    @cached_property
    def column(self) -> Column:
        """A column of k rows, one a level. Not for sets."""
        if self.kind == "code":
            return Column("code", np.arange(len(self), dtype=np.int32), self.words)
        assert self.numbers is not None
        return Column(self.kind, self.numbers)


@dataclass(frozen=True, eq=False)
class Encoded:
    """One column of n profiles: codes into `levels`; or, without levels, numbers as held (float64 or float32, NaN)."""

    values: Codes
    levels: Levels | None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Any) -> Encoded:
        """The same column for these rows (a slice, indices or a mask)."""
        return Encoded(self.values[rows], self.levels)

    def column(self) -> Column:
        """Decoded. Not for sets."""
        if self.levels is None:
            return Column("number", self.values.astype(np.float64))
        kind, codes = self.levels.kind, self.values
        if kind == "code":
            return Column("code", codes.astype(np.int32) - 1, self.levels.words)
        assert self.levels.numbers is not None
        missing: Any = {"number": np.nan, "date": MISSING_DATE, "flag": -1}[kind]
        held = self.levels.numbers
        return Column(kind, np.append(np.array([missing], dtype=held.dtype), held)[codes])

    def listing(self) -> Listing:
        """A column of sets, decoded; `told` is where the code is not 0."""
        assert self.levels is not None
        sets = self.levels.sets
        assert sets is not None
        told = np.asarray(self.values != 0)
        one_more = Ragged(np.insert(sets.offsets, 0, 0), sets.codes, sets.levels)  # level 0: nothing told
        return Listing(one_more.take(self.values.astype(np.int64)), told)


def smallest_codes(codes: Rows, levels: int) -> Codes:
    """Codes 0…levels in as few bytes as hold them."""
    kind: Any = np.uint8 if levels < 2**8 else np.uint16 if levels < 2**16 else np.uint32
    return codes.astype(kind)


def smallest_numbers(values: NDArray[np.float64]) -> NDArray[Any]:
    """The numbers as float32 where that holds each of them exactly."""
    short = values.astype(np.float32)
    return short if np.array_equal(short, values, equal_nan=True) else values
