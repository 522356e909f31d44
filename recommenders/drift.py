"""Has the city moved away from what the model learnt? Shares then against shares now, group by group.

The measure is the population stability index, PSI = Σ (now − then) · ln(now / then) over the bins of a distribution,
with the usual bars: below 0.1 nothing to do, from 0.25 on train anew (Siddiqi, "Credit Risk Scorecards", Wiley 2006,
chapter 10). Of few rows the index is large by chance alone: where nothing changed, PSI / (1/n + 1/m) is distributed as
χ² with one degree of freedom less than there are bins (Yurdakul and Naranjo, "Statistical properties of the population
stability index", Journal of Risk Model Validation 14(4), 2020). What chance explains at 95 % is no drift here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommenders.columns import split

WATCH, RETRAIN = 0.1, 0.25
UNKNOWN_WATCH, UNKNOWN_RETRAIN = 0.1, 0.25  # our own: shares of rows that hold something the model cannot read
FLOOR = 1e-4  # the least that is added to each share, so that the logarithm stays finite
DECIMALS = 5  # of a score: beyond lies what the order of additions leaves
NONE = "(none)"
Status = Literal["ok", "watch", "retrain", "unknown"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """One distribution then and now. `psi` is None where one of them is not known; `chance`: what PSI reaches by
    chance in one of twenty cases where nothing changed; `most`: the bin that moved most, and by how much."""

    name: str
    psi: float | None
    chance: float | None
    bins: int
    most: str
    moved: float
    status: Status


def psi(then: ArrayLike, now: ArrayLike, *, floor: float = FLOOR) -> float | None:
    """Population stability index of two lists of shares or counts over the same bins; 0 for equal ones, never negative.

    `floor`: what is added to each share.

    None where there is nothing to compare: other lengths, nothing in one of them, or a value that is not a finite
    number ≥ 0.
    """
    old, new = _shares(then, floor), _shares(now, floor)
    if old is None or new is None or len(old) != len(new):
        return None
    return float(max(np.sum((new - old) * np.log(new / old)), 0.0))


def status(value: float | None, *, chance: float | None = None) -> Status:
    """What a PSI calls for; a value that chance explains is ok."""
    if value is None or not math.isfinite(value):
        return "unknown"
    if value < WATCH or (chance is not None and value <= chance):
        return "ok"
    return "watch" if value < RETRAIN else "retrain"


def share_status(share: float | None) -> Status:
    """What a share of rows that the model cannot read calls for."""
    if share is None or not math.isfinite(share):
        return "unknown"
    return "ok" if share < UNKNOWN_WATCH else "watch" if share < UNKNOWN_RETRAIN else "retrain"


def worst(found: Sequence[Status]) -> Status:
    """The most pressing of these; what is not known presses nobody while something else is."""
    order: tuple[Status, ...] = ("unknown", "ok", "watch", "retrain")
    return max(found, key=order.index, default="unknown")


def by_chance(bins: int, then_rows: float, now_rows: float) -> float | None:
    """What PSI stays below in 19 of 20 cases where nothing changed; None where the numbers of rows are not known."""
    from scipy.stats import chi2

    if bins < 2 or not then_rows > 0 or not now_rows > 0:
        return None
    return float(chi2.ppf(0.95, bins - 1) * (1 / then_rows + 1 / now_rows))


def shift(name: str, then: Mapping[str, float], now: Mapping[str, float], *, rows: tuple[float, float]) -> Shift:
    """Two distributions by bin; a bin that one of them lacks is empty there. `rows`: how many they were made from."""
    bins = sorted(then.keys() | now.keys())
    old, new = ([one.get(name, 0.0) for name in bins] for one in (then, now))
    fewest = min(rows)
    floor = max(FLOOR, 0.5 / fewest) if fewest > 0 else FLOOR  # half a row: of few rows, a bin without one is no wonder
    value, chance = psi(old, new, floor=floor), by_chance(len(bins), *rows)
    most, moved = "", 0.0
    before, after = _shares(old, 0.0), _shares(new, 0.0)
    if value is not None and before is not None and after is not None:
        place = int(np.argmax(np.abs(after - before)))
        most, moved = bins[place], float(after[place] - before[place])
    return Shift(name, value, chance, len(bins), most, moved, status(value, chance=chance))


def groups(shares: Mapping[str, float], *, without: Sequence[str] = ()) -> dict[str, dict[str, float]]:
    """Shares by token (`group=value`) as one distribution a group; what no value of the group takes is `(none)`."""
    found: dict[str, dict[str, float]] = {}
    for token, share in shares.items():
        group, value = split(token)
        if group not in without:
            found.setdefault(group, {})[value] = share
    for held in found.values():
        held[NONE] = max(0.0, 1.0 - math.fsum(held.values()))
    return found


def shifts(
    then: Mapping[str, float], now: Mapping[str, float], *, rows: tuple[float, float], without: Sequence[str] = ()
) -> list[Shift]:
    """One shift a group of tokens, by name: both are shares of rows by token."""
    old, new = groups(then, without=without), groups(now, without=without)
    empty = {NONE: 1.0}
    return [
        shift(name, old.get(name, empty), new.get(name, empty), rows=rows) for name in sorted(old.keys() | new.keys())
    ]


@dataclass(frozen=True)
class Parts:
    """A distribution of numbers: `shares` of them below the first of the rising `bounds`, between two, above the last;
    a number that equals a bound lies below it. `rows`: how many there were."""

    bounds: tuple[float, ...]
    shares: tuple[float, ...]
    rows: int


def parted(values: ArrayLike, bounds: Sequence[float] | None = None) -> Parts:
    """These numbers in parts. Without bounds: in (at most) ten equally large ones, with a part below and one above all.

    What is not finite is left out; the fifth decimal is the last that counts.
    """
    given = np.asarray(values, dtype=np.float64).ravel()
    given = np.round(given[np.isfinite(given)], DECIMALS)
    if bounds is None:
        tenths = np.quantile(given, np.linspace(0, 1, 11)) if len(given) else np.zeros(0)
        cuts = np.unique([*tenths[:1] - 10.0**-DECIMALS, *tenths])
    else:
        cuts = np.asarray(bounds, dtype=np.float64)
    held = np.bincount(np.searchsorted(cuts, given, side="left"), minlength=len(cuts) + 1)
    shares = held / max(len(given), 1)
    return Parts(tuple(cuts.tolist()), tuple(shares.tolist()), len(given))


def part_shift(name: str, then: Parts, values: ArrayLike, *, rows: int | None = None) -> Shift:
    """The numbers now, in the parts of then. `rows`: how many of them move apart; without it all do."""
    now = parted(values, then.bounds)
    old, new = ({f"part {place:02}": share for place, share in enumerate(one.shares)} for one in (then, now))
    return shift(name, old, new, rows=(then.rows, now.rows if rows is None else rows))


def _shares(values: ArrayLike, floor: float) -> Floats | None:
    """Shares that sum to 1, each above 0 by the floor."""
    given = np.asarray(values, dtype=np.float64).ravel()
    if len(given) == 0 or not np.isfinite(given).all() or np.min(given) < 0 or not np.max(given) > 0:
        return None
    scaled = given / np.max(given)  # sums of huge counts stay finite
    shares: Floats = (scaled / scaled.sum() + floor) / (1 + floor * len(given))
    return shares
