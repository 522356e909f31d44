"""Many texts, asked which of them hold a word: by the pairs of neighbouring characters each has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Rows
from profiles.subscriptions.windows import code_points

MOST = 1 << 22  # texts: as many as a key has room for beside two characters of 21 bits
_TEXT, _CHARACTER = np.uint64(22), np.uint64(21)
_CHUNK = 500  # texts whose pairs are sorted together


@dataclass(frozen=True, eq=False)
class Pairs:
    """n texts. Pair i (uint64, first character above the second; 0 stands for the end) occurs in
    holders[starts[i]:starts[i + 1]] (numbers of texts)."""

    pairs: NDArray[np.uint64]
    starts: Rows
    holders: NDArray[Any]
    texts: tuple[str, ...]

    def holding(self, word: str, among: Mask | None = None) -> Mask:
        """bool[n]: the texts in which the word occurs, of those marked in `among`. Every text holds the empty word."""
        found = np.ones(len(self.texts), np.bool_) if among is None else among.copy()
        points = code_points(word).astype(np.uint64)
        if len(points) == 1:
            first = int(points[0]) << 21
            return found & self._marked(first, first + (1 << 21))
        for pair in np.unique((points[:-1] << _CHARACTER) | points[1:]).tolist():
            found &= self._marked(pair, pair + 1)
        # One pair is the word itself (0 means the end, too); several may stand apart.
        if len(points) > 2 or not points.all():
            rows = np.flatnonzero(found)
            found[rows] = [word in self.texts[row] for row in rows.tolist()]
        return found

    def _marked(self, first: int, end: int) -> Mask:
        """bool[n]: the texts that hold a pair from `first` up to `end`, which is left out."""
        marks = np.zeros(len(self.texts), np.bool_)
        left, right = np.searchsorted(self.pairs, np.array([first, end], np.uint64))
        marks[self.holders[self.starts[left] : self.starts[right]]] = True
        return marks


def build_pairs(texts: Sequence[str]) -> Pairs:
    """Texts (at most MOST) -> Pairs."""
    if len(texts) > MOST:
        raise ValueError(f"More than {MOST:,} texts.")
    chunks = [_keys(texts[at : at + _CHUNK], at) for at in range(0, len(texts), _CHUNK)]
    keys = np.concatenate([np.zeros(0, np.uint64), *chunks])
    keys.sort()
    holders = (keys & np.uint64(MOST - 1)).astype(np.uint16 if len(texts) <= 1 << 16 else np.int32)
    keys >>= _TEXT
    first = np.flatnonzero(_changes(keys))
    return Pairs(keys[first], np.append(first, len(keys)), holders, tuple(texts))


def _keys(texts: Sequence[str], start: int) -> NDArray[np.uint64]:
    """Distinct (pair, text) as one number each; the last character of a text stands before 0."""
    sizes = np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts))
    points = code_points("".join(f"{text}\0" for text in texts)).astype(np.uint64)
    number = np.repeat(np.arange(start, start + len(texts), dtype=np.uint64), sizes)
    keys = (points[:-1] << (_CHARACTER + _TEXT)) | (points[1:] << _TEXT) | number[:-1]
    keys = keys[number[:-1] == number[1:]]
    keys.sort()
    return np.asarray(keys[_changes(keys)])


def _changes(keys: NDArray[np.uint64]) -> Mask:
    """bool: the first of each run of equal keys."""
    return np.append(np.ones(min(1, len(keys)), np.bool_), keys[1:] != keys[:-1])
