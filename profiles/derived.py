"""Facts that are computed: age, months of age, size class, R&D shares, years since founding. All over columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, day
from profiles.ragged import Mask
from profiles.standards import sizes
from profiles.yearly import lacking_years, last_years, over_years, year_name

Numbers = NDArray[np.float64]

# The stored facts each derived one is made of.
PARTS = {
    "age": ("birth_date",),
    "age_months": ("birth_date",),
    "age_days": ("birth_date",),
    "years_since_founded": ("founded_on",),
    "rd_ratio": ("rd_spend", "revenue"),
    "rd_ratio_3y": ("rd_spend", "revenue"),
}
# The R&D share of the last full years, as programmes of science and technology ask it.
_SHARE_YEARS = 3
# These depend on the day they are asked for, so a column computed for another day is no use.
DATED = frozenset({"age", "age_months", "age_days", "years_since_founded"})


def fact_column(frame: Frame, name: str, on: date) -> Column:
    """The column of any fact, stored or derived, as of a day; a frame derived for that day has it already."""
    if frame.derived_on == on and name in frame.columns:
        return frame.columns[name]
    if name == "size":
        return frame.columns.get("size") or _size(frame)
    if name == "rd_ratio":
        return frame.columns.get("rd_ratio") or _rd_ratio(frame)
    if name == "rd_ratio_3y":
        return _rd_ratio_3y(frame, on)
    if name in DATED:
        return Column("number", dated_values(frame, name, [on])[0])
    return frame.column(name)


def dated_values(frame: Frame, name: str, days: Sequence[date]) -> Numbers:
    """float64[k, n]: a fact of DATED on each of k days, NaN where unknown or where the date is later."""
    since = frame.column(PARTS[name][0])
    elapsed = signed_days(since, days)
    if name != "age_days":
        months = signed_months(since, days)
        elapsed = np.where(elapsed >= 0, months if name == "age_months" else np.floor(months / 12), np.nan)
    return np.where(elapsed >= 0, elapsed, np.nan)


def inputs(name: str, on: date) -> tuple[str, ...]:
    """The stored columns a fact is computed from, as of a day; of a stored fact, itself."""
    if name == "size":
        return ("industry", *sizes.INDICATORS)
    if name == "rd_ratio_3y":
        years = last_years(_SHARE_YEARS, on)
        return tuple(year_name(part, year, on) for part in ("rd_spend", "revenue") for year in years)
    return PARTS.get(name, (name,))


def lacking(frame: Frame, name: str, on: date) -> dict[str, Mask]:
    """bool[n] by stored fact: what is missing where the fact `name` is unknown."""
    if name == "size":
        return sizes.lacking(frame.column("industry"), *_indicators(frame))
    if name == "rd_ratio_3y":
        spend, revenue = (lacking_years(frame, part, _SHARE_YEARS, on) for part in ("rd_spend", "revenue"))
        return spend | revenue
    parts = PARTS.get(name, (name,))
    unknown = ~fact_column(frame, name, on).known()
    return {part: unknown & ~frame.column(part).known() for part in parts}


def months_between(column: Column, on: date) -> Numbers:
    """Whole months from each date to `on`; NaN where missing or later than `on`."""
    months = signed_months(column, [on])[0]
    return np.where(column.values <= day(on), months, np.nan)


def signed_months(column: Column, days: Sequence[date]) -> Numbers:
    """float64[k, n]: whole months from n dates to each of k days, below zero for a later date; NaN where missing.

    A month is full on the same day of the month, or on its last day where the month is shorter (Civil Code, 203).
    """
    known = column.known()
    dates = np.where(known, column.values, 0).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day_of_month = (dates - months).astype(np.int64) + 1
    # A day that ends its month is as late as any: 28 February is the 31st.
    of_month = np.array([31 if _is_month_end(on) else on.day for on in days], dtype=np.int64)[:, None]
    here = np.array(days, dtype="datetime64[M]")[:, None]
    count = (here - months).astype(np.int64) - (of_month < day_of_month)
    return np.where(known, count.astype(np.float64), np.nan)


def signed_days(column: Column, days: Sequence[date]) -> Numbers:
    """float64[k, n]: days from n dates to each of k days, below zero for a later date; NaN where missing."""
    dates = np.where(column.known(), column.values.astype(np.float64), np.nan)
    return np.array([day(on) for on in days], dtype=np.float64)[:, None] - dates


def _is_month_end(on: date) -> bool:
    return on == date.max or date.fromordinal(on.toordinal() + 1).month != on.month


def _indicators(frame: Frame) -> tuple[Numbers, Numbers, Numbers]:
    return frame.column("employees").values, frame.column("revenue").values, frame.column("assets").values


def _size(frame: Frame) -> Column:
    return sizes.size_classes(frame.column("industry"), *_indicators(frame))


def _rd_ratio(frame: Frame) -> Column:
    return _share(frame.column("rd_spend").values, frame.column("revenue").values)


def _rd_ratio_3y(frame: Frame, on: date) -> Column:
    """Of the last three full years together."""
    return _share(*(over_years(frame, part, _SHARE_YEARS, take="sum", on=on) for part in ("rd_spend", "revenue")))


def _share(spend: Numbers, revenue: Numbers) -> Column:
    """Percent of revenue; unknown where revenue is missing or not above zero: a share of a loss says nothing.

    So it is where the share is beyond all numbers: what is not finite is nowhere a value that is held.
    """
    share = np.full(len(spend), np.nan)
    with np.errstate(over="ignore"):
        np.divide(spend * 100.0, revenue, out=share, where=revenue > 0)
    return Column("number", np.where(np.isfinite(share), share, np.nan))
