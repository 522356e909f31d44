"""The cold-start protocol: the same scores judged as audiences (users of an item) and as feeds (items of a user).

Candidates of an audience are all users. Candidates of a feed are all cold items, with the other fold's positives
masked. Hyper-parameters are chosen on val; figures are of test.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders import metrics
from recommenders.metrics import Mask

Progress = Callable[[int, int, str], None]
Figures = dict[str, float | None]
Scores = NDArray[np.float32]
K = 20


@dataclass(frozen=True)
class Cold:
    """The held-out truth: `positive` is cold items × users; `is_test` marks the items of the test fold."""

    positive: Mask
    is_test: Mask
    groups: NDArray[np.int64]  # each user's group of activity in training

    def fold(self, test: bool) -> Mask:
        """Which cold items belong to the fold."""
        return self.is_test if test else ~self.is_test


def audience(cold: Cold, scores: Scores, *, test: bool = True) -> Figures:
    """Means over the fold's items; `auc_lowest_decile` is the worst AUC inside a group of equal activity."""
    inside = cold.fold(test)
    positive, found = cold.positive[inside], scores[inside]
    best, count = metrics.hits(found, positive, k=K), metrics.counts(positive)
    within = [value for value in metrics.auc_in_groups(found, positive, cold.groups) if not np.isnan(value)]
    return {
        "auc": plain(metrics.mean(metrics.auc(found, positive))),
        f"ndcg@{K}": plain(metrics.mean(metrics.ndcg(best, count, k=K))),
        f"precision@{K}": plain(metrics.mean(metrics.precision(best, count, k=K))),
        "auc_lowest_decile": plain(min(within, default=float("nan"))),
    }


def feed(cold: Cold, scores: Scores, *, test: bool = True) -> Figures:
    """Means over the users who have a positive in the fold."""
    inside = cold.fold(test)
    positive = (cold.positive & inside[:, None]).T
    judged = positive.any(axis=1)
    allowed = ~(cold.positive & ~inside[:, None]).T[judged]
    positive, found = positive[judged], scores.T[judged]
    best, count = metrics.hits(found, positive, allowed, k=K), metrics.counts(positive, allowed)
    return {
        "auc": plain(metrics.mean(metrics.auc(found, positive, allowed))),
        f"ndcg@{K}": plain(metrics.mean(metrics.ndcg(best, count, k=K))),
        f"recall@{K}": plain(metrics.mean(metrics.recall(best, count))),
    }


def choice(figures: Figures) -> float:
    """What val is judged by when one of several is chosen: the whole order and its top, in equal parts."""
    return (figures["auc"] or 0.0) + (figures[f"ndcg@{K}"] or 0.0)


def plain(value: float) -> float | None:
    """The figure rounded for reading; None where nothing could be judged (NaN is no JSON)."""
    return None if np.isnan(value) else round(value, 4)


def silent(done: int, total: int, label: str) -> None:
    """The progress callback of one who does not want to know."""
