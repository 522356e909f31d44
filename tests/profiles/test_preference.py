"""Preferences: what a person may choose, and what no one can."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.preference import DEFAULT, TOPICS, Preference, PreferenceError, parse_preference
from tests.profiles.making import refusal


def test_whoever_never_chose_is_told_at_once_and_recommended_at_most_three_a_week() -> None:
    assert parse_preference({"cadence": None}) == DEFAULT
    assert (DEFAULT.cadence, DEFAULT.weekly_max, DEFAULT.escalate, DEFAULT.channel_order) == ("immediate", 3, (), ())


def test_lists_keep_their_order_and_sets_get_one() -> None:
    found = parse_preference({"channel_order": ["sms", "app"], "escalate": {"sms", "email"}, "muted": ["city"]})
    assert (found.channel_order, found.escalate, found.muted) == (("sms", "app"), ("email", "sms"), ("city",))


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
        ({"muted": [1]}, "wrong_type"),
        ({"escalate": "sms"}, "wrong_type"),
        ({"escalate": ["fax"]}, "unknown_channel"),
        ({"escalate": ["sms", "sms"]}, "repeated_channel"),
        ({"escalate_hours": 0}, "out_of_range"),
        ({"escalate_hours": 169}, "out_of_range"),
        ({"escalate_hours": True}, "wrong_type"),
        ({"channel_order": {"sms"}}, "wrong_type"),
        ({"channel_order": ["sms", "fax"]}, "unknown_channel"),
        ({"channel_order": ["sms", "app", "sms"]}, "repeated_channel"),
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
