"""How good a ranking is, one figure per row: relevance is binary, ties share their ranks, rows may mask candidates.

`scores`, `positive` and `allowed` are n × m: n rankings of m candidates, positives among the allowed ones. Rows that
cannot be judged give NaN.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
Figures = NDArray[np.float64]


def auc(scores: Scores, positive: Mask, allowed: Mask | None = None) -> Figures:
    """Chance that a positive stands above a negative, ties counting half; NaN without both kinds."""
    return ranked(scores, positive, allowed, k=0)[0]


def ranked(scores: Scores, positive: Mask, allowed: Mask | None = None, *, k: int) -> tuple[Figures, Figures]:
    """AUC, and NDCG at k with ties at their mean place, of each row."""
    found = placed(scores, positive, allowed, k=k)
    count = np.bincount(found.rows, minlength=len(scores))
    count = np.where(count > 0, count, np.nan)
    wins, gains = (np.bincount(found.rows, weights=part, minlength=len(scores)) for part in (found.wins, found.gains))
    return wins / count, np.where(np.isnan(count), np.nan, gains)


@dataclass(frozen=True)
class Placed:
    """The positives, row by row: the share of negatives that each stands above (ties half), its part of the NDCG."""

    rows: Places
    columns: Places
    wins: Figures
    gains: Figures


def placed(scores: Scores, positive: Mask, allowed: Mask | None = None, *, k: int) -> Placed:
    """Where each positive stands: one sort a row, and a few searches for its positives."""
    wanted = positive if allowed is None else positive & allowed
    shown = np.full(len(scores), scores.shape[1]) if allowed is None else allowed.sum(axis=1)
    held = scores if allowed is None else np.where(allowed, scores, -np.inf)
    rows, columns = np.nonzero(wanted)
    values, order = held[rows, columns], np.sort(held, axis=1)
    count = np.bincount(rows, minlength=len(scores))
    ends = np.cumsum(count)
    rank, among = np.zeros(len(values)), np.zeros(len(values))  # from the bottom, of all and of positives
    for row in np.flatnonzero(count):
        mine = slice(ends[row] - count[row], ends[row])
        rank[mine], among[mine] = _rank(order[row], values[mine]), _rank(np.sort(values[mine]), values[mine])
    rank -= (scores.shape[1] - shown)[rows]
    losses = (shown - count)[rows].astype(np.float64)
    best = np.concatenate([[np.nan], np.cumsum(_gain(np.arange(float(k)), k))])[np.minimum(count, k)]
    wins = (rank - among) / np.where(losses > 0, losses, np.nan)
    return Placed(rows, columns, wins, _gain(shown[rows] - rank, k) / best[rows])


def _rank(order: Scores, values: Scores) -> Figures:
    """Places of values in a rising order, from 1, equal ones at their mean place."""
    return np.asarray((order.searchsorted(values) + order.searchsorted(values, "right") + 1) / 2)


def _gain(place: Figures, k: int) -> Figures:
    return np.where(place < k, 1 / np.log2(place + 2), 0.0)


def top(scores: Scores, allowed: Mask | None = None, *, k: int) -> Places:
    """The candidates on places 1..k, best first: n × min(k, m), masked ones only where there are no others.

    Ties are broken by lot (always the same lot): the order of candidates often tells of popularity, and must not help.
    """
    held = scores if allowed is None else np.where(allowed, scores, -np.inf)
    n, m = held.shape
    k = min(k, m)
    lot = np.random.default_rng(0)
    best = np.argpartition(held, m - k, axis=1)[:, m - k :] if k else np.zeros((n, 0), dtype=np.int64)
    limit = np.take_along_axis(held, best, axis=1).min(axis=1, initial=np.inf)
    for row in np.flatnonzero((held >= limit[:, None]).sum(axis=1) > k):  # the last place is shared by more than fit
        above, equal = np.flatnonzero(held[row] > limit[row]), np.flatnonzero(held[row] == limit[row])
        best[row] = np.concatenate([above, lot.permutation(equal)[: k - len(above)]])
    order = np.lexsort((lot.random(best.shape), -np.take_along_axis(held, best, axis=1)), axis=1)
    return np.take_along_axis(best, order, axis=1)


def hits(scores: Scores, positive: Mask, allowed: Mask | None = None, *, k: int) -> Mask:
    """Whether the candidates on places 1..k are positive: bool n × min(k, m)."""
    wanted = positive if allowed is None else positive & allowed
    return np.take_along_axis(wanted, top(scores, allowed, k=k), axis=1)


def counts(positive: Mask, allowed: Mask | None = None) -> Figures:
    """Number of positives of each row, NaN where there is none (such a row cannot be judged)."""
    found = (positive if allowed is None else positive & allowed).sum(axis=1).astype(np.float64)
    return np.where(found > 0, found, np.nan)


def ndcg(found: Mask, positives: Figures, *, k: int) -> Figures:
    """Discounted gain of `hits`, divided by that of the best order of min(k, positives)."""
    discount = 1 / np.log2(np.arange(2, k + 2))
    best = np.concatenate([[np.nan], np.cumsum(discount)])
    ideal = best[np.nan_to_num(np.minimum(positives, k)).astype(np.int64)]
    return np.asarray(found @ discount[: found.shape[1]] / ideal, dtype=np.float64)


def recall(found: Mask, positives: Figures) -> Figures:
    """Share of a row's positives that are among the hits."""
    return np.asarray(found.sum(axis=1) / positives, dtype=np.float64)


def precision(found: Mask, positives: Figures, *, k: int) -> Figures:
    """Share of the k places that hold a positive."""
    return np.where(np.isnan(positives), np.nan, found.sum(axis=1) / k)


def mean(figures: Figures) -> float:
    """Mean over the rows that could be judged; NaN where none could."""
    known = figures[~np.isnan(figures)]
    return float(known.mean()) if len(known) else float("nan")


def bootstrap(figures: Figures, *, seed: int, draws: int = 1000) -> tuple[float, float]:
    """95 % interval of the mean over the judged rows, by drawing rows with replacement."""
    known = figures[~np.isnan(figures)]
    if len(known) == 0:
        return float("nan"), float("nan")
    draw = np.random.default_rng(seed)
    means = [known[draw.integers(0, len(known), len(known))].mean() for _ in range(draws)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def in_groups(scores: Scores, positive: Mask, groups: NDArray[np.int64]) -> tuple[Figures, Figures]:
    """AUC among the candidates of each group alone, and the positives there: both n × groups."""
    found = [_within(scores[:, inside], positive[:, inside]) for inside in _members(groups)]
    figures, weight = (np.array(part).reshape(len(found), len(scores)).T for part in zip(*found, strict=True))
    return figures, weight


def _members(groups: NDArray[np.int64]) -> list[NDArray[Any]]:
    return [np.flatnonzero(groups == group) for group in np.unique(groups)]


def _within(scores: Scores, positive: Mask) -> tuple[Figures, Figures]:
    figures = auc(scores, positive)
    return figures, np.where(np.isnan(figures), 0, positive.sum(axis=1)).astype(np.float64)


def group_means(figures: Figures, weight: Figures) -> list[float]:
    """Mean of each group's figures (n × groups), each row counted by its positives there; NaN for nothing to judge."""
    total = weight.sum(axis=0)
    sums = (np.nan_to_num(figures) * weight).sum(axis=0)
    return [float(a / b) if b else float("nan") for a, b in zip(sums, total, strict=True)]


def deciles(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Group 0..9 of each value by size; equal values stay together, so there may be fewer groups, without gaps."""
    edges = np.unique(np.quantile(values, np.arange(1, 10) / 10)) if len(values) else values
    found = np.searchsorted(edges, values, side="right")
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
