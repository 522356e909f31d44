"""How good a ranking is, one figure per row: relevance is binary, ties share their ranks, rows may mask candidates.

`scores`, `positive` and `allowed` are n × m: n rankings of m candidates. Rows that cannot be judged give NaN.
"""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating]
Mask = NDArray[np.bool_]
Figures = NDArray[np.float64]


def auc(scores: Scores, positive: Mask, allowed: Mask | None = None) -> Figures:
    """Chance that a positive stands above a negative, ties counting half; NaN without both kinds."""
    allowed = np.ones_like(positive) if allowed is None else allowed
    return np.array([_auc(s[a], p[a]) for s, p, a in zip(scores, positive, allowed, strict=True)], dtype=np.float64)


def _auc(scores: Scores, positive: Mask) -> float:
    wins, count = int(positive.sum()), len(positive)
    if wins in (0, count):
        return float("nan")
    _, inverse, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[inverse]
    return float((ranks[positive].sum() - wins * (wins + 1) / 2) / (wins * (count - wins)))


def hits(scores: Scores, positive: Mask, allowed: Mask | None = None, *, k: int) -> Mask:
    """Whether the candidates on places 1..k are positive: bool n × min(k, m).

    Ties are broken by lot (always the same lot): the order of candidates often tells of popularity, and must not help.
    """
    allowed = np.ones_like(positive) if allowed is None else allowed
    lot = np.random.default_rng(0).random(positive.shape, dtype=np.float32)
    best = np.lexsort((lot, np.where(allowed, -scores, np.inf)), axis=1)[:, :k]
    return np.take_along_axis(positive & allowed, best, axis=1)


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
    picks = np.random.default_rng(seed).integers(0, len(known), size=(draws, len(known)))
    low, high = np.quantile(known[picks].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def auc_in_groups(scores: Scores, positive: Mask, groups: NDArray[np.int64]) -> list[float]:
    """Mean AUC among the candidates of each group alone, each row weighted by its positives there; NaN if none."""
    result = []
    for group in np.unique(groups):
        inside = groups == group
        figures, weight = auc(scores[:, inside], positive[:, inside]), positive[:, inside].sum(axis=1)
        judged = ~np.isnan(figures)
        total = weight[judged].sum()
        result.append(float(figures[judged] @ weight[judged] / total) if total else float("nan"))
    return result


def deciles(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Group 0..9 of each value by size; equal values stay together, so there may be fewer groups, without gaps."""
    edges = np.unique(np.quantile(values, np.arange(1, 10) / 10)) if len(values) else values
    found = np.searchsorted(edges, values, side="right")
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
