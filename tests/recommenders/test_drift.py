"""Drift: zero where nothing changed, never negative, growing with the shift, and silent about what chance explains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.drift import (
    Parts,
    by_chance,
    groups,
    part_shift,
    parted,
    psi,
    share_status,
    shift,
    shifts,
    status,
    worst,
)

COUNTS = st.lists(st.floats(0, 1e9), min_size=1, max_size=12).filter(lambda counts: max(counts) > 1e-300)
PAIRS = st.integers(2, 12).flatmap(lambda n: st.tuples(*[st.lists(st.floats(0, 1e6), min_size=n, max_size=n)] * 2))
MANY = (1e6, 1e6)


@given(COUNTS)
def test_it_is_zero_where_nothing_changed(counts: list[float]) -> None:
    assert psi(counts, counts) == 0.0


@given(PAIRS)
def test_it_is_never_negative_and_the_same_both_ways(pair: tuple[list[float], list[float]]) -> None:
    there, back = psi(*pair), psi(pair[1], pair[0])
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert 0 <= there < math.inf
        assert there == pytest.approx(back, abs=1e-9)


@given(PAIRS, st.floats(0, 1), st.floats(0, 1))
def test_it_grows_with_the_shift(pair: tuple[list[float], list[float]], one: float, other: float) -> None:
    then, now = (np.array(counts) + 1 for counts in pair)
    then, now = then / then.sum(), now / now.sum()
    less, more = (psi(then, (1 - t) * then + t * now) for t in sorted((one, other)))
    assert less is not None
    assert more is not None
    assert less <= more + 1e-12


@given(COUNTS, st.floats(0.01, 100))
def test_only_shares_matter(counts: list[float], times: float) -> None:
    assert psi(counts, [count * times for count in counts]) == pytest.approx(0, abs=1e-6)


def test_a_known_value() -> None:
    assert psi([0.5, 0.5], [0.8, 0.2]) == pytest.approx(0.3 * math.log(1.6) + 0.3 * math.log(2.5), rel=1e-3)


@pytest.mark.parametrize(
    ("then", "now"),
    [([], []), ([0, 0], [1, 1]), ([1, math.nan], [1, 1]), ([1, 1], [math.inf, 1]), ([1, 1], [-1, 2]), ([1], [1, 2])],
)
def test_what_cannot_be_compared_has_no_index(then: list[float], now: list[float]) -> None:
    assert psi(then, now) is None
    assert status(psi(then, now)) == "unknown"


def test_the_bars_are_those_that_are_named() -> None:
    assert [status(value) for value in (0.0, 0.0999, 0.1, 0.2499, 0.25)] == ["ok", "ok", "watch", "watch", "retrain"]
    assert [status(value) for value in (None, math.nan)] == ["unknown", "unknown"]
    assert [share_status(value) for value in (None, math.nan, 0.05, 0.1, 0.3)] == [
        "unknown", "unknown", "ok", "watch", "retrain",
    ]  # fmt: skip
    assert worst(["unknown", "watch", "ok"]) == "watch"
    assert worst([]) == "unknown"


def test_few_rows_that_differ_by_chance_are_no_drift() -> None:
    draw = np.random.default_rng(5)
    names = [f"v{i}" for i in range(20)]
    then = dict.fromkeys(names, 500.0)
    counts = draw.multinomial(60, [0.05] * 20, size=200)
    found = [shift("region", then, dict(zip(names, map(float, row), strict=True)), rows=(10_000, 60)) for row in counts]
    assert sum(status(one.psi) != "ok" for one in found) > 150, "the bar alone would cry wolf"
    assert sum(one.status != "ok" for one in found) < 20


def test_many_rows_that_differ_are_drift() -> None:
    found = shift("size", {"S": 0.5, "M": 0.5}, {"S": 0.1, "M": 0.5, "L": 0.4}, rows=MANY)
    assert (found.status, found.bins) == ("retrain", 3)
    assert found.most in ("S", "L")
    assert abs(found.moved) == pytest.approx(0.4, abs=1e-3)


def test_a_group_counts_those_who_hold_nothing_of_it() -> None:
    found = groups(
        {"region=1": 0.5, "region=2": 0.25, "interest=a": 0.9, "interest=b": 0.8, "wish=x": 0.1}, without=("wish",)
    )
    assert found == {"region": {"1": 0.5, "2": 0.25, "(none)": 0.25}, "interest": {"a": 0.9, "b": 0.8, "(none)": 0.0}}


def test_a_group_that_only_one_side_has_moved_wholly() -> None:
    (found,) = shifts({}, {"region=1": 1.0}, rows=MANY)
    assert (found.name, found.status) == ("region", "retrain")


def test_without_rows_nothing_is_said_of_chance() -> None:
    assert by_chance(1, 10, 10) is by_chance(3, 0, 10) is by_chance(3, 10, math.nan) is None


@given(st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=60))
def test_scores_have_not_moved_from_themselves(scores: list[float]) -> None:
    parts = parted(scores)
    assert parts.rows == sum(not math.isnan(score) for score in scores)
    found = part_shift("score", parts, scores)
    assert found.psi == (0.0 if parts.rows else None)


def test_scores_that_rose_are_seen() -> None:
    then = np.random.default_rng(1).normal(size=5_000)
    parts = parted(then)
    assert [part_shift("score", parts, then + by).status for by in (0.0, 0.02, 0.4, 1.0)] == [
        "ok",
        "ok",
        "watch",
        "retrain",
    ]
    assert part_shift("score", Parts((), (), 0), then).status == "unknown"


@pytest.mark.parametrize(("now", "called"), [(2.0, "ok"), (2.0000001, "ok"), (-1.0, "retrain"), (2.5, "retrain")])
def test_scores_that_were_all_alike_are_seen_to_move_either_way(now: float, called: str) -> None:
    assert part_shift("score", parted([2.0] * 500), [now] * 400).status == called
