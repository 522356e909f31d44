"""Retrying: never before the provider said, never lost, and only tries that met a provider count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Outcome
from channels.reason_codes import CODES
from channels.reasons import kind
from pushsvc.pipeline.retrying import MAX_ATTEMPTS, MOST_SECONDS, after, backoff, opening, tally

NOON = datetime(2026, 6, 24, 4, tzinfo=UTC)  # 12:00 in Beijing
PROVIDERS = [*CODES, "http_sms", "smtp", "memory", "nobody"]
ALL_CODES = [code.replace("*", "x") for classes in CODES.values() for codes in classes.values() for code in codes]
outcomes = st.builds(
    Outcome,
    st.sampled_from(["accepted", "deferred", "rejected", "unknown"]),
    st.sampled_from([*ALL_CODES, "", "expired", "connect_error", "421 4.7.0", "550 5.1.1"]) | st.text(max_size=100),
    st.just(""),
    st.none() | st.floats(0, 7200),
)
moments = st.integers(0, 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
jitters = st.floats(0, 1, exclude_max=True)


def one(provider: str, code: str, *, tries: int = 0, now: datetime = NOON, wait: float | None = None) -> timedelta:
    """How long a deferred message waits."""
    [found] = after(provider, [Outcome("deferred", code, retry_after=wait)], [tries], now)
    assert found.due is not None
    return found.due - now


@settings(max_examples=60)
@given(st.sampled_from(PROVIDERS), st.lists(st.tuples(outcomes, st.integers(0, 30))), moments, jitters)
def test_every_member_has_a_state_and_none_is_lost(
    provider: str, rows: list[tuple[Outcome, int]], now: datetime, jitter: float
) -> None:
    said, tries = [outcome for outcome, _ in rows], [n for _, n in rows]
    found = after(provider, said, tries, now, jitter=jitter)
    assert len(found) == len(rows)
    for outcome, tried, result in zip(said, tries, found, strict=True):
        alone = after(provider, [outcome], [tried], now, jitter=jitter)
        assert [result] == alone
        assert (result.due is not None) == (result.state == "planned")
        if outcome.status == "deferred":
            assert result.state == "planned" or (result.code.startswith("gave_up:") and tried + 1 >= MAX_ATTEMPTS)
        else:
            assert (result.state, result.code, result.tried) == (outcome.status, outcome.code, True)


@settings(max_examples=100)
@given(st.sampled_from(PROVIDERS), outcomes, moments, jitters)
def test_a_wait_never_ends_before_the_provider_said_nor_shrinks_with_the_tries(
    provider: str, outcome: Outcome, now: datetime, jitter: float
) -> None:
    found = after(provider, [outcome] * 30, range(30), now, jitter=jitter)
    dues = [result.due for result in found if result.due is not None]
    assert dues == sorted(dues)
    assert all(due > now for due in dues)
    assert all(due >= now + timedelta(seconds=outcome.retry_after or 0) for due in dues)
    given_up = [result.state == "rejected" for result in found]
    assert given_up == sorted(given_up)  # once given up, for good


@given(st.integers(0, 1000), jitters)
def test_waits_double_up_to_an_hour(tries: int, jitter: float) -> None:
    assert backoff(tries) <= backoff(tries + 1) <= MOST_SECONDS
    assert 0.75 * backoff(tries) <= backoff(tries, jitter) <= backoff(tries)


@given(moments)
def test_an_opening_lies_in_the_hours_in_which_vendors_send(now: datetime) -> None:
    found = opening(now)
    assert now < found <= now + timedelta(hours=10)
    hour = (found + timedelta(hours=8)).hour
    assert 8 <= hour <= 22


@pytest.mark.parametrize("code", ["expired", "connect", "connect_timeout", "connect_error", "pool_timeout"])
def test_what_never_left_does_not_count_as_a_try(code: str) -> None:
    [found] = after("http_sms", [Outcome("deferred", code)], [MAX_ATTEMPTS], NOON)
    assert (found.state, found.tried) == ("planned", False)


@pytest.mark.parametrize(
    ("provider", "code"),
    [("http_sms", "http_401"), ("http_sms", "http_404"), ("aliyun_sms", "isv.OUT_OF_SERVICE"), ("smtp", "535 5.7.8")],
)
def test_a_closed_account_is_no_fault_of_the_message(provider: str, code: str) -> None:
    [found] = after(provider, [Outcome("deferred", code)], [MAX_ATTEMPTS], NOON)
    assert (found.state, found.tried) == ("planned", False)


def test_one_deferred_too_often_is_given_up_by_name() -> None:
    [found] = after("http_sms", [Outcome("deferred", "http_429")], [MAX_ATTEMPTS - 1], NOON)
    assert (found.state, found.code) == ("rejected", "gave_up:http_429")


def test_who_is_throttled_waits_for_the_longer_of_both() -> None:
    assert one("http_sms", "http_429", wait=90) == timedelta(seconds=90)
    assert one("http_sms", "http_429", wait=1) == timedelta(seconds=30)
    assert one("http_sms", "http_429", tries=3, wait=90) == timedelta(seconds=240)


def test_outside_the_window_it_waits_for_the_next_opening() -> None:
    night = datetime(2026, 6, 24, 15, tzinfo=UTC)  # 23:00 in Beijing
    closed = "FailedOperation.MarketingSendTimeConstraint"
    assert one("tencent_sms", closed, now=night) == timedelta(hours=9)
    assert one("tencent_sms", closed, now=night + timedelta(hours=3)) == timedelta(hours=6)
    assert one("tencent_sms", closed) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("provider", "code", "wait"),
    [
        ("tencent_sms", "LimitExceeded.PhoneNumberThirtySecondLimit", timedelta(seconds=30)),
        ("tencent_sms", "LimitExceeded.PhoneNumberOneHourLimit", timedelta(hours=1)),
        ("tencent_sms", "LimitExceeded.PhoneNumberDailyLimit", timedelta(hours=20)),
        ("aliyun_sms", "isv.BUSINESS_LIMIT_CONTROL", timedelta(hours=1)),
        ("http_sms", "number_daily_limit", timedelta(hours=20)),
    ],
)
def test_a_number_that_has_had_enough_waits_as_long_as_its_limit(provider: str, code: str, wait: timedelta) -> None:
    assert one(provider, code) == wait


def test_members_with_the_same_answer_share_a_moment() -> None:
    found = after("http_sms", [Outcome("deferred", "http_503")] * 9, [1] * 9, NOON, jitter=0.7)
    assert len({result.due for result in found}) == 1


def test_answers_and_members_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        after("http_sms", [Outcome("accepted")], [0, 0], NOON)


@pytest.mark.parametrize(
    ("provider", "outcome", "name"),
    [
        ("http_sms", Outcome("accepted"), "accepted"),
        ("http_sms", Outcome("rejected", "http_429"), "permanent"),
        ("http_sms", Outcome("deferred", "http_503"), "throttled"),
        ("http_sms", Outcome("deferred", "never heard of"), "transient"),
        ("fcm", Outcome("deferred", "UNAVAILABLE"), "transient"),
        ("http_sms", Outcome("unknown", "http_429"), "unknown"),
    ],
)
def test_the_adapters_word_decides_and_the_code_refines_it(provider: str, outcome: Outcome, name: str) -> None:
    assert kind(provider, outcome) == name


def test_only_what_speaks_against_the_provider_is_trouble() -> None:
    trouble = [Outcome("unknown", "read_timeout"), Outcome("deferred", "http_503"), Outcome("deferred", "http_401")]
    innocent = [
        Outcome("rejected", "bad_address"),
        Outcome("deferred", "number_limit"),
        Outcome("deferred", "outside_window"),
        Outcome("deferred", "expired"),
        Outcome("accepted"),
    ]
    assert tally("http_sms", trouble + innocent) == {
        "accepted": 1,
        "deferred": 5,
        "rejected": 1,
        "unknown": 1,
        "troubled": 3,
    }
    assert tally("smtp", [Outcome("deferred", "452 4.2.2")])["troubled"] == 0
