"""Figures against their definitions."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.errors import InteractionError
from recommenders.evaluation import metrics
from recommenders.evaluation.splits import cold_split, time_split

DAY = date(2026, 1, 5)
CASES = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=20)


def row(values: list[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([values], dtype=np.float64)


@given(CASES)
def test_auc_is_the_chance_that_a_positive_stands_above_a_negative(case: list[tuple[int, bool]]) -> None:
    wins = [s for s, positive in case if positive]
    losses = [s for s, positive in case if not positive]
    found = metrics.auc(row([s for s, _ in case]), np.array([[positive for _, positive in case]]))[0]
    if not wins or not losses:
        assert math.isnan(found)
    else:
        points = [(w > x) + (w == x) / 2 for w in wins for x in losses]
        assert found == pytest.approx(sum(points) / len(points))


@given(st.integers(0, 9999), st.booleans())
def test_many_rows_are_judged_as_one_by_one(seed: int, masked: bool) -> None:
    draw = np.random.default_rng(seed)
    scores, positive = draw.integers(0, 6, (5, 12)).astype(np.float32), draw.random((5, 12)) < 0.3
    allowed = draw.random((5, 12)) < 0.7 if masked else np.ones((5, 12), dtype=np.bool_)
    found, gains = metrics.ranked(scores, positive, allowed if masked else None, k=4)
    alone = [simple_auc(s[a], p[a]) for s, p, a in zip(scores, positive, allowed, strict=True)]
    assert found == pytest.approx(np.array(alone), nan_ok=True)
    assert metrics.auc(scores, positive, allowed) == pytest.approx(found, nan_ok=True)
    assert np.isnan(gains).tolist() == (~(positive & allowed).any(axis=1)).tolist()


def simple_auc(
    scores: np.ndarray[tuple[int], np.dtype[np.float32]], positive: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> float:
    wins, losses = scores[positive][:, None], scores[~positive]
    return float(((wins > losses) + (wins == losses) / 2).mean()) if wins.size and losses.size else math.nan


@given(st.integers(0, 9999), st.booleans())
def test_without_ties_both_ways_to_ndcg_agree(seed: int, masked: bool) -> None:
    draw = np.random.default_rng(seed)
    scores, positive = draw.permuted(np.tile(np.arange(30.0), (4, 1)), axis=1), draw.random((4, 30)) < 0.2
    allowed = draw.random((4, 30)) < 0.8 if masked else None
    best, count = metrics.hits(scores, positive, allowed, k=5), metrics.counts(positive, allowed)
    assert metrics.ranked(scores, positive, allowed, k=5)[1] == pytest.approx(
        metrics.ndcg(best, count, k=5), nan_ok=True
    )


def test_the_first_places_hold_the_best_in_their_order() -> None:
    scores = np.random.default_rng(0).random((6, 50))
    assert metrics.top(scores, k=7).tolist() == np.argsort(-scores, axis=1)[:, :7].tolist()
    assert metrics.top(scores, k=99).shape == (6, 50)
    assert sorted(metrics.top(np.zeros((1, 4)), k=9)[0].tolist()) == [0, 1, 2, 3]


def test_ndcg_recall_and_precision_of_a_known_order() -> None:
    positive = np.array([[True, False, True, False]])
    best, count = metrics.hits(row([4, 3, 2, 1]), positive, k=2), metrics.counts(positive)
    assert metrics.recall(best, count).tolist() == [0.5]
    assert metrics.precision(best, count, k=2).tolist() == [0.5]
    assert metrics.ndcg(best, count, k=2)[0] == pytest.approx(1 / (1 + 1 / math.log2(3)))


def test_masked_candidates_neither_help_nor_hurt() -> None:
    positive = np.array([[True, False, True]])
    allowed = np.array([[False, True, True]])
    assert metrics.hits(row([9, 1, 2]), positive, allowed, k=1).tolist() == [[True]]
    assert metrics.counts(positive, allowed).tolist() == [1]


def test_ties_do_not_follow_the_order_of_the_candidates() -> None:
    positive = np.zeros((400, 50), dtype=np.bool_)
    positive[:, 0] = True
    found = metrics.hits(np.zeros((400, 50)), positive, k=5).any(axis=1).mean()
    assert 0.05 < found < 0.16


def test_rows_that_cannot_be_judged_are_left_out() -> None:
    assert metrics.mean(np.array([1.0, math.nan])) == 1.0
    assert math.isnan(metrics.mean(np.array([math.nan])))
    assert all(map(math.isnan, metrics.bootstrap(np.array([math.nan]), seed=1)))


def test_an_interval_holds_the_mean_and_is_the_same_for_a_seed() -> None:
    figures = np.random.default_rng(0).random(40)
    low, high = metrics.bootstrap(figures, seed=1)
    assert low < figures.mean() < high
    assert (low, high) == metrics.bootstrap(figures, seed=1)


def test_activity_explains_nothing_inside_groups_of_equal_activity() -> None:
    activity = np.repeat(np.arange(10.0), 20)
    positive = np.random.default_rng(0).random((3, 200)) < 0.05 * (1 + activity)
    groups = metrics.deciles(activity)
    assert metrics.mean(metrics.auc(np.repeat(activity[None], 3, axis=0), positive)) > 0.6
    inside = metrics.group_means(*metrics.in_groups(np.repeat(activity[None], 3, axis=0), positive, groups))
    assert [value for value in inside if not math.isnan(value)] == pytest.approx([0.5] * len(inside))


def test_equal_values_stay_in_one_decile() -> None:
    assert metrics.deciles(np.array([0.0] * 8 + [1.0, 2.0])).tolist() == [0] * 8 + [1, 2]


@given(st.lists(st.integers(1, 500), min_size=5, unique=True), st.integers(0, 9))
def test_a_cold_split_parts_the_items_the_same_way_each_time(items: list[int], seed: int) -> None:
    ids = np.array(items)
    split, again = cold_split(ids, seed=seed), cold_split(ids[::-1], seed=seed)
    assert sorted([*split.train, *split.val, *split.test]) == sorted(items)
    assert min(len(split.val), len(split.test)) >= 1
    assert split.test.tolist() == again.test.tolist()


def test_too_few_policies_cannot_be_split() -> None:
    few = np.array([1, 1, 2, 3])
    for split in (lambda: cold_split(few, seed=1), lambda: time_split(few, dict.fromkeys(few.tolist(), DAY))):
        with pytest.raises(InteractionError) as error:
            split()
        assert error.value.code == "too_few_policies"


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 30)), min_size=5, unique_by=lambda pair: pair[0]))
def test_a_split_by_time_tests_the_latest_and_validates_those_before(items: list[tuple[int, int]]) -> None:
    days = {one: DAY + timedelta(days=n) for one, n in items}
    split = time_split(np.array(list(days)), days)
    folds = [[days[one] for one in fold.tolist()] for fold in (split.train, split.val, split.test)]
    assert sum(map(len, folds)) == len(items)
    assert len(folds[1]) == len(folds[2]) >= 1
    assert max(folds[0]) <= min(folds[1])
    assert max(folds[1]) <= min(folds[2])


def test_a_policy_without_a_day_is_in_no_fold_of_a_split_by_time() -> None:
    split = time_split(np.arange(1, 11), dict.fromkeys(range(1, 8), DAY))
    assert sorted([*split.train, *split.cold]) == list(range(1, 8))
