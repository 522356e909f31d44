"""A growing dictionary of 64-bit keys, looked up and added to by whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Numbers = NDArray[np.int32]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio: neighbours land far apart
_ROOMY = 4  # slots a key, so that most are found at the first look


class Index:
    """Distinct keys, numbered from 0 as they are met: open addressing, a whole array a step."""

    def __init__(self) -> None:
        self._known = np.zeros(256, dtype=np.int64)
        self._slots = np.full(len(self._known) * _ROOMY, -1, dtype=np.int32)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def keys(self) -> Keys:
        """int64[k]: the keys by number."""
        return self._known[: self._size]

    def numbers(self, keys: Keys) -> Numbers:
        """int32[n]: the number of each key; a key not met before gets the next one."""
        found = self._find(keys)
        strange = np.flatnonzero(found < 0)
        if len(strange):
            self._learn(np.unique(keys[strange]))
            found[strange] = self._find(keys[strange])
        return found

    def _find(self, keys: Keys) -> Numbers:
        """int32[n]: numbers of the keys, -1 where not met before."""
        slots = self._home(keys)
        found = self._slots[slots]
        astray = np.flatnonzero((self._known[found] != keys) & (found >= 0))
        while len(astray):  # another key sits there: look at the next slot
            slots[astray] = (slots[astray] + 1) & (len(self._slots) - 1)
            found[astray] = self._slots[slots[astray]]
            here = found[astray]
            astray = astray[(self._known[here] != keys[astray]) & (here >= 0)]
        return found

    def _learn(self, fresh: Keys) -> None:
        """Adds keys, distinct and none of them known."""
        start, self._size = self._size, self._size + len(fresh)
        if self._size > len(self._known):
            room = 1 << int(self._size * 2 - 1).bit_length()
            self._known = np.concatenate((self._known[:start], np.zeros(room - start, dtype=np.int64)))
            self._slots = np.full(room * _ROOMY, -1, dtype=np.int32)
            start = 0  # all of them sit elsewhere now
        self._known[self._size - len(fresh) : self._size] = fresh
        self._settle(np.arange(start, self._size, dtype=np.int32))

    def _settle(self, numbers: Numbers) -> None:
        slots = self._home(self._known[numbers])
        while len(numbers):
            free = self._slots[slots] < 0
            self._slots[slots[free]] = numbers[free]  # of two that want one slot the last has it
            left = self._slots[slots] != numbers
            numbers, slots = numbers[left], (slots[left] + 1) & (len(self._slots) - 1)

    def _home(self, keys: Keys) -> NDArray[np.int64]:
        bits: NDArray[Any] = keys.view(np.uint64)
        shift = np.uint64(64 - (len(self._slots).bit_length() - 1))
        mixed = ((bits ^ (bits >> np.uint64(32))) * _SPREAD) >> shift
        return np.asarray(mixed.view(np.int64))
