"""Signed links: what they prove, for how long, and that nobody else can make one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.links import (
    SIGN_IN_MINUTES,
    LinkError,
    Unsubscribe,
    read_sign_in,
    read_unsubscribe,
    short_code,
    sign_in_token,
    unsubscribe_token,
)

SECRET = b"secret of the tests"
NOW = datetime.fromisoformat("2026-06-24T09:30:00+08:00")
NUMBERS = st.integers(min_value=1, max_value=2**63 - 1)


@given(st.none() | NUMBERS, NUMBERS, NUMBERS, st.none() | NUMBERS, st.sampled_from(["entitled", "subscribed"]))
def test_what_goes_in_comes_out(
    delivery: int | None, recipient: int, profile: int, policy: int | None, door: str
) -> None:
    values = {"delivery_id": delivery, "recipient_id": recipient, "profile_id": profile, "policy_id": policy}
    token = unsubscribe_token(SECRET, door=door, **values)  # type: ignore[arg-type]  # the names are the parameters
    assert read_unsubscribe(SECRET, token) == Unsubscribe(delivery, recipient, profile, policy, door)
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(st.text(max_size=200))
def test_what_we_did_not_sign_is_no_link(token: str) -> None:
    with pytest.raises(LinkError):
        read_unsubscribe(SECRET, token)


def test_a_token_of_another_key_or_purpose_is_no_link() -> None:
    other = unsubscribe_token(b"x", delivery_id=1, recipient_id=1, profile_id=1, policy_id=1, door="entitled")
    for token in (other, sign_in_token(SECRET, 1, NOW)):
        with pytest.raises(LinkError):
            read_unsubscribe(SECRET, token)


@given(st.integers(min_value=-10_000, max_value=10_000))
def test_a_sign_in_link_lives_as_long_as_it_says(seconds: int) -> None:
    token = sign_in_token(SECRET, 7, NOW)
    later = NOW + timedelta(seconds=seconds)
    if seconds < SIGN_IN_MINUTES * 60:
        assert read_sign_in(SECRET, token, later).profile_id == 7
    else:
        with pytest.raises(LinkError):
            read_sign_in(SECRET, token, later)


def test_no_two_sign_in_links_are_the_same() -> None:
    assert sign_in_token(SECRET, 7, NOW) != sign_in_token(SECRET, 7, NOW)


def test_a_short_code_is_short_stable_and_easy_to_say() -> None:
    codes = [short_code(SECRET, number) for number in range(2000)]
    assert len(set(codes)) == 2000
    assert codes[5] == short_code(SECRET, 5)
    assert all(len(code) == 8 and not set(code) & set("01oil") for code in codes)
