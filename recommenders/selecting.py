"""The best of many by score: exact, stable, and without sorting those that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import offsets_of
from profiles.snapshot.segments import Segment
from recommenders.errors import FeatureError

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

_SAMPLED = 16  # one score in so many tells about where the cut lies
_WORTH = 50_000  # scores from which on a look at a sample is worth its while


class Ids(Protocol):
    """Ids by position: an array, or what looks up only those that are asked for."""

    def __len__(self) -> int:
        """How many positions there are."""

    def __getitem__(self, positions: Any, /) -> NDArray[Any]:
        """The ids of these positions."""


class RowIds:
    """The ids of these rows of segments, one segment after the other."""

    def __init__(self, asked: Sequence[tuple[Segment, NDArray[np.intp]]]) -> None:
        self._asked = asked
        self._starts = offsets_of(np.array([len(rows) for _, rows in asked], dtype=np.int64))

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, positions: Rows) -> NDArray[np.int64]:
        found = np.empty(len(positions), dtype=np.int64)
        whose = np.searchsorted(self._starts, positions, side="right") - 1
        for number in np.flatnonzero(np.bincount(whose, minlength=1)).tolist():
            here = np.flatnonzero(whose == number)
            segment, rows = self._asked[number]
            found[here] = segment.ids[rows[positions[here] - self._starts[number]]]
        return found


def choose_best(scores: Floats, ids: Ids, *, least: float | None = None, top_n: int | None = None) -> Rows:
    """Positions of the best of k candidates, best first, equal scores in order of id: int64.

    `least`: the score that one must have; `top_n`: at most so many. Ids are distinct. Raises FeatureError `not_finite`
    for a score that is no finite number, `lengths_differ` when scores and ids are not equally many.
    """
    check(scores, ids)
    least = _surely(scores, least, top_n)
    return ranked(scores, ids, chosen(scores, ids, passing(scores, least), top_n))


def check(scores: Floats, ids: Ids) -> None:
    """Raise FeatureError as `choose_best` does."""
    if len(scores) != len(ids):
        raise FeatureError("lengths_differ", f"{len(ids)} ids were given for {len(scores)} scores.")
    if not np.isfinite(scores).all():
        raise FeatureError("not_finite", "A score is not a finite number.")


def _surely(scores: Floats, least: float | None, top_n: int | None) -> float | None:
    """A score that at least `top_n` have, as high as a sample tells; else `least`. Then few are left to be sorted."""
    if top_n is None or not 0 < top_n * 2 < len(scores) or len(scores) < _WORTH:
        return least
    sample = scores[::_SAMPLED].copy()
    place = max(0, len(sample) - int(top_n / _SAMPLED * 1.1) - 100)
    sample.partition(place)
    bound = float(sample[place])
    if (least is not None and bound <= least) or np.count_nonzero(scores >= sample[place]) < top_n:
        return least
    return bound


def spread(scores: Floats) -> tuple[float, float]:
    """Mean and standard deviation, summed in float64; zeros of no scores."""
    values = scores.astype(np.float64)
    return (float(values.mean()), float(values.std())) if len(values) else (0.0, 0.0)


def passing(scores: Floats, least: float | None) -> Rows:
    """Positions of the scores that are at least so great, compared as float64."""
    if least is None:
        return np.arange(len(scores))
    with np.errstate(over="ignore"):  # above all float32: infinity, that none reaches
        bar = np.float32(least)
    if float(bar) < least:
        bar = np.nextafter(bar, np.float32(np.inf))  # the least float32 that passes
    return np.flatnonzero(scores >= bar)


def chosen(scores: Floats, ids: Ids, among: Rows, top_n: int | None) -> Rows:
    """The best `top_n` of these positions, in no order; of those at the cut the ones with the least ids."""
    if top_n is None or top_n >= len(among):
        return among
    if top_n <= 0:
        return among[:0]
    values = scores[among]
    cut = np.partition(values, len(values) - top_n)[len(values) - top_n]
    above, at_cut = among[values > cut], among[values == cut]
    first = np.argpartition(ids[at_cut], top_n - len(above) - 1)[: top_n - len(above)]
    return np.concatenate([above, at_cut[first]])


def ranked(scores: Floats, ids: Ids, among: Rows) -> Rows:
    """These positions, best first, equal scores in order of id.

    One sort of whole numbers: the score in the upper half, the place by id in the lower one.
    """
    by_id = among[np.argsort(ids[among], kind="stable")]
    bits = (scores[by_id] + np.float32(0)).view(np.int32)  # + 0: zero has one sign
    rising = bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF))  # ordered as the scores are
    keys = (~rising).astype(np.int64) << 32 | np.arange(len(by_id), dtype=np.int64)
    keys.sort()
    best: Rows = by_id[keys & 0xFFFFFFFF]
    return best
