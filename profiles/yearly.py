"""Yearly facts over the columns `fact@year`: the last full calendar years before a day, summed, averaged or as growth.

A firm younger than the years asked for is judged by the years it has (国科发火〔2016〕195号): a year that ended before
the founding and has no figure counts as nothing. Any other missing year makes the whole unknown.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.ragged import Mask

Numbers = NDArray[np.float64]


def year_of(year: int, on: date) -> int:
    """A calendar year; below zero it counts back from the day's year."""
    return on.year + year if year < 0 else year


def year_name(fact: str, year: int, on: date) -> str:
    """The name of a yearly fact's column: `revenue@2025`."""
    return f"{fact}@{year_of(year, on)}"


def last_years(years: int, on: date) -> tuple[int, ...]:
    """The full calendar years before the day, the oldest first."""
    return tuple(range(on.year - years, on.year))


def over_years(frame: Frame, fact: str, years: int, *, take: str, on: date) -> Numbers:
    """float64[n]: sum, mean, max, min or growth of the fact over those years; NaN where unknown."""
    values, counts = _figures(frame, fact, last_years(years, on))
    known = ~(np.isnan(values) & counts).any(axis=0) & counts.any(axis=0)
    result = _growth(values, counts) if take == "growth" else _TAKES[take](np.where(counts, values, np.nan))
    return np.where(known, result, np.nan)


def lacking_years(frame: Frame, fact: str, years: int, on: date) -> dict[str, Mask]:
    """bool[n] by `fact@year`: the years without a figure that would be needed."""
    asked = last_years(years, on)
    values, counts = _figures(frame, fact, asked)
    return {year_name(fact, year, on): np.isnan(values[i]) & counts[i] for i, year in enumerate(asked)}


def _figures(frame: Frame, fact: str, years: tuple[int, ...]) -> tuple[Numbers, Mask]:
    """float64[years, n], and bool[years, n]: the years that count."""
    values = np.stack([frame.column(f"{fact}@{year}").values for year in years]).astype(np.float64)
    founded = frame.column("founded_on")
    born = founded.values.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    before = founded.known() & (np.array(years)[:, None] < born)
    return values, ~(np.isnan(values) & before)


def _growth(values: Numbers, counts: Mask) -> Numbers:
    """The mean of the yearly growth rates, percent; NaN where a base is not above zero or there is no pair of years."""
    pairs = counts[:-1] & counts[1:]
    usable = pairs & (values[:-1] > 0)
    rates = np.full(values[1:].shape, np.nan)
    np.divide((values[1:] - values[:-1]) * 100.0, values[:-1], out=rates, where=usable)
    number = pairs.sum(axis=0)
    total = np.where(pairs, rates, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, number, out=np.full(len(number), np.nan), where=number > 0))


def _sum(values: Numbers) -> Numbers:
    return np.asarray(np.nansum(values, axis=0))


def _mean(values: Numbers) -> Numbers:
    number = (~np.isnan(values)).sum(axis=0)
    return np.asarray(np.divide(_sum(values), number, out=np.full(len(number), np.nan), where=number > 0))


def _max(values: Numbers) -> Numbers:
    return np.asarray(reduce(np.fmax, values))


def _min(values: Numbers) -> Numbers:
    return np.asarray(reduce(np.fmin, values))


_TAKES = {"sum": _sum, "mean": _mean, "max": _max, "min": _min}
