"""A provider's health: what it fails is told from what recipients are, and slowness from size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.health import Calls, Health, Limits, health

NOW = 1_000_000_000_000_000
SECOND = 1_000_000
Row = tuple[float, float, int, int]  # seconds ago, seconds taken, members, troubled


def calls(rows: Sequence[Row]) -> Calls:
    """Calls as columns."""
    return Calls(
        started=np.array([NOW - int(ago * SECOND) for ago, _, _, _ in rows], dtype=np.int64),
        seconds=np.array([took for _, took, _, _ in rows], dtype=np.float64),
        members=np.array([n for _, _, n, _ in rows], dtype=np.int64),
        troubled=np.array([bad for _, _, _, bad in rows], dtype=np.int64),
    )


def some(n: int, *, ago: float = 0.0, took: float = 0.1, members: int = 100, troubled: int = 0) -> list[Row]:
    """n like calls, the last of them `ago` seconds ago, one a second."""
    return [(ago + i, took, members, troubled) for i in range(n)]


rows = st.lists(
    st.tuples(st.floats(0, 900), st.floats(0, 30), st.integers(1, 500), st.integers(0, 500)).map(
        lambda row: (*row[:3], min(row[2], row[3]))
    ),
    max_size=60,
)


@settings(max_examples=60)
@given(st.data())
def test_the_order_of_the_calls_does_not_matter(data: st.DataObject) -> None:
    found = list({int(row[0] * SECOND): row for row in data.draw(rows)}.values())  # no two at one moment
    mixed = data.draw(st.permutations(found))
    assert health(calls(found), NOW) == health(calls(mixed), NOW)


@settings(max_examples=60)
@given(rows)
def test_more_trouble_never_makes_a_provider_healthier(found: list[Row]) -> None:
    worse = [(ago, took, n, n) for ago, took, n, _ in found]
    before, after = health(calls(found), NOW), health(calls(worse), NOW)
    assert after.failed >= before.failed
    assert after.trouble or not before.trouble


@settings(max_examples=60)
@given(rows)
def test_too_few_calls_are_no_evidence(found: list[Row]) -> None:
    assert health(calls(found[:4]), NOW).trouble == ""


def test_nothing_is_known_of_a_provider_that_was_not_called() -> None:
    assert health(calls([]), NOW) == Health()


def test_a_provider_that_fails_half_of_its_calls_is_in_trouble() -> None:
    assert health(calls(some(10, troubled=49)), NOW).trouble == ""
    assert health(calls(some(10, troubled=50)), NOW).trouble == "errors"


def test_an_hour_of_good_calls_does_not_hide_the_failure_of_now() -> None:
    assert health(calls(some(20, troubled=100) + some(100, ago=20)), NOW).trouble == "errors"


def test_a_large_call_that_went_well_does_not_outweigh_small_ones_that_failed() -> None:
    assert health(calls(some(5, members=1, troubled=1) + some(2, ago=5, members=500)), NOW).trouble == "errors"


def test_what_lies_before_a_moment_is_history() -> None:
    found = calls(some(10, ago=10, troubled=100))
    assert health(found, NOW, since=NOW - 5 * SECOND) == Health()


def test_failures_are_forgotten_after_a_while() -> None:
    assert health(calls(some(10, ago=301, troubled=100)), NOW).trouble == ""


@pytest.mark.parametrize(
    ("now", "before", "trouble"),
    [
        (some(10, took=16), [], "slow"),  # whatever is normal
        (some(10, took=2.5), some(30, ago=10, took=0.1), "slow"),
        (some(10, took=1.5), some(30, ago=10, took=0.1), ""),  # not worth noticing
        (some(10, took=2.5), some(30, ago=10, took=0.5), ""),  # it is always so
        (some(10, took=2.5), some(10, ago=10, took=0.1), ""),  # nobody knows what is normal
        (some(10, took=3.0, members=500), some(30, ago=10, took=0.1, members=1), ""),  # large ones take longer
    ],
)
def test_slowness_is_told_from_size_and_habit(now: list[Row], before: list[Row], trouble: str) -> None:
    limits = Limits(calls=10)
    assert health(calls(now + before), NOW, limits).trouble == trouble
