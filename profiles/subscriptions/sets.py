"""One key of m wishes: codes into the distinct sets of values asked for, answered once a set."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Rows
from profiles.snapshot.encoding import Codes, smallest_codes
from profiles.subscriptions.asking import BETWEEN
from profiles.subscriptions.folding import ALL
from profiles.subscriptions.kinship import Kin, Kinship, kinship

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class SetColumn:
    """s distinct sets. codes[m]: 0 where a wish does not name the key, i + 1 for set i.

    Set i holds values[offsets[i]:offsets[i + 1]] and is met where at least needs[i] of them are: 1, or all. Value 0 is
    one that nothing meets; the last set, of it alone, is for wishes that no policy may meet.
    """

    codes: Codes
    offsets: Rows
    values: NDArray[np.int32]
    needs: NDArray[np.int32]
    kinship: Kinship

    def truth(self, words: Collection[str], kin: Callable[[str], Kin]) -> Mask:
        """bool[s + 1] by code: whether a policy that has these words of the key meets the set."""
        marks = np.zeros(self._distinct, np.bool_)
        for found in map(kin, words):
            self.kinship.mark(marks, found)
        truth = np.ones(len(self.needs) + 1, np.bool_)
        if len(self.needs):
            np.greater_equal(_sums(marks[self.values], self.offsets), self.needs, out=truth[1:])
        return truth

    @cached_property
    def _distinct(self) -> int:
        return int(np.max(self.values)) + 1


def set_column(column: pa.DictionaryArray, kin: Callable[[str], Kin], never: Mask | None = None) -> SetColumn:
    """The texts of one key (see `written`) -> SetColumn. `never`: bool[m], wishes that no policy may meet."""
    import pyarrow.compute as pc

    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    texts = column.dictionary
    lists = pc.split_pattern(pc.utf8_slice_codeunits(texts, 1), BETWEEN)
    members = lists.flatten().dictionary_encode()
    offsets = lists.offsets.to_numpy().astype(np.int64) if len(texts) else np.zeros(1, np.int64)
    every = pc.starts_with(texts, ALL).to_numpy(zero_copy_only=False).astype(np.bool_)
    needs = np.append(np.where(every, np.diff(offsets), 1), 1).astype(np.int32)
    offsets = np.append(offsets, len(members) + 1)
    values = np.append(members.indices.to_numpy().astype(np.int32) + 1, np.int32(0))
    if never is not None:
        codes[never] = len(needs)
    words = [(), *((word,) for word in members.dictionary.to_pylist())]
    return SetColumn(smallest_codes(codes, len(needs) + 1), offsets, values, needs, kinship(words, kin))


def _sums(met: Mask, offsets: Rows) -> NDArray[np.int32]:
    """int32[s]: how many of each set's values are met; no set is empty."""
    return np.asarray(np.add.reduceat(met, offsets[:-1], dtype=np.int32))
