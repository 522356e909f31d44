"""Preferences and weekly limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.caps import week_counts
from profiles.errors import ProfilesError
from profiles.preference import (
    DEFAULT,
    TOPICS,
    Preference,
    PreferenceError,
    enabled_matrix,
    muted_mask,
    parse_preference,
    paused_mask,
    quiet_minutes,
)
from tests.profiles.making import refusal

NOW = datetime(2026, 6, 24, 12, tzinfo=UTC)


def test_whoever_never_chose_gets_everything_at_most_three_a_week() -> None:
    assert parse_preference({"cadence": None}) == DEFAULT
    assert DEFAULT.weekly_max == 3
    assert enabled_matrix([DEFAULT], "city").all()


def test_a_channel_is_off_for_one_topic_or_for_all() -> None:
    choices = [Preference(sms=False), Preference(channels={"elder": {"app": False}})]
    assert enabled_matrix(choices, "elder").tolist() == [[True, False, True], [False, True, True]]
    assert enabled_matrix(choices, "city").tolist() == [[True, False, True], [True, True, True]]


def test_mutes_pauses_and_quiet_hours_are_columns() -> None:
    choices = [
        DEFAULT,
        Preference(muted=("city",), paused_until=date(2026, 6, 24), quiet_from=time(22), quiet_to=time(7, 30)),
    ]
    assert muted_mask(choices, "city").tolist() == [False, True]
    assert paused_mask(choices, date(2026, 6, 23)).tolist() == [False, True]
    assert paused_mask(choices, date(2026, 6, 24)).tolist() == [False, False]
    assert [column.tolist() for column in quiet_minutes(choices)] == [[-1, 1320], [-1, 450]]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"mood": 1}, "unknown_field"),
        ({"app": "yes"}, "wrong_type"),
        ({"weekly_max": True}, "wrong_type"),
        ({"weekly_max": -1}, "out_of_range"),
        ({"cadence": "hourly"}, "unknown_level"),
        ({"quiet_from": time(22)}, "half_quiet"),
        ({"quiet_from": time(22), "quiet_to": time(22)}, "all_quiet"),
        ({"muted": ["weather"]}, "unknown_topic"),
        ({"channels": {"weather": {}}}, "unknown_topic"),
        ({"channels": {"city": {"fax": True}}}, "unknown_channel"),
        ({"channels": {"city": 1}}, "wrong_type"),
    ],
)
def test_a_wrong_choice_is_an_error(values: dict[str, Any], code: str) -> None:
    with pytest.raises(PreferenceError) as caught:
        parse_preference(values)
    assert caught.value.code == code


_values = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.text(max_size=3), max_size=2)
_fields = st.sampled_from([*Preference.__dataclass_fields__, "other"])


@given(st.dictionaries(_fields, _values | st.dictionaries(st.sampled_from([*TOPICS, "x"]), _values)))
def test_no_values_crash_the_parser(values: dict[str, Any]) -> None:
    error = refusal(parse_preference, values)
    assert error is None or error.sentence


def test_a_message_of_seven_days_ago_no_longer_counts_and_a_reservation_does() -> None:
    ages = [timedelta(days=7), timedelta(days=7, seconds=-1), timedelta(days=-1)]
    at = np.array([(NOW - age).replace(tzinfo=None) for age in ages], dtype="datetime64[us]")
    assert week_counts(np.array([0, 0, 2]), at, n=3, now=NOW).tolist() == [1, 0, 1]


def test_a_naive_now_is_an_error() -> None:
    with pytest.raises(ProfilesError):
        week_counts(np.array([], np.int64), np.array([], "datetime64[us]"), n=0, now=NOW.replace(tzinfo=None))
