"""Books of the values of a column: provisional codes while profiles stream in, sorted levels when all are in.

Codes are as everywhere in a snapshot: 0 is missing, i + 1 stands for value i. One book serves all segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Listing
from profiles.ragged import Ragged, offsets_of
from profiles.snapshot.encoding import MOST_LEVELS, Codes, Levels, smallest_codes
from profiles.snapshot.index import Index


@dataclass(frozen=True)
class Settled:
    """`meaning[code]` of provisional codes 0…k: the code in `levels`; or, without levels, the number."""

    levels: Levels | None
    meaning: NDArray[Any]


class Book(Protocol):
    """The values met so far of one column."""

    def settled(self) -> Settled:
        """Their sorted levels. No more codes are given afterwards."""
        ...


class NumberBook:
    """Numbers, flags or dates. Numbers of too many values are no longer coded but held as they are."""

    def __init__(self, kind: str, most: int = MOST_LEVELS) -> None:
        self._kind, self._most = kind, most
        self._index = Index()
        self._raw = False

    def codes(self, column: Column) -> NDArray[Any]:
        """Provisional codes of n values (uint8, uint16 or uint32), or the values as they are (float64)."""
        known = column.known()
        if self._raw:
            return np.where(known, column.values.astype(np.float64), np.nan)
        rows = np.flatnonzero(known)
        held = column.values[rows]
        # Zero has one sign here, so that the levels rise.
        keys = (held.astype(np.float64) + 0.0).view(np.int64) if self._kind == "number" else held.astype(np.int64)
        numbers = self._index.numbers(keys)
        if self._kind == "number" and len(self._index) > self._most:
            self._raw = True
            return self.codes(column)
        return _spread(len(known), rows, numbers, len(self._index))

    def settled(self) -> Settled:
        """As Book has it."""
        keys = self._index.keys
        if self._raw:
            return Settled(None, np.append(np.nan, keys.view(np.float64)))
        values = keys.view(np.float64) if self._kind == "number" else keys.astype(_DTYPES[self._kind])
        order = np.argsort(values)
        return Settled(Levels(self._kind, values[order]), _meaning(order))


class WordBook:
    """Words of a code column, or of sets."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def table(self, levels: tuple[str, ...], used: NDArray[Any]) -> Codes:
        """The code of each of a batch's k words, 0 for those that no row holds; and behind them 0, for code -1."""
        table = np.zeros(len(levels) + 1, dtype=np.int64)
        for code in np.flatnonzero(np.bincount(used + 1, minlength=1)[1:]).tolist():
            table[code] = self._codes.setdefault(levels[code], len(self._codes)) + 1
        return smallest_codes(table, len(self._codes))

    def codes(self, column: Column) -> NDArray[Any]:
        """Provisional codes of n values, in as few bytes as hold them."""
        return np.asarray(self.table(column.levels, column.values)[column.values])

    def words(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """The words sorted, and int64[k]: the old number of each."""
        order = sorted(self._codes)
        return tuple(order), np.array([self._codes[word] for word in order], dtype=np.int64)

    def settled(self) -> Settled:
        """As Book has it."""
        words, order = self.words()
        return Settled(Levels("code", words=words), _meaning(order))


class SetBook:
    """Sets of words. A set is the way through a tree of its words in the order they were met: two equal sets end alike.

    `empty`: an empty set that somebody told is a value; else it is code 0.
    """

    def __init__(self, *, empty: bool) -> None:
        self._empty = empty
        self._words = WordBook()
        self._steps = Index()  # keys: place in the tree (0 the root, i + 1 the end of step i) and the next word
        self._ends = Index()  # keys: the places where sets end

    def codes(self, listing: Listing) -> Codes:
        """Provisional codes of n rows, in as few bytes as hold them."""
        sets = listing.sets
        known = np.flatnonzero(listing.told if self._empty else listing.told & (sets.sizes() > 0))
        rows, words = self._distinct(sets.take(known))
        sizes = np.bincount(rows, minlength=len(known))
        starts = offsets_of(sizes)[:-1]
        place = np.zeros(len(sizes), dtype=np.int64)
        for depth in range(int(np.max(sizes, initial=0))):
            going = np.flatnonzero(sizes > depth)
            keys = (place[going] << 32) | words[starts[going] + depth]
            place[going] = self._steps.numbers(keys).astype(np.int64) + 1
        return _spread(len(sets), known, self._ends.numbers(place), len(self._ends))

    def settled(self) -> Settled:
        """As Book has it."""
        words, old = self._words.words()
        new = np.argsort(old)  # by old number
        ways = [tuple(sorted(new[code - 1] for code in self._way(place))) for place in self._ends.keys.tolist()]
        order = sorted(range(len(ways)), key=ways.__getitem__)
        sizes = np.array([len(ways[i]) for i in order], dtype=np.int64)
        flat = np.array([word for i in order for word in ways[i]], dtype=np.int32)
        levels = Levels("set", sets=Ragged(offsets_of(sizes), flat, words))
        return Settled(levels, _meaning(np.array(order, dtype=np.int64)))

    def _distinct(self, sets: Ragged) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and word code of every word of every set, by row and word, each once."""
        codes = self._words.table(sets.levels, sets.codes)[sets.codes]
        pairs = np.sort((np.repeat(np.arange(len(sets)), sets.sizes()) << 32) | codes)
        pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
        return pairs >> 32, pairs & 0xFFFFFFFF

    def _way(self, place: int) -> list[int]:
        words = []
        while place:
            key = int(self._steps.keys[place - 1])
            words.append(key & 0xFFFFFFFF)
            place = key >> 32
        return words


_DTYPES: dict[str, Any] = {"date": np.int32, "flag": np.int8}


def _spread(n: int, rows: NDArray[np.int64], numbers: NDArray[Any], size: int) -> Codes:
    """Codes of n rows from the numbers of the known ones."""
    small = smallest_codes(numbers + 1, size)
    if len(rows) == n:
        return small
    codes = np.zeros(n, dtype=small.dtype)
    codes[rows] = small
    return codes


def _meaning(order: NDArray[np.int64]) -> Codes:
    """New code by old one: `order` holds the old number of each new one."""
    meaning = np.zeros(len(order) + 1, dtype=np.int64)
    meaning[order + 1] = np.arange(1, len(order) + 1)
    return smallest_codes(meaning, len(order))
