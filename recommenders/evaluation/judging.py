"""The cold-start protocol: the same scores judged as audiences (users of an item) and as feeds (items of a user).

Candidates of an audience are all users. Candidates of a feed are all cold items, with the other fold's positives
masked. Hyper-parameters are chosen on val; figures are of test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import FeatureError
from recommenders.evaluation import metrics
from recommenders.evaluation.metrics import Mask
from recommenders.evaluation.scorers import Rows, Scorer, Scores

Progress = Callable[[int, int, str], object]
Direction = Literal["audience", "feed"]
Rowwise = dict[str, NDArray[np.float64]]
Lines = tuple[Scores, Mask, Mask | None]  # scores, positives, and which candidates are allowed (None: all)
DIRECTIONS: tuple[Direction, ...] = ("audience", "feed")
K = 20
FIGURES = ("auc", f"ndcg@{K}", f"recall@{K}", f"precision@{K}")
BLOCK = 4_000_000  # scores that are judged at a time, to bound memory


@dataclass(frozen=True, eq=False)
class Cold:
    """The held-out truth: `positive` is cold items × users; `is_test` marks the items of the test fold."""

    positive: Mask
    is_test: Mask
    groups: NDArray[np.int64]  # each user's group of activity in training

    def fold(self, test: bool) -> Mask:
        """Which cold items belong to the fold."""
        return self.is_test if test else ~self.is_test


@dataclass(frozen=True, eq=False)
class Judged:
    """One direction: figures of each judged line, the share of candidates that were shown in some line's first K.

    Audiences also have the AUC inside each group of activity, with the positives there (both lines × groups).
    """

    rows: Rowwise
    coverage: float
    groups: tuple[NDArray[np.float64], NDArray[np.float64]] | None = field(default=None)


def lines_of(cold: Cold, side: Direction, *, test: bool) -> Rows:
    """What can be judged in the fold: items that somebody took (audiences), users who took something (feeds)."""
    inside = cold.positive[cold.fold(test)]
    if side == "audience":
        return np.flatnonzero(cold.fold(test))[inside.any(axis=1)]
    return np.flatnonzero(inside.any(axis=0))


def lines(cold: Cold, scorer: Scorer, side: Direction, wanted: Rows, *, test: bool) -> Lines:
    """These lines with all their candidates. Raises FeatureError `not_finite` for a score that is no number."""
    m, n = cold.positive.shape
    if side == "audience":
        found, positive, allowed = scorer.block(wanted, np.arange(n)), cold.positive[wanted], None
    else:
        found = np.ascontiguousarray(scorer.block(np.arange(m), wanted).T)
        taken, inside = np.ascontiguousarray(cold.positive[:, wanted].T), cold.fold(test)
        positive, allowed = taken & inside, ~(taken & ~inside)
    if not np.isfinite(found).all():
        raise FeatureError("not_finite", "A score is not a finite number.")
    return found, positive, allowed


def judge(cold: Cold, scorer: Scorer, side: Direction, *, test: bool = True, block: int = BLOCK) -> Judged:
    """All figures of the fold, looking at `block` scores at a time."""
    width = cold.positive.shape[1 if side == "audience" else 0]
    shown = np.zeros(width, dtype=np.bool_)
    parts: list[Rowwise] = []
    groups = []
    for wanted in _blocks(lines_of(cold, side, test=test), max(1, block // max(width, 1))):
        found, positive, allowed = lines(cold, scorer, side, wanted, test=test)
        best = metrics.top(found, allowed, k=K)
        shown[best] = True
        parts.append(_figures(found, positive, allowed, best))
        if side == "audience":
            groups.append(metrics.in_groups(found, positive, cold.groups))
    rows = {name: np.concatenate([np.zeros(0), *(part[name] for part in parts)]) for name in FIGURES}
    joined = [np.concatenate(arrays) for arrays in zip(*groups, strict=True)]
    return Judged(rows, float(shown.mean()) if width else float("nan"), (joined[0], joined[1]) if joined else None)


def _blocks(wanted: Rows, size: int) -> Iterator[Rows]:
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


def _figures(found: Scores, positive: Mask, allowed: Mask | None, best: metrics.Places) -> Rowwise:
    wanted = positive if allowed is None else positive & allowed
    hits, count = np.take_along_axis(wanted, best, axis=1), metrics.counts(positive, allowed)
    values = (
        metrics.auc(found, positive, allowed),
        metrics.ndcg(hits, count, k=K),
        metrics.recall(hits, count),
        metrics.precision(hits, count, k=K),
    )
    return dict(zip(FIGURES, values, strict=True))


def plain(value: float) -> float | None:
    """The figure rounded for reading; None where nothing could be judged (NaN is no JSON)."""
    return None if np.isnan(value) else round(float(value), 4)


def silent(done: int, total: int, label: str) -> None:
    """The progress callback of one who does not want to know."""
