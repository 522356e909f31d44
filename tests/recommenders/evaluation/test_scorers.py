"""Scores in blocks are the whole table cut up; and what the baselines say."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders import past
from recommenders.evaluation import baselines
from recommenders.evaluation.scorers import Lot, Scorer, Sum, Table
from tests.recommenders.evaluation.publishing import crowd

TASK = crowd()
HELD = TASK.contents["idf"]
PARTS = (HELD.cold, HELD.warm, TASK.log)
SCORERS: dict[str, Scorer] = {
    "random": baselines.random(seed=3),
    "activity": baselines.activity(TASK.log, 20),
    "popularity": baselines.popularity(*PARTS),
    "centroid": baselines.centroid(*PARTS, unit=True),
    "knn": baselines.neighbours(*PARTS, k=5),
    "ridge": baselines.ridge(*PARTS, penalty=3.0),
}
ITEMS, USERS = np.arange(20), np.arange(80)


@pytest.mark.parametrize("name", SCORERS)
def test_a_block_is_a_part_of_the_whole(name: str) -> None:
    whole = SCORERS[name].block(ITEMS, USERS)
    some, few = np.array([7, 2, 19]), np.array([3, 70])
    assert whole.shape == (20, 80)
    assert whole.dtype == np.float32
    assert SCORERS[name].block(some, USERS) == pytest.approx(whole[some], rel=1e-5)
    assert SCORERS[name].block(ITEMS, few) == pytest.approx(whole[:, few], rel=1e-5)
    assert SCORERS[name].block(ITEMS[::-1], few) == pytest.approx(whole[::-1][:, few], rel=1e-5)


def test_sums_are_weighted_and_an_empty_one_is_zero() -> None:
    one, two = (Table(SCORERS[name].block(ITEMS, USERS)) for name in ("knn", "ridge"))
    found = Sum([(2.0, one), (-0.5, two)]).block(ITEMS, USERS)
    assert found == pytest.approx(2 * one.values - two.values / 2)
    assert not Sum([]).block(ITEMS, USERS).any()


def test_neighbours_and_ridge_sum_the_weights_that_serving_uses() -> None:
    dense = np.asarray(TASK.log.todense())
    assert SCORERS["knn"].block(ITEMS, USERS) == pytest.approx(past.nearest(*PARTS[:2], k=5) @ dense, rel=1e-5)
    weights = past.Ridge(HELD.warm, 3.0).weights(HELD.cold)
    assert SCORERS["ridge"].block(ITEMS, USERS) == pytest.approx(weights @ dense, rel=1e-4, abs=1e-5)


def test_lots_are_even_and_the_same_for_a_seed() -> None:
    lots = Lot(1).block(np.arange(200), np.arange(200))
    assert abs(lots.mean() / 2**32 - 0.5) < 0.01
    assert len(np.unique(lots)) > 39_000
    assert np.array_equal(lots, Lot(1).block(np.arange(200), np.arange(200)))
    assert not np.array_equal(lots, Lot(2).block(np.arange(200), np.arange(200)))


def test_activity_is_the_same_for_all_items_and_popularity_for_all_users() -> None:
    assert (SCORERS["activity"].block(ITEMS, USERS) == np.diff(TASK.log.tocsc().indptr)).all()
    popular = SCORERS["popularity"].block(ITEMS, USERS)
    assert (popular == popular[:, :1]).all()
