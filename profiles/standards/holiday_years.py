"""Which days of a year are worked in mainland China, and which source said so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_LIBRARY_YEARS = range(1950, 2101)  # its tables of the lunar calendar end there


@dataclass(frozen=True)
class Year:
    """`worked` bool[365 or 366] by day, and the code of what it rests on: announced, statutory or weekends."""

    worked: NDArray[np.bool_]
    basis: str


@lru_cache(maxsize=1024)
def year_of(year: int) -> Year:
    """The first source that knows the year; weekends where none does. Never an error for a year of the calendar."""
    days = _days(year)
    weekdays = np.is_busday(days)
    if (told := _announced(year)) is not None:
        basis = "announced"
    elif (told := _statutory(year)) is not None:
        basis = "statutory"
    else:
        return Year(weekdays, "weekends")
    off, worked = told
    return Year((weekdays & ~np.isin(days, off)) | np.isin(days, worked), basis)


Told = tuple[NDArray[np.datetime64], NDArray[np.datetime64]]


def _announced(year: int) -> Told | None:
    """Days off and moved working days, as the State Council's office announced them."""
    from chinese_calendar import constants  # type: ignore[import-untyped]  # it ships no types

    off, worked = constants.holidays, constants.workdays
    # A year is known where its Spring Festival is, not where a neighbour's notice reaches into it.
    if sum(day.year == year and name == "Spring Festival" for day, name in off.items()) < 3:
        return None
    return _of_year(off, year), _of_year(worked, year)


def _statutory(year: int) -> Told | None:
    """Statutory holidays and the moved working days the library knows; None where it has no Spring Festival."""
    from holidays import country_holidays

    if year not in _LIBRARY_YEARS:
        return None
    found = country_holidays("CN", years=year, language="en_US")
    if not any("Spring Festival" in name for name in found.values()):
        return None
    return _of_year(found, year), _of_year(found.weekend_workdays, year)


def _of_year(days: Iterable[date], year: int) -> NDArray[np.datetime64]:
    return np.array(sorted(day for day in days if day.year == year), dtype="datetime64[D]")


def _days(year: int) -> NDArray[np.datetime64]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return np.arange((last - first).days + 1).astype("timedelta64[D]") + np.datetime64(first)
