"""m wishes as small codes, matched against a policy: each distinct set and query once, then looked up by code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Rows
from profiles.snapshot.encoding import Codes
from profiles.subscriptions.asking import KEYS
from profiles.subscriptions.columns import WishColumns
from profiles.subscriptions.flat import Arrays, flattened, restored
from profiles.subscriptions.kinship import KIN
from profiles.subscriptions.queries import Queries, queries
from profiles.subscriptions.sets import SetColumn, set_column
from profiles.subscriptions.tags import PolicyTags
from profiles.subscriptions.windows import MULTIPLIER

_BLOCK = 1 << 16  # rows whose codes and answers fit the cache


@dataclass(frozen=True, eq=False)
class _Columns:
    """What is kept: plain arrays, and dataclasses of them."""

    ids: Rows
    profile_ids: Rows
    themes: SetColumn
    industries: SetColumn
    regions: SetColumn
    agencies: SetColumn
    keywords: Queries


@dataclass(frozen=True, eq=False)
class SubscriptionIndex:
    """m wishes; `dead` bool[m] marks those that are no longer so (None: all live). Made by `build_index`."""

    columns: _Columns
    dead: Mask | None = None

    def __len__(self) -> int:
        return len(self.columns.ids)

    @property
    def ids(self) -> Rows:
        """int64[m]: the subscriptions."""
        return self.columns.ids

    @property
    def profile_ids(self) -> Rows:
        """int64[m]: whose they are."""
        return self.columns.profile_ids

    def matching(self, policy: PolicyTags) -> Rows:
        """The rows, rising, of the live wishes that the policy answers: every key named is met, and the words occur."""
        blocks = range(0, len(self), _BLOCK)
        rows = np.concatenate([np.zeros(0, np.int64), *map(partial(_rows, self._truths(policy)), blocks)])
        return rows if self.dead is None else rows[~self.dead[rows]]

    def without(self, profile_ids: Collection[int] | Rows) -> SubscriptionIndex:
        """The same wishes less all of these profiles: their present ones stand in a later index."""
        ids = profile_ids if isinstance(profile_ids, np.ndarray) else np.array(list(profile_ids), np.int64)
        gone = np.isin(self.profile_ids, ids)
        return replace(self, dead=gone if self.dead is None else gone | self.dead)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain one-dimensional arrays by name, `dead` left out."""
        return flattened(self.columns)

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> SubscriptionIndex:
        """The index around these very arrays (mapped ones too). Raises SnapshotError "missing_array"."""
        return cls(restored(_Columns, arrays))

    def _truths(self, policy: PolicyTags) -> list[tuple[Codes, Mask]]:
        """For each key that narrows anything: the wishes' codes, the answer by code."""
        held = self.columns
        sets: dict[str, SetColumn] = {key: getattr(held, key) for key in KEYS}
        found = [(column.codes, column.truth(policy.values[key], KIN[key])) for key, column in sets.items()]
        if len(held.keywords.terms):
            found.append((held.keywords.codes, held.keywords.truth(policy.folded)))
        narrowing = [(codes, truth) for codes, truth in found if not truth.all()]
        return narrowing or found[:1]


def build_index(wishes: WishColumns, *, multiplier: int = MULTIPLIER) -> SubscriptionIndex:
    """Wishes -> their index. `multiplier` (odd): of the words' keys; the answers are the same with any."""
    asked = queries(wishes.keywords, multiplier)
    named = [column.is_valid().to_numpy(zero_copy_only=False) for column in wishes.sets.values()]
    nothing = ~np.any([*named, asked.codes > 0], axis=0)  # a wish that names nothing asks for nothing
    sets = {key: set_column(wishes.sets[key], KIN[key], nothing if key == KEYS[0] else None) for key in KEYS}
    return SubscriptionIndex(_Columns(wishes.ids, wishes.profile_ids, **sets, keywords=asked))


def _rows(truths: Sequence[tuple[Codes, Mask]], start: int) -> Rows:
    """The rows of the block from `start` on whose codes all answer yes."""
    met = np.all([truth.take(codes[start : start + _BLOCK]) for codes, truth in truths], axis=0)
    return np.flatnonzero(met) + start
