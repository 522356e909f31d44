"""What never opens is known before it is saved."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.opening import SENTENCES, never_opens, shuts_out_marketing

NOW = datetime.fromisoformat("2026-06-24T20:00:00+08:00")
EVERYBODY = {"doors": ("subscribed", "recommended"), "channels": ("app", "sms", "email")}
BY_SMS = {"doors": ("recommended",), "channels": ("sms",)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}:00+08:00")


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (None, None, ""),
        ("25T08:00", None, ""),
        (None, "24T20:01", ""),
        (None, "24T20:00", "already_over"),
        (None, "23T20:00", "already_over"),
        ("22T08:00", "23T08:00", "already_over"),
        ("25T08:00", "25T08:00", "ends_before_start"),
        ("25T08:00", "24T22:00", "ends_before_start"),
        ("25T08:00", "25T08:01", ""),
    ],
)
def test_a_campaign_needs_a_time_in_which_it_may_send(starts: str | None, ends: str | None, code: str) -> None:
    moments = [None if one is None else at(one) for one in (starts, ends)]
    assert never_opens(*moments, now=NOW, **EVERYBODY) == code  # type: ignore[arg-type]  # doors and channels
    assert code == "" or SENTENCES[code].endswith(".")


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        ("24T22:00", "25T08:00", "only_at_night"),
        ("24T22:00", "25T08:01", ""),
        ("24T21:59", "25T08:00", ""),
        (None, "25T07:00", ""),
        ("25T01:00", "25T02:00", "only_at_night"),
        ("25T01:00", None, ""),
    ],
)
def test_recommendations_by_sms_alone_need_an_hour_of_the_day(starts: str | None, ends: str | None, code: str) -> None:
    moments = [None if one is None else at(one) for one in (starts, ends)]
    assert never_opens(*moments, now=NOW, **BY_SMS) == code  # type: ignore[arg-type]
    assert never_opens(*moments, now=NOW, emergency=True, **BY_SMS) == ""  # type: ignore[arg-type]
    assert never_opens(*moments, now=NOW, **BY_SMS | {"channels": ("sms", "app")}) == ""  # type: ignore[arg-type]
    assert never_opens(*moments, now=NOW, **BY_SMS | {"doors": ("subscribed",)}) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "zone", "shut"),
    [
        (time(22), time(8), "Asia/Shanghai", False),
        (time(8), time(22), "Asia/Shanghai", True),
        (time(8), time(21, 59), "Asia/Shanghai", False),
        (time(8, 1), time(22), "Asia/Shanghai", False),
        (time(7), time(6, 59), "Asia/Shanghai", True),
        (time(0), time(14), "UTC", True),
        (time(1), time(14), "UTC", False),
        (time(2), time(16), "Europe/Berlin", True),  # in summer; in winter the day in Beijing ends at 15:00
        (time(1), time(15), "Europe/Berlin", True),  # in winter
        (time(2), time(15), "Europe/Berlin", False),
    ],
)
def test_quiet_hours_may_not_swallow_the_whole_day_of_beijing(start: time, end: time, zone: str, shut: bool) -> None:
    assert shuts_out_marketing(start, end, zone=zone, now=NOW) is shut


def test_no_quiet_hours_shut_nothing_out() -> None:
    assert not shuts_out_marketing(None, None, zone="Asia/Shanghai", now=NOW)


def test_an_unknown_zone_counts_as_beijings() -> None:
    assert shuts_out_marketing(time(7), time(23), zone="Mars/Base", now=NOW)
    assert not shuts_out_marketing(time(1), time(2), zone="Mars/Base", now=NOW)


_minutes = st.integers(0, 1439)


@settings(max_examples=60, deadline=None)
@given(_minutes, _minutes, st.sampled_from(["Asia/Shanghai", "UTC", "Asia/Kathmandu", "America/New_York"]))
def test_it_is_as_looking_at_every_minute_of_a_winter_and_a_summer_day(start: int, end: int, zone: str) -> None:
    def left(day: datetime) -> bool:
        minutes = [(day + timedelta(minutes=n)).astimezone(ZoneInfo(zone)) for n in range(840)]
        local = [one.hour * 60 + one.minute for one in minutes]
        return any(not (start <= m < end if start <= end else m >= start or m < end) for m in local)

    days = [datetime(2026, month, 10, tzinfo=UTC) for month in (1, 7)]
    quiet = [time(*divmod(minute, 60)) for minute in (start, end)]
    assert shuts_out_marketing(*quiet, zone=zone, now=NOW) is not all(left(day) for day in days)
