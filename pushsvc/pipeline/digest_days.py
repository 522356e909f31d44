"""When digests leave: each working or other morning, or the first working day of a week, in the city's zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from profiles.standards.calendar import NONE, Overrides, add_working_days

CITY_ZONE = ZoneInfo("Asia/Shanghai")
DIGEST_HOUR = time(8, 30)  # a working morning; each person's quiet hours are kept just before the attempt
_WEEK = timedelta(days=7)


def next_digest(now: datetime, cadence: str, calendar: Overrides = NONE) -> datetime:
    """The first digest moment after `now`, in its zone; `now` itself for what is told at once.

    Daily ones leave each day, weekly ones each Monday, or on the next working day where Monday is none.
    """
    if cadence == "immediate":
        return now
    day = now.astimezone(CITY_ZONE).date()
    if cadence == "daily":
        due = _at(day)
        return (due if due > now else _at(day + timedelta(days=1))).astimezone(now.tzinfo)
    monday = day - timedelta(days=day.weekday()) - 2 * _WEEK  # the longest holidays end within two weeks
    while (due := _at(add_working_days(monday, 0, calendar)[0])) <= now:
        monday += _WEEK
    return due.astimezone(now.tzinfo)


def _at(day: date) -> datetime:
    return datetime.combine(day, DIGEST_HOUR, CITY_ZONE)
