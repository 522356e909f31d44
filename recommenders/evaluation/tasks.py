"""A task: what may be learnt from, what is new, and who took it up. Published data and our own log make the same.

Published items have features in two weightings, as they are and by how rare they are in training; val says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import DataError
from recommenders.evaluation.datasets import Dataset
from recommenders.evaluation.judging import Cold
from recommenders.evaluation.metrics import deciles
from recommenders.evaluation.scorers import Rows, Scorer
from recommenders.interactions import Interactions
from recommenders.matrix import Csr, beside, diagonal, from_parts, unit_rows

USER_OWN = 1.0  # weight of a user's own column: in published sets a user is little else
ITEM_OWN = (0.1, 0.3)  # weights to try for a training item's own column


@dataclass(frozen=True, eq=False)
class Content:
    """Items as rows of unit length (or empty) over the same features: training and cold ones."""

    warm: Csr
    cold: Csr


@dataclass(frozen=True, eq=False)
class Task:
    """Items in each weighting, users × features (with columns of their own), the log (training items × users), truth.

    `declared`: what users told us that they want. `unseen`: items and users of the log that could not have met.
    `filled`: what is learnt of the items' features, with a value for those that training did not meet. `past`: which
    items of the log speak for new ones. `item_own`: weights of a training item's own column to try.
    """

    contents: Mapping[str, Content]
    users: Csr
    log: Csr
    truth: Cold
    declared: Scorer | None = None
    unseen: tuple[NDArray[np.signedinteger[Any]], NDArray[np.signedinteger[Any]]] | None = None
    filled: Callable[[NDArray[np.float32]], NDArray[np.float32]] = lambda values: values
    past: slice = slice(None)
    item_own: Sequence[float] = ITEM_OWN

    @cached_property
    def read(self) -> Csr:
        """The past items as they serve beside a model: who read one read it, however strong that was."""
        found = self.log[self.past].copy()
        found.data = np.ones_like(found.data)
        return found


def published(dataset: Dataset, folds: Rows, place: str) -> Task:
    """One split of a data set. Raises DataError `empty_fold` where a fold holds no pair."""
    warm, cold = np.flatnonzero(folds == 0), np.flatnonzero(folds > 0)
    items, users = dataset.shape
    pairs = Interactions(dataset.users, dataset.items).distinct()
    for number, fold in enumerate(("train", "val", "test")):
        if not (folds[pairs.policy_ids] == number).any():
            raise DataError("empty_fold", f"No interaction is with an item of the fold {fold}.", place)
    table = from_parts(pairs.policy_ids, pairs.profile_ids, pairs.strength, (items, users))
    log = table[warm]
    own = diagonal(np.arange(users), USER_OWN, users)
    people = own if dataset.user_features is None else beside(unit_rows(dataset.user_features), own)
    return Task(_contents(dataset.item_features, warm, cold), people, log, truth_of(table[cold], folds[cold] == 2, log))


def truth_of(positive: Csr, is_test: np.ndarray[tuple[int], np.dtype[np.bool_]], log: Csr) -> Cold:
    """The truth of these cold items × users; users are grouped by how much of the log is theirs."""
    activity = np.bincount(log.indices, minlength=log.shape[1]).astype(np.float64)
    held = np.zeros(positive.shape, dtype=np.bool_)
    held[positive.nonzero()] = True
    return Cold(held, is_test, deciles(activity))


def _contents(features: Csr, warm: Rows, cold: Rows) -> dict[str, Content]:
    seen = np.bincount(features[warm].indices, minlength=features.shape[1])
    rarity = np.log((1 + len(warm)) / (1 + seen)) + 1
    found = {}
    for name, weight in (("raw", np.ones(len(seen))), ("idf", rarity)):
        weighted = features.copy()
        weighted.data = (weighted.data * weight[weighted.indices]).astype(np.float32)
        weighted = unit_rows(weighted)
        found[name] = Content(weighted[warm], weighted[cold])
    alike = np.array_equal(found["raw"].warm.data, found["idf"].warm.data)
    return {"raw": found["raw"]} if alike else found
