"""Quiet hours in each person's own zone, right across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.windows import WindowError, is_quiet, release

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
NIGHT, MORNING = 22 * 60, 8 * 60


def released(now: datetime, zone: str, start: int = NIGHT, end: int = MORNING, *, emergency: bool = False) -> datetime:
    quiet = np.array([start], np.int16), np.array([end], np.int16)
    return release(now, [zone], *quiet, emergency=emergency)[0]


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_it_waits_until_quiet_hours_end() -> None:
    late = local("2026-06-24T23:30", "Asia/Shanghai")
    assert released(late, "Asia/Shanghai") == local("2026-06-25T08:00", "Asia/Shanghai")


def test_after_midnight_it_waits_for_the_same_morning() -> None:
    early = local("2026-06-25T00:10", "Asia/Shanghai")
    assert released(early, "Asia/Shanghai") == local("2026-06-25T08:00", "Asia/Shanghai")


def test_the_end_is_no_longer_quiet_and_the_start_is() -> None:
    assert released(local("2026-06-24T08:00", "UTC"), "UTC") == local("2026-06-24T08:00", "UTC")
    assert released(local("2026-06-24T22:00", "UTC"), "UTC") == local("2026-06-25T08:00", "UTC")


def test_an_emergency_goes_at_once() -> None:
    late = local("2026-06-24T23:30", "Asia/Shanghai")
    assert released(late, "Asia/Shanghai", emergency=True) == late


def test_the_same_moment_is_night_here_and_day_there() -> None:
    now = local("2026-06-24T23:00", "Asia/Shanghai")
    quiet = np.array([NIGHT, NIGHT], np.int16), np.array([MORNING, MORNING], np.int16)
    here, there = release(now, ["Asia/Shanghai", "Europe/Berlin"], *quiet)
    assert (here > now, there == now) == (True, True)


def test_an_end_that_the_clock_skips_is_the_moment_of_the_change() -> None:
    now = local("2026-03-08T01:30", "America/New_York")  # 02:00 becomes 03:00 that night
    assert released(now, "America/New_York", 60, 150) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_an_hour_that_repeats_ends_quiet_the_first_time() -> None:
    now = datetime(2026, 11, 1, 5, 10, tzinfo=UTC)  # 01:10, still summer time
    assert released(now, "America/New_York", 30, 90) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_clock_put_back_out_of_the_quiet_hours_ends_them() -> None:
    now = datetime(2026, 11, 1, 5, 45, tzinfo=UTC)  # 01:45; at 02:00 it is 01:00 again, before the start
    assert released(now, "America/New_York", 90, 300) == datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


def test_nobody_is_nobody() -> None:
    assert release(datetime(2026, 1, 1, tzinfo=UTC), [], np.array([], np.int16), np.array([], np.int16)) == []


def test_a_moment_without_an_offset_is_an_error() -> None:
    with pytest.raises(WindowError, match="offset"):
        released(datetime(2026, 1, 1), "UTC")  # noqa: DTZ001  the naive moment is the point


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd"])
def test_an_unknown_zone_is_an_error(zone: str) -> None:
    with pytest.raises(WindowError) as caught:
        released(datetime(2026, 1, 1, tzinfo=UTC), zone)
    assert caught.value.code == "unknown_zone"


def slowly(now: datetime, zone: str, start: int, end: int) -> datetime:
    """Minute by minute."""
    moment = now
    while is_quiet(moment.astimezone(ZoneInfo(zone)), start, end):
        moment = moment.replace(second=0) + timedelta(minutes=1)
    return moment


# Around the clock changes of the zones above, and anywhere in the year.
_changes = [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC)]
_changes += [datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]
_near = st.builds(lambda at, s: at + timedelta(seconds=s), st.sampled_from(_changes), st.integers(-90_000, 90_000))
_ever = st.builds(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s), st.integers(0, 31_000_000))
_minute = st.integers(0, 47).map(lambda half: half * 30) | st.integers(0, 1439)


@settings(max_examples=150, deadline=None)
@given(_near | _ever, st.sampled_from(ZONES), _minute, _minute)
def test_it_is_the_first_moment_outside(now: datetime, zone: str, start: int, end: int) -> None:
    assert released(now, zone, start, end) == slowly(now, zone, start, end)


@settings(max_examples=50, deadline=None)
@given(_near, st.lists(st.tuples(st.sampled_from(ZONES), _minute, _minute), max_size=6))
def test_many_people_are_released_as_each_alone(now: datetime, people: list[tuple[str, int, int]]) -> None:
    starts, ends = (np.array([p[i] for p in people], np.int16) for i in (1, 2))
    together = release(now, [p[0] for p in people], starts, ends)
    assert together == [released(now, *person) for person in people]
