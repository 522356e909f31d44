"""Tokens and their columns meet here, once: a vocabulary is the ordered, distinct list of a matrix's columns.

A group of tokens may have a few buckets: columns that its unknown values share, so that a region or a tag that is
newer than the model has a place in it. Which one is told by a checksum of the token, the same in every process.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from recommenders import columns as c
from recommenders.errors import FeatureError

BUCKETS = 4  # of a group: few, so that each of them is met often enough to learn from
Columns = NDArray[np.int64]
Number = TypeVar("Number", bound=np.floating[Any])


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in column order. Equal levels mean equal columns."""

    levels: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(set(self.levels)) != len(self.levels):
            raise FeatureError("repeated_token", "A vocabulary names the same token twice.")

    def __len__(self) -> int:
        return len(self.levels)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Token to column; buckets by their names."""
        return {level: column for column, level in enumerate(self.levels)}

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that are the same for the same columns, and for no others."""
        return sha256("\0".join(self.levels).encode()).hexdigest()[:12]

    @cached_property
    def buckets(self) -> NDArray[np.bool_]:
        """bool[F]: which columns stand for unknown values."""
        return np.array([c.is_bucket(level) for level in self.levels], dtype=np.bool_)

    @cached_property
    def room(self) -> Mapping[str, Sequence[int]]:
        """Group to the columns of its buckets; groups without any are left out."""
        found: dict[str, list[int]] = {}
        for column in np.flatnonzero(self.buckets).tolist():
            found.setdefault(c.split(self.levels[column])[0], []).append(column)
        return found

    def is_bucket(self, column: int) -> bool:
        """Whether the column stands for unknown values."""
        return bool(self.buckets[column])

    def columns(self, tokens: Iterable[str]) -> Columns:
        """Column of each token: its own, else a bucket of its group, else -1."""
        return np.array([self._column(name) for name in tokens], dtype=np.int64)

    def known(self, tokens: Iterable[str]) -> NDArray[np.bool_]:
        """bool[k]: which tokens have a column of their own."""
        return np.array([name in self.index and not c.is_bucket(name) for name in tokens], dtype=np.bool_)

    def filled(self, values: NDArray[Number], seen: Columns) -> NDArray[Number]:
        """What was learnt by column (F or F × d); a column without a row in training has the average of its group.

        That is mostly a bucket, for which training had no rare value. `seen` int64[F]: how many rows had each column,
        which is what each weighs in the average.
        """
        result = values.copy()
        groups = np.array([c.split(level)[0] for level in self.levels], dtype=np.str_)
        for group in np.unique(groups[seen == 0]):
            mine = groups == group
            taught = mine & (seen > 0)
            average = np.average(values[taught], axis=0, weights=seen[taught]) if taught.any() else 0
            result[mine & (seen == 0)] = average
        return result

    def _column(self, name: str) -> int:
        found = self.index.get(name)
        if found is not None:
            return found
        room = self.room.get(c.split(name)[0])
        return room[crc32(name.encode()) % len(room)] if room else -1


def build(tokens: Iterable[str], *, at_least: int = 1) -> Vocabulary:
    """Distinct tokens that occur `at_least` times, sorted, so that the order of the input does not matter."""
    counts: dict[str, int] = {}
    for name in tokens:
        counts[name] = counts.get(name, 0) + 1
    return with_room(counts, at_least=at_least)


def with_room(counts: Mapping[str, int], *, at_least: int = 1, groups: Collection[str] = ()) -> Vocabulary:
    """The tokens that occur `at_least` times, and buckets for each of these `groups` that occurs at all; sorted.

    In such a group the rarer tokens are unknown: they share the buckets, and teach them. (Not in NEVER_RARE.)
    """
    spared = c.NEVER_RARE if groups else frozenset()
    names = {
        name
        for name, count in counts.items()
        if (count >= at_least or (count and c.split(name)[0] in spared)) and not c.is_bucket(name)
    }
    met = {c.split(name)[0] for name, count in counts.items() if count}
    room = (c.bucket(group, number) for group in met.intersection(groups) for number in range(BUCKETS))
    return Vocabulary(tuple(sorted(names.union(room))))
