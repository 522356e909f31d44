"""Working days, counted over arrays of dates; every answer says what it rests on.

Sources, the first that speaks: the operator's own calendar; the State Council's yearly notices (`chinesecalendar`);
the statutory holidays (国务院令第795号, `holidays`), which lack the moved days of years not yet announced; weekends.
Counting (Civil Code, 201): the day something begins on is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.standards.holiday_years import year_of

Days = NDArray[np.datetime64]
Ordinals = NDArray[np.int64]
MOST_DAYS = 10_000
_EPOCH = date(1970, 1, 1).toordinal()


class CalendarError(ProfilesError):
    """Days cannot be counted: `out_of_range`, or `no_day` where one of them is missing."""


@dataclass(frozen=True)
class Basis:
    """What an answer rests on; `provisional`: it may change when the State Council announces the year."""

    code: str
    zh: str
    en: str
    provisional: bool


# From the firmest to the weakest; an answer over several years has the weakest of theirs.
BASES = (
    Basis("operator", "按本单位日历", "as the operator's calendar says", False),
    Basis("announced", "按国务院办公厅公布的安排", "as the State Council announced", False),
    Basis("statutory", "暂按法定节假日推算", "provisional: statutory holidays, moved days not yet announced", True),
    Basis("weekends", "暂按周末推算", "provisional: weekends only", True),
)
_RANK = {basis.code: rank for rank, basis in enumerate(BASES)}


@dataclass(frozen=True)
class Overrides:
    """The operator's own calendar: days that are, or are not, worked, whatever else is said."""

    days: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    notes: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))


NONE = Overrides()


def is_working_day(day: date, overrides: Overrides = NONE) -> tuple[bool, Basis]:
    """Whether a day is worked, and what that rests on."""
    worked, rank = working_days(np.array([day], dtype="datetime64[D]"), overrides)
    return bool(worked[0]), BASES[rank[0]]


def working_days(days: Days, overrides: Overrides = NONE) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
    """bool[n] worked and int8[n] place in BASES, for datetime64[D][n]. Raises CalendarError."""
    at = _ordinals(days)
    if not at.size:
        return np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int8)
    span = _span(int(np.min(at)), int(np.max(at)), overrides)
    return span.worked[at - span.first], span.rank[at - span.first]


def add_working_days(day: date, count: int, overrides: Overrides = NONE) -> tuple[date, Basis]:
    """The `count`-th working day after a day (before it, if negative), and the weakest basis on the way.

    0: the day itself, or the next working day. Raises CalendarError "out_of_range".
    """
    found, rank = shift_working_days(np.array([day], dtype="datetime64[D]"), np.array([count]), overrides)
    return found[0].item(), BASES[rank[0]]


def shift_working_days(
    days: Days, counts: NDArray[np.int64], overrides: Overrides = NONE
) -> tuple[Days, NDArray[np.int8]]:
    """`add_working_days` for n days and n counts: datetime64[D][n] and int8[n] places in BASES."""
    at = _ordinals(days)
    if not at.size:
        return days.astype("datetime64[D]"), np.zeros(0, dtype=np.int8)
    most = int(np.max(np.abs(counts)))
    if most > MOST_DAYS:
        raise CalendarError("out_of_range", "", f"At most {MOST_DAYS:,} working days are counted.")
    # More than half of the days of any month are worked; what an operator struck out is added on top.
    margin = 2 * most + 30 + len(overrides.days)
    span = _span(int(np.min(at)) - margin, int(np.max(at)) + margin, overrides)
    found = span.offset(at, counts)
    return found.astype("datetime64[D]"), span.weakest(at, found)


def working_days_between(start: date, end: date, overrides: Overrides = NONE) -> tuple[int, Basis]:
    """Working days after `start` up to and with `end` (negative if `end` is earlier), and the weakest basis."""
    pair = [np.array([day], dtype="datetime64[D]") for day in (start, end)]
    count, rank = count_working_days(pair[0], pair[1], overrides)
    return int(count[0]), BASES[rank[0]]


def count_working_days(
    starts: Days, ends: Days, overrides: Overrides = NONE
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """`working_days_between` for n pairs: int64[n] and int8[n] places in BASES. It undoes `shift_working_days`."""
    begun, ended = _ordinals(starts), _ordinals(ends)
    if not begun.size:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8)
    both = np.concatenate([begun, ended])
    span = _span(int(np.min(both)), int(np.max(both)), overrides)
    after = span.worked_before(ended + 1) - span.worked_before(begun + 1)
    before = span.worked_before(ended) - span.worked_before(begun)
    return np.where(ended >= begun, after, before), span.weakest(begun, ended)


@dataclass(frozen=True)
class _Span:
    """Whole years laid out day by day from day number `first` on. `total[i]`: working days before day i."""

    first: int
    worked: NDArray[np.bool_]
    rank: NDArray[np.int8]
    total: NDArray[np.int64]

    def worked_before(self, at: Ordinals) -> Ordinals:
        return np.asarray(self.total[at - self.first])

    def offset(self, at: Ordinals, counts: NDArray[np.int64]) -> Ordinals:
        """The day that many working days on: forward from the last working day reached, else from the next one."""
        places = np.flatnonzero(self.worked)
        wanted = counts + np.where(counts > 0, self.worked_before(at + 1) - 1, self.worked_before(at))
        if int(np.min(wanted)) < 0 or int(np.max(wanted)) >= len(places):
            raise CalendarError("out_of_range", "", "The day lies outside the years 1 to 9999.")
        return np.asarray(self.first + places[wanted])

    def weakest(self, starts: Ordinals, ends: Ordinals) -> NDArray[np.int8]:
        """int8[n]: the weakest basis of any day between two, both included."""
        low, high = np.minimum(starts, ends) - self.first, np.maximum(starts, ends) - self.first + 1
        result = np.zeros(len(low), dtype=np.int8)
        for rank in range(len(BASES)):
            seen = np.concatenate([[0], np.cumsum(self.rank == rank)])
            result = np.where(seen[high] > seen[low], np.int8(rank), result)
        return result


def _span(first: int, last: int, overrides: Overrides) -> _Span:
    """The whole years around two day numbers, within the years 1 to 9999."""
    years = range(_date(first).year, _date(last).year + 1)
    laid = [year_of(year) for year in years]
    start = _ordinal(date(years[0], 1, 1))
    worked = np.concatenate([year.worked for year in laid])
    rank = np.repeat(np.array([_RANK[year.basis] for year in laid], dtype=np.int8), [len(year.worked) for year in laid])
    for day, told in overrides.days.items():
        if years[0] <= day.year <= years[-1]:
            worked[_ordinal(day) - start], rank[_ordinal(day) - start] = told, 0
    return _Span(start, worked, rank, np.concatenate([[0], np.cumsum(worked)]))


def _ordinals(days: Days) -> Ordinals:
    """Days since 1970."""
    if np.isnat(days).any():
        raise CalendarError("no_day", "", "One of the days is missing.")
    at = days.astype("datetime64[D]").astype(np.int64)
    if at.size and not _ordinal(date.min) <= int(np.min(at)) <= int(np.max(at)) <= _ordinal(date.max):
        raise CalendarError("out_of_range", "", "The day lies outside the years 1 to 9999.")
    return at


def _ordinal(day: date) -> int:
    return day.toordinal() - _EPOCH


def _date(at: int) -> date:
    return date.fromordinal(min(max(at + _EPOCH, 1), date.max.toordinal()))
