"""What a campaign is told, looked at when it is saved: what could never work is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.pipeline.campaign_options import CampaignError, checked

NOW = datetime.fromisoformat("2026-06-24T09:30:00+08:00")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"starts_at": NOW + HOUR, "expires_at": NOW + HOUR}, "ends_before_start"),
        ({"starts_at": NOW + 2 * HOUR, "expires_at": NOW + HOUR}, "ends_before_start"),
        ({"expires_at": NOW}, "already_over"),
        ({"expires_at": NOW.replace(tzinfo=None)}, "bad_moment"),
        ({"starts_at": "tomorrow"}, "bad_moment"),
        ({"rate_per_second": 0}, "bad_rate"),
        ({"rate_per_second": float("nan")}, "bad_rate"),
        ({"rate_per_second": "fast"}, "bad_rate"),
        ({"escalate_after": 0}, "bad_wait"),
        ({"escalate_after": 169}, "bad_wait"),
        ({"escalate_after": 1.5}, "bad_wait"),
        ({"escalate_after": True}, "bad_wait"),
        ({"emergency": "yes"}, "bad_emergency"),
        ({"detail": [1]}, "bad_detail"),
        ({"detail": {"at": NOW}}, "bad_detail"),
        ({"doors": ["entitled"], "basis": "\u3000"}, "no_basis"),
        ({"colour": "red"}, "unknown_option"),
    ],
)
def test_what_could_never_work_is_refused_by_name(options: dict[str, Any], code: str) -> None:
    with pytest.raises(CampaignError) as error:
        checked(options, NOW)
    assert error.value.code == code
    assert error.value.sentence.endswith(".")


def test_the_end_of_a_campaign_that_stands_is_held_against_a_new_beginning() -> None:
    row = {"doors": ["subscribed"], "basis": None, "starts_at": None, "expires_at": NOW + HOUR, "emergency": False}
    with pytest.raises(CampaignError) as error:
        checked({"starts_at": NOW + 2 * HOUR}, NOW, row=row)
    assert error.value.code == "ends_before_start"


NIGHT = NOW.replace(hour=22, minute=0)


@pytest.mark.parametrize(
    ("doors", "more", "code"),
    [
        (["recommended"], {}, "only_at_night"),
        (["recommended"], {"emergency": True}, ""),
        (["recommended", "subscribed"], {}, ""),
        (["recommended"], {"expires_at": NIGHT + 10 * HOUR + timedelta(minutes=1)}, ""),
        (["recommended"], {"starts_at": NIGHT - timedelta(minutes=1)}, ""),
    ],
)
def test_what_a_model_chose_needs_an_hour_of_the_day(doors: list[str], more: dict[str, Any], code: str) -> None:
    options = {"doors": doors, "starts_at": NIGHT, "expires_at": NIGHT + 10 * HOUR, **more}
    if not code:
        assert checked(options, NOW) == options
        return
    with pytest.raises(CampaignError) as error:
        checked(options, NOW)
    assert (error.value.code, error.value.place) == (code, "expires_at")


def test_words_may_be_mended_though_the_time_is_over() -> None:
    row = {"doors": ["subscribed"], "basis": None, "starts_at": None, "expires_at": NOW - HOUR, "emergency": False}
    assert checked({"title": "新标题"}, NOW, row=row) == {"title": "新标题"}


def test_what_is_not_said_is_not_stored() -> None:
    assert checked({"lane": None, "rate_per_second": 2, "emergency": False}, NOW) == {
        "rate_per_second": 2,
        "emergency": False,
    }


hours = st.integers(-50, 50).map(lambda n: NOW + n * HOUR)


@given(starts=st.none() | hours, ends=st.none() | hours)
def test_what_is_saved_leaves_a_moment_in_which_it_could_be_sent(
    starts: datetime | None, ends: datetime | None
) -> None:
    alive = ends is None or max(NOW, starts or NOW) < ends
    act: Callable[[], object] = lambda: checked({"starts_at": starts, "expires_at": ends}, NOW)  # noqa: E731
    if alive:
        act()
    else:
        with pytest.raises(CampaignError):
            act()
