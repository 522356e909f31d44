"""Reasons beyond a profile's facts, for many rows at once: what they read, what they wished, who reads alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders import columns as c
from recommenders.explain import OWN, READ
from recommenders.linear import Floats, ScorePlan
from recommenders.matrix import Csr, entry_rows

Best = tuple[tuple[str, float], ...]  # token and lift, best first
Rows = NDArray[np.int64]

DIGITS = 4  # of a stored lift


@dataclass(frozen=True, eq=False)
class Beside:
    """By place in `plan.own`: lift of similar reading; the best policy read and the best wish, each with its lift."""

    alike: list[float]
    read: list[str]
    read_lift: list[float]
    wish: list[str]
    wish_lift: list[float]

    def merged(self, best: Best, place: int, limit: int) -> Best:
        """The reasons of a row, best first; similar reading is among them only where it outweighs them all."""
        most = max(self.alike[place], self.read_lift[place], self.wish_lift[place])
        if most <= 0 or (len(best) == limit and most < best[-1][1]):
            return best
        mine = ((self.read[place], self.read_lift[place]), (self.wish[place], self.wish_lift[place]))
        every = sorted((*best, *(one for one in mine if one[1] > 0)), key=lambda one: (-one[1], one[0]))
        alike = self.alike[place]
        if alike > 0 and (not every or alike > every[0][1]):
            every.insert(0, (OWN, alike))
        return tuple(every[:limit])


def reasons_beyond(plan: ScorePlan, mean: Floats) -> Beside:
    """What lies beyond the facts of everybody in `plan.own`. `mean` float32[Fu]: the average profile."""
    own, readers = plan.own, plan.readers
    count = len(own.ids)
    read, wish = ([""] * count, np.zeros(count)), ([""] * count, np.zeros(count))
    if readers is not None:
        tokens = [c.token(READ, str(number)) for number in plan.model.past.ids.tolist()]
        _fill(read, np.searchsorted(own.ids, readers.ids), _greatest(readers.table, plan.worth.past), tokens)
    if readers is not None and readers.wishes is not None:
        vocabulary, amounts = plan.model.profile_vocab, readers.wishes.copy()
        amounts.data = np.asarray(amounts.data - mean[amounts.indices], dtype=np.float32)
        amounts.data[vocabulary.buckets[amounts.indices]] = 0
        best = _greatest(amounts, plan.worth.features)
        _fill(wish, np.searchsorted(own.ids, readers.wishers), best, vocabulary.levels)
    return Beside(_rounded(own.alike), read[0], _rounded(read[1]), wish[0], _rounded(wish[1]))


def _greatest(table: Csr, worth: Floats) -> tuple[Rows, NDArray[np.float64]]:
    """The column of each row's greatest product, and that; of equal ones the first column."""
    values = (table.data * worth[table.indices]).astype(np.float64)
    rows = entry_rows(table)
    order = np.lexsort((table.indices, -values, rows))
    firsts = order[np.searchsorted(rows[order], np.flatnonzero(np.diff(table.indptr)))]
    columns, best = np.zeros(table.shape[0], dtype=np.int64), np.zeros(table.shape[0])
    columns[rows[firsts]], best[rows[firsts]] = table.indices[firsts], values[firsts]
    return columns, best


def _fill(
    into: tuple[list[str], NDArray[np.float64]],
    places: Rows,
    best: tuple[Rows, NDArray[np.float64]],
    tokens: list[str] | tuple[str, ...],
) -> None:
    named, lifts = into
    lifts[places] = best[1]
    for place, column in zip(places.tolist(), best[0].tolist(), strict=True):
        named[place] = tokens[column]


def _rounded(values: NDArray[np.floating]) -> list[float]:
    found: list[float] = np.round(values.astype(np.float64), DIGITS).tolist()
    return found
