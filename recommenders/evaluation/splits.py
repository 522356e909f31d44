"""Which policies a model may see in training: whole policies are held out, as every new policy is unseen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import InteractionError
from recommenders.interactions import Ids

MIN_ITEMS = 5  # one for validation, one for test, and enough to learn from
SHARE = 0.2  # of the policies is cold


@dataclass(frozen=True)
class ColdSplit:
    """Item ids by fold; `val` chooses, `test` is only looked at in the end."""

    train: Ids
    val: Ids
    test: Ids

    @property
    def cold(self) -> Ids:
        """Both held-out folds: all of them are candidates in a feed."""
        return np.concatenate([self.val, self.test])


def cold_split(items: Ids, *, seed: int, share: float = SHARE) -> ColdSplit:
    """A random `share` of the distinct items is cold, half of it for validation and half for the test.

    The same items and seed give the same split. Raises InteractionError `too_few_policies`.
    """
    distinct = np.unique(items)
    _require(len(distinct))
    order: NDArray[np.int64] = np.random.default_rng(seed).permutation(distinct)
    half = max(1, round(len(distinct) * share / 2))
    return ColdSplit(np.sort(order[2 * half :]), np.sort(order[:half]), np.sort(order[half : 2 * half]))


def time_split(items: Ids, published: Mapping[int, date], *, share: float = SHARE) -> ColdSplit:
    """The latest `share` of the items with a day is cold: its first half validates, the second, later, is the test.

    Items of one day stand in the order of their ids. Raises InteractionError `too_few_policies`.
    """
    known = sorted((published[one], one) for one in np.unique(items).tolist() if one in published)
    _require(len(known))
    ids = np.array([one for _, one in known], dtype=np.int64)
    half = max(1, round(len(ids) * share / 2))
    return ColdSplit(np.sort(ids[: -2 * half]), np.sort(ids[-2 * half : -half]), np.sort(ids[-half:]))


def _require(count: int) -> None:
    if count < MIN_ITEMS:
        sentence = f"A cold split needs interactions with {MIN_ITEMS} policies at least; there are {count}."
        raise InteractionError("too_few_policies", sentence)
