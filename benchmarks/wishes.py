"""Invented wishes and policies: tags as often asked as real ones, words cut from texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiles.ragged import Rows
from profiles.standards import industries, regions
from profiles.standards.agencies_table import named
from profiles.subscriptions import KEYS, PolicyTags, WishColumns, written

LETTERS, THEMES = 3_000, 300
BODIES = ("人民政府", "财政局", "人力资源和社会保障局", "科学技术局", "国土资源局")  # of each place
SHORTEST, LONGEST = 2, 12  # characters of a word
ALL_SHARE = 0.2  # of the sets of several values
_FIRST = 0x4E00  # of the characters


@dataclass(frozen=True)
class Key:
    """How one key is asked: of what, how many distinct sets there are, and the share of wishes that name it."""

    values: Sequence[str]
    sets: int
    named: float


class Invented:
    """Draws of one seed."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        counties = [code for code, one in regions.table().items() if one.level in ("city", "county") and len(code) == 6]
        trades = [code for code in industries.table() if len(code) > 1]
        themes = [f"主题{number}" for number in range(THEMES)]
        self.keys = {"themes": Key(themes, 60_000, 0.8), "industries": Key(trades, 20_000, 0.4)}
        self.keys["regions"] = Key(counties, 20_000, 0.6)
        offices = [*named(), *(regions.name_of(code) + body for code in counties for body in BODIES)]
        self.keys["agencies"] = Key(offices, 20_000, 0.2)

    def text(self, size: int) -> str:
        """So many characters, the common ones often."""
        letters = self._common(LETTERS, size).astype(np.uint32) + _FIRST
        return letters.astype("<u4").tobytes().decode("utf-32-le")

    def keywords(self, count: int, source: str) -> list[str]:
        """Distinct queries: half of the words stand in `source`; a tenth of two words, a tenth of alternatives."""
        found: dict[str, None] = {}
        while len(found) < count:
            sizes = self.rng.integers(SHORTEST, LONGEST + 1, count).tolist()
            places = self.rng.integers(0, len(source) - LONGEST, count).tolist()
            loose = self.text(count * LONGEST)
            for number, (size, place) in enumerate(zip(sizes, places, strict=True)):
                at = place if number % 2 else number * LONGEST
                found[(source if number % 2 else loose)[at : at + size]] = None
        words = list(found)[:count]
        self.rng.shuffle(words)
        between = {0: " ", 1: "|"}
        return [f"{word}{between[n % 10]}{words[n - 7]}" if n % 10 in between else word for n, word in enumerate(words)]

    def tag_wishes(self, count: int) -> WishColumns:
        """So many wishes by tags, each naming a key or more."""
        columns = {key: self._sets(self.keys[key], count) for key in KEYS}
        return WishColumns(np.arange(count), np.arange(count) // 2, columns, _nothing(count))

    def keyword_wishes(self, keywords: Sequence[str]) -> WishColumns:
        """One wish a query, naming nothing else."""
        count = len(keywords)
        sets = {key: _nothing(count) for key in KEYS}
        return WishColumns(np.arange(count), np.arange(count), sets, pa.array(keywords).dictionary_encode())

    def policy(self) -> PolicyTags:
        """A policy with three themes, two industries, a region and two agencies."""
        themes, trades = self._values("themes", 3), self._values("industries", 2)
        return PolicyTags(frozenset(themes), trades, self._values("regions", 1)[0], "", self._values("agencies", 2))

    def _values(self, key: str, count: int) -> list[str]:
        values = self.keys[key].values
        return [values[row] for row in self._common(len(values), count).tolist()]

    def _sets(self, key: Key, count: int) -> pa.DictionaryArray:
        """Each wish's set, drawn from the distinct ones; the last hundredth of all names no set at all where it may."""
        sizes = self.rng.choice((1, 2, 3), key.sets, p=(0.6, 0.3, 0.1)).tolist()
        drawn = self._common(len(key.values), 3 * key.sets).reshape(-1, 3).tolist()
        every = (self.rng.random(key.sets) < ALL_SHARE).tolist()
        texts = [
            written(tuple(dict.fromkeys(key.values[row] for row in rows[:size])), every=asked)
            for rows, size, asked in zip(drawn, sizes, every, strict=True)
        ]
        codes = self._common(key.sets, count).astype(np.int32)
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, mask=self.rng.random(count) >= key.named), pa.array(texts)
        )

    def _common(self, levels: int, count: int) -> Rows:
        """int64[count] below `levels`, low numbers often: about as 1 over the rank."""
        return np.asarray(np.minimum(levels ** self.rng.random(count) - 1, levels - 1), np.int64)


def _nothing(count: int) -> pa.DictionaryArray:
    return pa.nulls(count, pa.string()).dictionary_encode()


def bytes_of(arrays: dict[str, NDArray[Any]]) -> int:
    """What the arrays take."""
    return sum(array.nbytes for array in arrays.values())
