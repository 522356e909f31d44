"""How long a provider asks to be left alone: seconds or a date, never longer than a day, and nonsense says nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.http import RETRY_LIMIT, retry_seconds

NOW = datetime(2026, 6, 24, 1, 30, tzinfo=UTC)
MOMENTS = st.integers(0, 3_124_137_599).map(lambda at: datetime.fromtimestamp(at, UTC))  # to the end of 2068


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120\t", 120.0),
        ("86400", RETRY_LIMIT),
        ("86401", RETRY_LIMIT),
        ("999999999", RETRY_LIMIT),
        ("Wed, 24 Jun 2026 02:30:00 GMT", 3600.0),
        ("Wednesday, 24-Jun-26 02:30:00 GMT", 3600.0),
        ("Wed Jun 24 02:30:00 2026", 3600.0),
        ("Wed Jul  1 02:30:00 2026", RETRY_LIMIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", RETRY_LIMIT),
        ("Wed, 24 Jun 2026 01:30:00 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ],
)
def test_both_forms_are_read_and_held_within_a_day(header: str, seconds: float) -> None:
    assert retry_seconds(header, NOW) == seconds


@pytest.mark.parametrize(
    "header",
    [
        None, "", " ", "soon", "-5", "+5", "5.5", "1e9", "5 s", "²", "٣", "1_0", "9" * 10, "9" * 5000, "1 may", "12:00",
        "2026-06-24T02:30:00Z", "Wed, 24 Jun 2026 02:30:00 +0800", "Wed, 24 Juni 2026 02:30:00 GMT",
        "Wed, 99 Jun 2026 02:30:00 GMT", "Wed, 24 Jun 2026 25:30:00 GMT", "Wed, 24 Xyz 2026 02:30:00 GMT",
        "Wed, 24 Jun 2026 02:30:00 GMT, 5",
    ],
)  # fmt: skip
def test_nonsense_says_nothing(header: str | None) -> None:
    assert retry_seconds(header, NOW) is None


@given(MOMENTS, MOMENTS)
def test_a_date_means_the_moment_however_it_is_written(now: datetime, then: datetime) -> None:
    forms = format_datetime(then, usegmt=True), f"{then:%A, %d-%b-%y %H:%M:%S} GMT", f"{then:%a %b} {then:%e %T %Y}"
    waits = [retry_seconds(form, now) for form in forms]
    assert waits == [min(max((then - now).total_seconds(), 0.0), RETRY_LIMIT)] * 3


@given(MOMENTS, st.integers(-12, 14))
def test_the_zone_of_the_clock_does_not_matter(now: datetime, hours: int) -> None:
    header = format_datetime(now + timedelta(minutes=7), usegmt=True)
    assert retry_seconds(header, now.astimezone(timezone(timedelta(hours=hours)))) == 420.0


@given(
    st.text(max_size=60)
    | st.from_regex(r"[A-Z][a-z]{2},? \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d( GMT)?", fullmatch=True)
)
def test_whatever_a_provider_writes_is_a_wait_or_nothing(header: str) -> None:
    found = retry_seconds(header, NOW)
    assert found is None or 0.0 <= found <= RETRY_LIMIT
