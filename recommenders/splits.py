"""Which policies a model may see in training: whole policies are held out, as every new policy is unseen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import InteractionError
from recommenders.interactions import Ids

MIN_ITEMS = 5  # one for validation, one for test, and enough to learn from


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


def cold_split(items: Ids, *, seed: int, share: float = 0.2) -> ColdSplit:
    """A random `share` of the distinct items is cold, half of it for validation and half for the test.

    The same items and seed give the same split. Raises InteractionError `too_few_policies`.
    """
    distinct = np.unique(items)
    if len(distinct) < MIN_ITEMS:
        sentence = f"A cold split needs interactions with {MIN_ITEMS} policies at least; there are {len(distinct)}."
        raise InteractionError("too_few_policies", sentence)
    order: NDArray[np.int64] = np.random.default_rng(seed).permutation(distinct)
    half = max(1, round(len(distinct) * share / 2))
    return ColdSplit(np.sort(order[2 * half :]), np.sort(order[:half]), np.sort(order[half : 2 * half]))
