"""When a message may go out: outside each person's quiet hours, inside the channel's, right across clock changes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError

Minutes = NDArray[np.int16]
Moments = NDArray[np.int64]

NEVER = -1
BEIJING = "Asia/Shanghai"  # channel windows are set in its hours, and it stands for a zone that nobody knows
DAYS = 8  # what does not open within a week and a day does not open
MINUTE_US = 60 * 10**6

_log = logging.getLogger(__name__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_US = timedelta(microseconds=1)
_DAY_US = 86_400 * 10**6


class WindowError(ProfilesError):
    """A moment cannot be used: `naive`."""


def earliest(
    now: datetime,
    zones: tuple[NDArray[np.integer], Sequence[str]],
    quiet_from: Minutes,
    quiet_to: Minutes,
    opens: Minutes,
    closes: Minutes,
) -> Moments:
    """int64[n], microseconds since the epoch: the first moment from `now` on at which each of n messages may go out.

    `zones`: integer[n] codes and the names they index; a name that this host lacks counts as Beijing's.
    All hours are int16[n] minutes of the day, -1 for none, the end excluded, over midnight where the start is later:
    quiet hours on the person's clock (start = end: none), the channel's on Beijing's (start = end: it never opens).
    NEVER where nothing is open within DAYS.
    Computed once for each distinct combination. Raises WindowError.
    """
    start, (codes, names) = micros(now), zones
    if not len(codes):
        return np.zeros(0, np.int64)
    hours = (quiet_from, quiet_to, opens, closes)
    key = np.asarray(codes, dtype=np.int64)
    for one in hours[:2]:
        key = key * 1441 + (one + 1)
    pair = (opens.astype(np.int64) + 1) * 1441 + (closes + 1)
    pairs, pair_code = np.unique(pair, return_inverse=True)
    _, first, group = np.unique(key * len(pairs) + pair_code, return_index=True, return_inverse=True)
    moments = np.empty(len(first), np.int64)
    for code in np.unique(codes[first]).tolist():
        mine = np.flatnonzero(codes[first] == code)
        moments[mine] = _in_zone(start, names[code], *(one[first[mine]].astype(np.int64) for one in hours))
    return moments[group]


def micros(moment: datetime) -> int:
    """Microseconds since the epoch. Raises WindowError for a moment without an offset."""
    if moment.tzinfo is None:
        raise WindowError("naive", "now", "The moment must know its offset.")
    return (moment - _EPOCH) // _US


def moment_of(microseconds: int) -> datetime:
    """The moment, in UTC."""
    return _EPOCH + microseconds * _US


def _in_zone(start: int, name: str, quiet_from: Moments, quiet_to: Moments, opens: Moments, closes: Moments) -> Moments:
    """`earliest` of m different hours in one zone.

    The first moment at which two conditions hold is `start`, or one at which one of them begins to hold: where quiet
    ends, where the channel opens, or where a clock is put forward or back. So only those are looked at.
    """
    own, beijing = _clock(name, start // _DAY_US), _clock(BEIJING, start // _DAY_US)
    moments = [np.full((len(opens), 1), start)]
    moments += [_shows(own, quiet_to), _shows(beijing, opens)]
    moments += [np.broadcast_to(clock[0], (len(opens), len(clock[0]))) for clock in (own, beijing)]
    at = np.concatenate(moments, axis=1)
    quiet = (quiet_from >= 0) & (quiet_to >= 0)
    free = (opens < 0) | (closes < 0)
    good = ~(quiet[:, None] & _within(_minute(own, at), quiet_from[:, None], quiet_to[:, None]))
    good &= free[:, None] | _within(_minute(beijing, at), opens[:, None], closes[:, None])
    good &= (at >= start) & (at < start + DAYS * _DAY_US)
    found = np.where(good, at, np.iinfo(np.int64).max).min(axis=1)
    return np.where(good.any(axis=1), found, NEVER)


def _within(minute: Moments, start: Moments, end: Moments) -> NDArray[np.bool_]:
    """Whether minutes of the day lie in [start, end), over midnight where start > end."""
    return np.where(start <= end, (start <= minute) & (minute < end), (minute >= start) | (minute < end))


def _minute(clock: tuple[Moments, Moments], at: Moments) -> Moments:
    """What the clock on the wall shows, in minutes of the day."""
    since, offset = clock
    local = at + offset[np.searchsorted(since, at, side="right") - 1]
    minute: Moments = local % _DAY_US // MINUTE_US
    return minute


def _shows(clock: tuple[Moments, Moments], minute: Moments) -> Moments:
    """[m, k]: every moment at which the clock comes to show these minutes, and some others."""
    since, offset = clock
    days = (since[0] // _DAY_US + np.arange(-1, DAYS + 3)) * _DAY_US
    moments: Moments = minute[:, None, None] * MINUTE_US + days[None, :, None] - offset[None, None, :]
    return moments.reshape(len(minute), -1)


@lru_cache(maxsize=1024)
def _clock(name: str, day: int) -> tuple[Moments, Moments]:
    """From a day since the epoch on for DAYS: moments since when an offset from UTC holds, and the offsets."""
    zone = _zone(name)
    hours = [_EPOCH + timedelta(days=day) + _HOUR * step for step in range((DAYS + 1) * 24 + 1)]
    changes = [_change(low, high, zone) for low, high in pairwise(hours) if _offset(low, zone) != _offset(high, zone)]
    since = [hours[0], *changes]
    return np.array([micros(one) for one in since]), np.array([_offset(one, zone) // _US for one in since])


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second with the new offset, by halving; both moments are whole seconds."""
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


@lru_cache(maxsize=1024)  # so it is told once
def _zone(name: str) -> ZoneInfo:
    """The zone; Beijing's for one that this host lacks: nobody else's message may wait for that."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        _log.warning("There is no time zone %r here: %s counts instead.", name[:40], BEIJING)
        return ZoneInfo(BEIJING)
