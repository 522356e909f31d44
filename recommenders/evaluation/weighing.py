"""How much each part of a score counts: chosen on validation lines, and steady where they are few.

Candidates are shares on a coarse grid. Each is judged once, item by item; then items are drawn again and again, the
best candidate of each draw is found, and the winners' shares are averaged, so that no odd item decides.
A candidate is judged by what matters in a list: the whole order (AUC) and its top (NDCG), each beside the best that
any single method reaches there; the worse of the two counts most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from recommenders.evaluation.judging import Cold, Direction, K, Lines, lines, lines_of
from recommenders.evaluation.metrics import Mask, placed
from recommenders.evaluation.scorers import Rows, Scorer, Scores

Figures = NDArray[np.float64]
DRAWS = 200
PRIOR = 20  # units of val that the prior counts for
LEAST = 0.03  # share below which a part is left out
STEPS = {1: 1, 2: 20, 3: 12, 4: 10, 5: 6}  # of the grid, by the number of parts
ROOM = 5_000_000  # scores that are looked at for a candidate: beyond, val lines are drawn by lot,
FEWEST = 300  # but so many of them at least
THREADS = 2


@dataclass(frozen=True, eq=False)
class Bench:
    """The val lines of one direction on which everything is chosen, and val items, the units that figures are of.

    New policies come one by one, so items are what is drawn: a feed's figures are put down to the items that were
    taken. Else one item that many took would count as often as if they had taken as many.
    """

    cold: Cold
    side: Direction
    wanted: Rows

    def lines(self, scorer: Scorer) -> Lines:
        """Scores, positives and allowed candidates of the lines."""
        return lines(self.cold, scorer, self.side, self.wanted, test=False)

    def figures(self, scorer: Scorer) -> Figures:
        """AUC and NDCG of each unit: float64[2, units]; NaN where nobody took it."""
        return self.of(*self.lines(scorer))

    def of(self, scores: Scores, positive: Mask, allowed: Mask | None) -> Figures:
        """The figures of scores for the lines."""
        found = placed(scores, positive, allowed, k=K)
        share = 1 / np.bincount(found.rows, minlength=1)[found.rows]
        units = found.rows if self.side == "audience" else found.columns
        size = len(self.wanted) if self.side == "audience" else len(self.cold.positive)
        auc, gain, weight = (
            np.bincount(units, weights=one, minlength=size) for one in (found.wins * share, found.gains, share)
        )
        return np.stack([auc, gain]) / np.where(weight > 0, weight, np.nan)

    @cached_property
    def weight(self) -> Figures:
        """How much each unit counts in a mean over lines: float64[units]."""
        if self.side == "audience":
            return np.ones(len(self.wanted))
        taken = self.cold.positive[:, self.wanted] & ~self.cold.is_test[:, None]
        return np.asarray(taken @ (1 / np.maximum(taken.sum(axis=0), 1)))

    def value(self, figures: Figures) -> float:
        """The whole order and its top, in equal parts: how a variant is chosen."""
        known = ~np.isnan(figures).any(axis=0)
        return float(np.average(figures[:, known].sum(axis=0), weights=self.weight[known])) if known.any() else 0.0


@dataclass(frozen=True, eq=False)
class Choice:
    """Grid candidates (each row of shares adds up to 1) and their figures; `reference` are those of single methods.

    `scales`: each part's mean deviation within a line, so that shares mean the same for all; `judge` gives the
    figures of other shares; `prior`: shares that serve where val says little.
    """

    held: Bench
    grid: Figures  # candidates × parts
    judged: Figures  # candidates × 2 × units
    reference: Figures  # single methods × 2 × units
    scales: Figures
    judge: Callable[[Figures], Figures]
    prior: Figures | None
    seed: int

    def shares(self, left_out: Sequence[int] = ()) -> Figures:
        """The shares chosen among the candidates in which these parts have none; zeros if there is no other part.

        What val chooses is never worse there than any part alone. The prior counts as much as PRIOR units of val.
        """
        rows = np.flatnonzero((self.grid[:, list(left_out)] == 0).all(axis=1))
        if len(rows) == 0:
            return np.zeros(self.grid.shape[1])
        known = np.flatnonzero(~np.isnan(self.judged).any(axis=(0, 1)) & ~np.isnan(self.reference).any(axis=(0, 1)))
        found = self._chosen(rows, known) if len(known) else np.asarray(self.grid[rows].mean(axis=0))
        if self.prior is not None:
            usual = np.where(self.grid[rows].any(axis=0), self.prior, 0)
            found = (len(known) * found + PRIOR * usual / max(usual.sum(), 1e-9)) / (len(known) + PRIOR)
        found = np.where(found < LEAST, 0, found)  # what hardly counts costs time and says nothing
        return np.asarray(found / found.sum())

    def weights(self, left_out: Sequence[int] = ()) -> Figures:
        """What to multiply each part's raw scores with."""
        return np.asarray(self.shares(left_out) / self.scales)

    def _chosen(self, rows: Rows, known: Rows) -> Figures:
        grid, judged, reference = self.grid[rows], self.judged[rows][:, :, known], self.reference[:, :, known]
        # In an order of their own: which item comes first must not decide which are drawn.
        order, count = np.lexsort(judged.reshape(-1, len(known))), len(known)
        judged, reference, weight = judged[:, :, order], reference[:, :, order], self.held.weight[known][order]
        times = np.random.default_rng(self.seed).multinomial(count, np.full(count, 1 / count), size=DRAWS)
        drawn = np.vstack([times, np.ones(count)]).T * weight[:, None]  # and last all of them, as they are
        drawn = drawn / drawn.sum(axis=0)
        best = (reference @ drawn).max(axis=0)
        merits = merit(judged @ drawn, best)
        found = np.asarray(grid[merits[:, :-1].argmax(axis=0)].mean(axis=0))
        mine = merit(self.judge(found)[:, known][:, order] @ drawn[:, -1:], best[:, -1:])[0]
        singles = merits[grid.max(axis=1) == 1, -1]
        return found if mine >= singles.max() else np.asarray(grid[int(np.argmax(merits[:, -1]))])


def bench(cold: Cold, side: Direction, *, seed: int) -> Bench:
    """The val lines, or as many of them as ROOM allows, drawn by lot."""
    found, width = lines_of(cold, side, test=False), cold.positive.shape[1 if side == "audience" else 0]
    most = max(FEWEST, ROOM // max(width, 1))
    if len(found) > most:
        found = np.sort(np.random.default_rng(seed).choice(found, most, replace=False))
    return Bench(cold, side, found)


def choose(
    held: Bench,
    parts: Sequence[Scorer],
    reference: Sequence[Figures],
    *,
    seed: int,
    prior: Figures | None = None,
) -> Choice:
    """Judge every candidate for these parts; `reference`: figures of single methods on the same units.

    Parts that say the same of every candidate get no weight.
    """
    tables = [held.lines(part) for part in parts]
    scales = np.array([float(scores.std(axis=1).mean()) if len(scores) else 0.0 for scores, _, _ in tables])
    alive = np.flatnonzero(scales > 0)
    grid = np.zeros((0, len(parts)))
    if len(alive):
        shares = simplex(len(alive))
        grid = np.zeros((len(shares), len(parts)))
        grid[:, alive] = shares
    scales = np.where(scales > 0, scales, 1.0)
    even = [np.asarray(scores / np.float32(scale)) for (scores, _, _), scale in zip(tables, scales, strict=True)]

    def judge(row: Figures) -> Figures:
        mixed = sum(np.float32(share) * one for share, one in zip(row, even, strict=True) if share)
        return held.of(np.asarray(mixed), *tables[0][1:])

    with ThreadPoolExecutor(THREADS) as pool:
        judged = np.array(list(pool.map(judge, grid))).reshape(len(grid), 2, len(held.weight))
    singles = judged[grid.max(axis=1, initial=0) == 1]
    reference = [singles, *(one[None] for one in reference)]
    return Choice(held, grid, judged, np.concatenate(reference), scales, judge, prior, seed)


def simplex(parts: int) -> Figures:
    """All shares of this many parts in whole steps: candidates × parts."""
    steps = STEPS.get(parts, 4)
    rows = [row for row in product(range(steps + 1), repeat=parts) if sum(row) == steps]
    return np.array(rows, dtype=np.float64) / steps


def merit(judged: Figures, best: Figures) -> Figures:
    """How a candidate (… × 2 × draws) stands beside the best single method (2 × draws)."""
    auc = (judged[..., 0, :] - 0.5) / np.maximum(best[0] - 0.5, 0.01)
    gain = judged[..., 1, :] / np.maximum(best[1], 1e-3)
    return np.asarray(auc + gain + 2 * np.minimum(auc, gain))
