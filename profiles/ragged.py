"""Sets and lists of unequal length as two flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ragged:
    """A set of codes a row: row i holds codes[offsets[i]:offsets[i + 1]], each an index into `levels`."""

    offsets: Rows
    codes: NDArray[np.int32]
    levels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[Any]) -> Ragged:
        """The sets of these rows (indices or a mask), in that order."""
        picked, offsets = spans(self.offsets, rows)
        return Ragged(offsets, self.codes[picked], self.levels)

    def any_of(self, level_mask: Mask) -> Mask:
        """bool[n]: rows holding at least one of the levels marked in bool[len(levels)]."""
        if not len(self.codes):
            return np.zeros(len(self), dtype=np.bool_)
        running = np.concatenate(([0], np.cumsum(level_mask[self.codes], dtype=np.int64)))
        return np.asarray(running[self.offsets[1:]] > running[self.offsets[:-1]])

    def has(self, level: str) -> Mask:
        """bool[n]: rows holding this word."""
        return self.any_of(np.array([known == level for known in self.levels], dtype=np.bool_))

    def sizes(self) -> Rows:
        """int64[n]: how many codes each row holds."""
        return np.diff(self.offsets)

    def words(self, row: int) -> tuple[str, ...]:
        """The levels one row holds."""
        return tuple(self.levels[c] for c in self.codes[self.offsets[row] : self.offsets[row + 1]])


def ragged(rows: Sequence[Sequence[str] | None]) -> Ragged:
    """Sets of words -> Ragged. None is an empty set."""
    index: dict[str, int] = {}
    codes = [index.setdefault(word, len(index)) for row in rows for word in (row or ())]
    sizes = np.fromiter((len(row or ()) for row in rows), np.int64, len(rows))
    return Ragged(offsets_of(sizes), np.array(codes, dtype=np.int32), tuple(index))


def ragged_of_masks(masks: NDArray[np.bool_], levels: tuple[str, ...]) -> Ragged:
    """bool[n, len(levels)] -> the set of marked levels of each row."""
    codes = np.nonzero(masks)[1].astype(np.int32)
    return Ragged(offsets_of(masks.sum(axis=1, dtype=np.int64)), codes, levels)


def no_sets(n: int) -> Ragged:
    """n empty sets."""
    return Ragged(np.zeros(n + 1, np.int64), np.zeros(0, np.int32))


def offsets_of(sizes: Rows) -> Rows:
    """int64[n] sizes -> int64[n + 1] offsets."""
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def spans(offsets: Rows, rows: NDArray[Any]) -> tuple[Rows, Rows]:
    """Where the members of `rows` lie in the flat arrays, and the offsets they get there."""
    if rows.dtype == np.bool_:
        rows = np.flatnonzero(rows)
    starts, sizes = offsets[:-1][rows], np.diff(offsets)[rows]
    new = offsets_of(sizes)
    picked = np.arange(new[-1], dtype=np.int64) + np.repeat(starts - new[:-1], sizes)
    return picked, new


def max_per_row(values: NDArray[Any], offsets: Rows, empty: int) -> NDArray[Any]:
    """The largest of each row's members; `empty` for a row without any."""
    result = np.full(len(offsets) - 1, empty, dtype=values.dtype)
    full = offsets[1:] > offsets[:-1]
    if full.any():
        result[full] = np.maximum.reduceat(values, offsets[:-1][full])
    return result
