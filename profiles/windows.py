"""Quiet hours: the first moment a message may go out, in each person's own time zone, right across clock changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError

_HOUR = timedelta(hours=1)


class WindowError(ProfilesError):
    """A moment or a time zone cannot be used: `naive` or `unknown_zone`."""


def release(
    now: datetime,
    zones: Sequence[str],
    quiet_from: NDArray[np.int16],
    quiet_to: NDArray[np.int16],
    *,
    emergency: bool = False,
) -> list[datetime]:
    """For n people the first moment from `now` on outside their quiet hours, in UTC.

    `quiet_from`, `quiet_to`: minutes of the local day, the end excluded, over midnight where from > to, -1 none.
    An emergency goes at once. Computed once for each distinct (zone, from, to).
    """
    if now.tzinfo is None:
        raise WindowError("naive", "now", "The moment must know its offset.")
    start = now.astimezone(UTC)
    if emergency or not len(zones):
        return [start] * len(zones)
    names, zone_codes = np.unique(np.asarray(zones, dtype=np.str_), return_inverse=True)
    key = (zone_codes.astype(np.int64) * 4096 + (quiet_from + 1)) * 4096 + (quiet_to + 1)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    moments = [
        _release(start, _zone(str(names[zone_codes[row]])), int(quiet_from[row]), int(quiet_to[row])) for row in first
    ]
    return [moments[group] for group in inverse]


def is_quiet(local: datetime, quiet_from: int, quiet_to: int) -> bool:
    """Whether the clock on the wall stands within the quiet hours."""
    if quiet_from < 0 or quiet_to < 0 or quiet_from == quiet_to:
        return False
    minute = local.hour * 60 + local.minute
    if quiet_from < quiet_to:
        return quiet_from <= minute < quiet_to
    return minute >= quiet_from or minute < quiet_to


def _release(now: datetime, zone: ZoneInfo, quiet_from: int, quiet_to: int) -> datetime:
    """Quiet ends where the wall clock reaches the end, or where a clock change jumps out of it."""
    if not is_quiet(now.astimezone(zone), quiet_from, quiet_to):
        return now
    candidates = sorted([*_ends(now, zone, quiet_to), *_changes(now, zone)])
    for moment in candidates:
        if moment >= now and not is_quiet(moment.astimezone(zone), quiet_from, quiet_to):
            return moment
    raise AssertionError("unreachable: the end of quiet hours comes round every day")


def _ends(now: datetime, zone: ZoneInfo, quiet_to: int) -> list[datetime]:
    """Every moment in the next days at which the wall clock shows the end; twice where the hour repeats."""
    today = now.astimezone(zone).date()
    at = time(quiet_to // 60, quiet_to % 60)
    walls = [datetime.combine(today + timedelta(days=days), at) for days in range(3)]
    moments = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for wall in walls for fold in (0, 1)]
    return [one for one in moments if one.astimezone(zone).time() == at]  # an hour that is skipped never shows


def _changes(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments in the next two days at which the clock is put forward or back."""
    hours = [now + _HOUR * step for step in range(49)]
    return [_change(low, high, zone) for low, high in pairwise(hours) if _offset(low, zone) != _offset(high, zone)]


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second with the new offset, by halving."""
    before = _offset(low, zone)
    low = low.replace(microsecond=0)
    high = high.replace(microsecond=0) + timedelta(seconds=1)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as exc:
        raise WindowError("unknown_zone", name[:40], "No such time zone.") from exc
