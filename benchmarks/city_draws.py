"""Drawing codes by the million: a table of 65,536 codes in the shares asked for, looked up by random 16-bit numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, day
from profiles.ragged import ragged
from profiles.snapshot.encoding import Codes, Encoded, Levels, smallest_codes

DRAWS = 65_536
Weights = NDArray[np.float64]
Draw = np.random.Generator


@dataclass(frozen=True)
class Drawn:
    """How one column falls out: uint[65536] to draw from, or uint[classes, 65536] by class of profile."""

    levels: Levels
    table: Codes

    def encoded(self, draw: Draw, n: int, classes: NDArray[np.uint8] | None = None) -> Encoded:
        """The column of n profiles; their `classes` where the table goes by class."""
        picked = draw.integers(0, DRAWS, n, dtype=np.uint16)
        return Encoded(self.table[picked] if classes is None else self.table[classes, picked], self.levels)


def codes_by(weights: Sequence[float] | Weights, missing: float) -> Codes:
    """65,536 codes: 0 in the share `missing`, i + 1 by the i-th weight; the largest remainders fill it up."""
    held = np.asarray(weights, dtype=np.float64)
    shares = np.concatenate(([missing], held / held.sum() * (1 - missing))) * DRAWS
    counts = np.floor(shares).astype(np.int64)
    short = DRAWS - int(counts.sum())
    counts[np.argsort(counts - shares, kind="stable")[:short]] += 1
    return smallest_codes(np.repeat(np.arange(len(counts)), counts), len(held))


def of_words(words: Sequence[str], weights: Sequence[float] | Weights, missing: float) -> Drawn:
    """A code column over these words."""
    return Drawn(Levels("code", words=tuple(words)), codes_by(weights, missing))


def of_flag(yes: float, missing: float) -> Drawn:
    """A flag that is set for the share `yes` of those it is known of."""
    return Drawn(Levels("flag", np.array([0, 1], dtype=np.int8)), codes_by([1 - yes, yes], missing))


def of_numbers(values: NDArray[np.float64], weights: Sequence[float] | Weights, missing: float) -> Drawn:
    """A number with these rising values."""
    return Drawn(Levels("number", values), codes_by(weights, missing))


def of_days(first: date, last: date, missing: float, *, weigh: Callable[[Weights], Weights] | None = None) -> Drawn:
    """A date between two days, both included; `weigh` makes weights from each day's place, 0.0 to 1.0."""
    days = np.arange(day(first), day(last) + 1, dtype=np.int32)
    places = np.linspace(0.0, 1.0, len(days))
    return Drawn(Levels("date", days), codes_by(np.ones(len(days)) if weigh is None else weigh(places), missing))


def of_sets(words: Sequence[str], missing: float, *, kinds: int, seed: int) -> Drawn:
    """A column of sets: so many distinct sets of one to four words, the first the most frequent."""
    draw = np.random.default_rng(seed)
    found: dict[tuple[str, ...], None] = {}
    while len(found) < kinds:
        sizes = int(draw.integers(1, 5))
        found[tuple(sorted(str(word) for word in draw.choice(words, sizes, replace=False)))] = None
    return Drawn(Levels("set", sets=ragged(list(found))), codes_by(1 / np.arange(1, kinds + 1) ** 0.7, missing))


def by_class(levels: Levels, rows: Sequence[Codes]) -> Drawn:
    """A column that falls out differently in each class of profiles."""
    return Drawn(levels, np.stack(rows).astype(rows[0].dtype))


def encoded_like(column: Column, levels: Levels) -> Encoded:
    """A decoded code column over exactly the words of `levels`, encoded."""
    assert column.levels == levels.words
    return Encoded(smallest_codes(column.values.astype(np.int64) + 1, len(levels)), levels)
