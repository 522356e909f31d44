"""Quiet hours in each person's own zone and the hours of a channel, right across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.classes import CLASSES, MARKETING, NOTICE, PUBLIC, channel_window, message_class
from profiles.gates import CHANNELS, DOORS
from profiles.windows import DAYS, NEVER, WindowError, earliest, moment_of

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
NIGHT, MORNING = 22 * 60, 8 * 60


def released(now: datetime, zone: str, start: int = NIGHT, end: int = MORNING) -> datetime:
    """The end of quiet hours for what any channel takes at any hour."""
    found = open_at(now, zone, start, end, -1, -1)
    assert found is not None
    return found


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
    none = np.zeros(0, np.int16)
    assert earliest(datetime(2026, 1, 1, tzinfo=UTC), (none, []), none, none, none, none).tolist() == []


def test_a_moment_without_an_offset_is_an_error() -> None:
    with pytest.raises(WindowError, match="offset"):
        released(datetime(2026, 1, 1), "UTC")  # noqa: DTZ001  the naive moment is the point


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd"])
def test_an_unknown_zone_counts_as_the_citys(zone: str) -> None:
    late = local("2026-06-24T23:30", "Asia/Shanghai")
    assert released(late, zone) == released(late, "Asia/Shanghai")


def test_an_unknown_zone_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    for month in (1, 6):
        released(datetime(2026, month, 1, tzinfo=UTC), "Mars/Told once")
    assert [record.getMessage().count("Mars/Told once") for record in caplog.records] == [1]


def is_quiet(local: datetime, start: int, end: int) -> bool:
    """Whether the clock on the wall stands within these minutes of the day."""
    minute = local.hour * 60 + local.minute
    if start < 0 or end < 0 or start == end:
        return False
    return start <= minute < end if start < end else minute >= start or minute < end


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


# Both windows at once: the person's own hours and the channel's, which are Beijing's


def open_at(now: datetime, zone: str, *hours: int) -> datetime | None:
    """The first moment for one message; `hours`: quiet from and to, channel opens and closes."""
    found = earliest(now, (np.zeros(1, np.int16), [zone]), *(np.array([one], np.int16) for one in hours))
    return None if found[0] == NEVER else moment_of(int(found[0]))


def first_minute(now: datetime, zone: str, *hours: int) -> datetime | None:
    """Minute by minute, for all the days that are looked at."""
    quiet_from, quiet_to, opens, closes = hours
    own, beijing, moment = ZoneInfo(zone), ZoneInfo("Asia/Shanghai"), now
    bound = opens >= 0 and closes >= 0
    while moment < now + timedelta(days=DAYS):
        within = not bound or (opens != closes and is_quiet(moment.astimezone(beijing), opens, closes))
        if within and not is_quiet(moment.astimezone(own), quiet_from, quiet_to):
            return moment
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return None


@settings(max_examples=120, deadline=None)
@given(_near | _ever, st.sampled_from(ZONES), st.tuples(_minute, _minute, _minute, _minute))
def test_it_is_the_first_moment_that_both_clocks_allow(now: datetime, zone: str, hours: tuple[int, ...]) -> None:
    assert open_at(now, zone, *hours) == first_minute(now, zone, *hours)


@pytest.mark.parametrize(
    ("hours", "opens"),
    [
        ((-1, -1, -1, -1), "2026-06-24T23:30"),
        ((-1, -1, 480, 1320), "2026-06-25T08:00"),
        ((420, 600, 480, 1320), "2026-06-25T10:00"),
        ((480, 1319, 480, 1320), "2026-06-25T21:59"),
        ((480, 1320, -1, -1), "2026-06-24T23:30"),
        ((480, 1320, 480, 1320), None),
        ((421, 420, 480, 1320), None),
        ((-1, -1, 600, 600), None),
        ((-1, -1, 1200, 60), "2026-06-24T23:30"),
    ],
)
def test_hours_that_leave_no_minute_never_open(hours: tuple[int, int, int, int], opens: str | None) -> None:
    now = local("2026-06-24T23:30", "Asia/Shanghai")
    assert open_at(now, "Asia/Shanghai", *hours) == (None if opens is None else local(opens, "Asia/Shanghai"))


def test_it_is_the_second_that_opens_a_channel_and_the_one_that_shuts_it() -> None:
    opens = [open_at(local(f"2026-06-24T{at}", "Asia/Shanghai"), "UTC", -1, -1, 480, 1320) for at in (
        "07:59:59.999999", "08:00:00", "21:59:59.999999", "22:00:00")]  # fmt: skip
    expected = ["2026-06-24T08:00:00", "2026-06-24T08:00:00", "2026-06-24T21:59:59.999999", "2026-06-25T08:00:00"]
    assert opens == [local(at, "Asia/Shanghai") for at in expected]


def test_whoever_lives_elsewhere_gets_marketing_by_day_in_beijing_and_outside_their_own_night() -> None:
    now = local("2026-10-24T23:00", "Europe/Berlin")  # the night in which the clocks go back; Beijing opens at 02:00
    assert open_at(now, "Europe/Berlin", -1, -1, 480, 1320) == local("2026-10-25T08:00", "Asia/Shanghai")
    assert open_at(now, "Europe/Berlin", NIGHT, MORNING, 480, 1320) == local("2026-10-25T08:00", "Europe/Berlin")


_person = st.tuples(st.sampled_from(range(len(ZONES))), *[st.sampled_from([-1, 0, 420, 480, 1320, 1439])] * 4)


@settings(max_examples=60, deadline=None)
@given(_near | _ever, st.lists(_person, max_size=8), st.randoms(use_true_random=False))
def test_many_messages_go_out_as_each_alone(now: datetime, people: list[tuple[int, ...]], chance: Random) -> None:
    names = [*ZONES, "Mars/Base"]  # one that nobody lives in is nobody's trouble
    order = list(range(len(names)))
    chance.shuffle(order)
    zones = np.array([order.index(one[0]) for one in people], np.int32), [names[at] for at in order]
    found = earliest(now, zones, *(np.array([one[at] for one in people], np.int16) for at in range(1, 5)))
    alone = [open_at(now, ZONES[zone], *hours) for zone, *hours in people]
    assert [None if one == NEVER else moment_of(one) for one in found.tolist()] == alone


def test_only_marketing_by_sms_has_hours_of_its_own() -> None:
    pairs = [(channel, kind) for channel in range(len(CHANNELS)) for kind in range(len(CLASSES))]
    opens, closes = channel_window(*(np.array([pair[at] for pair in pairs], np.int8) for at in (0, 1)))
    bound = [pair for pair, one in zip(pairs, opens, strict=True) if one >= 0]
    assert bound == [(CHANNELS.index("sms"), MARKETING)]
    assert (set(opens.tolist()), set(closes.tolist())) == ({-1, 480}, {-1, 1320})
    assert ((opens < 0) == (closes < 0)).all()


def test_the_door_says_what_class_a_message_is() -> None:
    doors = np.array([DOORS.index(name) for name in ("entitled", "subscribed", "recommended")], np.int8)
    assert message_class(doors).tolist() == [PUBLIC, NOTICE, MARKETING]
