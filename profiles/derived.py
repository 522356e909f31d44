"""Facts that are computed: age, months of age, size class, R&D share, years since founding. All over columns."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import MISSING_DATE, Column, Frame, day
from profiles.ragged import Mask
from profiles.standards import sizes

Numbers = NDArray[np.float64]

# The stored facts each derived one is made of.
PARTS = {
    "age": ("birth_date",),
    "age_months": ("birth_date",),
    "age_days": ("birth_date",),
    "years_since_founded": ("founded_on",),
    "rd_ratio": ("rd_spend", "revenue"),
}
# These depend on the day they are asked for, so a column computed for another day is no use.
DATED = frozenset({"age", "age_months", "age_days", "years_since_founded"})


def fact_column(frame: Frame, name: str, on: date) -> Column:
    """The column of any fact, stored or derived, as of a day."""
    if name == "size":
        return frame.columns.get("size") or _size(frame)
    if name == "rd_ratio":
        return frame.columns.get("rd_ratio") or _rd_ratio(frame)
    if name in ("age", "years_since_founded"):
        return Column("number", np.floor(months_between(frame.column(PARTS[name][0]), on) / 12))
    if name == "age_months":
        return Column("number", months_between(frame.column("birth_date"), on))
    if name == "age_days":
        return Column("number", days_between(frame.column("birth_date"), on))
    return frame.column(name)


def lacking(frame: Frame, name: str, on: date) -> dict[str, Mask]:
    """bool[n] by stored fact: what is missing where the fact `name` is unknown."""
    if name == "size":
        return sizes.lacking(frame.column("industry"), *_indicators(frame))
    parts = PARTS.get(name, (name,))
    unknown = ~fact_column(frame, name, on).known()
    return {part: unknown & ~frame.column(part).known() for part in parts}


def months_between(column: Column, on: date) -> Numbers:
    """Whole months from each date to `on`; NaN where missing or later than `on`.

    A month is full on the same day of the month, or on its last day where the month is shorter (Civil Code, 203).
    """
    known, days = _past(column, on)
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day_of_month = (dates - months).astype(np.int64) + 1
    reached = (on.day >= day_of_month) | _is_month_end(on)
    here = np.datetime64(on, "M")
    count = (here - months).astype(np.int64) - np.where(reached, 0, 1)
    return np.where(known, count.astype(np.float64), np.nan)


def days_between(column: Column, on: date) -> Numbers:
    """Days from each date to `on`; NaN where missing or later than `on`."""
    known, days = _past(column, on)
    return np.where(known, (day(on) - days).astype(np.float64), np.nan)


def _past(column: Column, on: date) -> tuple[Mask, NDArray[np.int64]]:
    known = (column.values != MISSING_DATE) & (column.values <= day(on))
    return known, np.where(known, column.values, 0).astype(np.int64)


def _is_month_end(on: date) -> bool:
    return on == date.max or date.fromordinal(on.toordinal() + 1).month != on.month


def _indicators(frame: Frame) -> tuple[Numbers, Numbers, Numbers]:
    return frame.column("employees").values, frame.column("revenue").values, frame.column("assets").values


def _size(frame: Frame) -> Column:
    return sizes.size_classes(frame.column("industry"), *_indicators(frame))


def _rd_ratio(frame: Frame) -> Column:
    """Percent of revenue; unknown where revenue is missing or not above zero: a share of a loss says nothing."""
    spend, revenue = frame.column("rd_spend").values, frame.column("revenue").values
    usable = np.isfinite(spend) & np.isfinite(revenue) & (revenue > 0)
    share = np.full(len(frame), np.nan)
    np.divide(spend * 100.0, revenue, out=share, where=usable)
    return Column("number", share)
