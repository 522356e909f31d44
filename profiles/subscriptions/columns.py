"""Wishes as columns: what is asked, as codes into distinct texts. From rows, or as a database's copy gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiles.ragged import Rows
from profiles.subscriptions.asking import KEYS, Asks, values_of, written

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class WishColumns:
    """m wishes: their ids and whose they are, int64[m]; what they ask, as Arrow dictionary arrays of m texts.

    `sets`: for each of KEYS the named values as `written` puts them, null where the key is not named.
    `keywords`: the query as the person wrote it, null for none.
    """

    ids: Rows
    profile_ids: Rows
    sets: Mapping[str, pa.DictionaryArray]
    keywords: pa.DictionaryArray

    def __len__(self) -> int:
        return len(self.ids)


def wish_columns(ids: Sequence[int], profile_ids: Sequence[int], wishes: Sequence[Asks]) -> WishColumns:
    """Wishes one by one -> columns; for millions of rows make the columns at once."""
    named = [values_of(wish) for wish in wishes]
    sets = {
        key: _encoded([written(one[key], every=key in wish.all_of) for wish, one in zip(wishes, named, strict=True)])
        for key in KEYS
    }
    keywords = _encoded([wish.keyword for wish in wishes])
    return WishColumns(np.array(ids, np.int64), np.array(profile_ids, np.int64), sets, keywords)


def _encoded(texts: Sequence[str | None]) -> pa.DictionaryArray:
    import pyarrow as pa  # slow to load: only who makes columns waits for it

    return pa.array(texts, pa.string()).dictionary_encode()
