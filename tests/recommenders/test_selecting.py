"""The best by score, as a full sort would order them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.errors import FeatureError
from recommenders.selecting import Floats, Rows, choose_best, spread

many_ties = st.sampled_from([-1.5, -0.0, 0.0, 0.1, 1.0])
any_score = st.floats(width=32, allow_nan=False, allow_infinity=False)
scores = st.lists(many_ties | any_score, max_size=40).map(lambda found: np.array(found, dtype=np.float32))


def ids_of(seed: int, count: int) -> Rows:
    return np.random.default_rng(seed).choice(2**62, count, replace=False)


def sorted_out(values: Floats, ids: Rows, least: float | None, top_n: int | None) -> list[int]:
    """All candidates sorted, then cut."""
    order = np.lexsort((ids, -values.astype(np.float64)))
    return [int(i) for i in order if least is None or float(values[i]) >= least][:top_n]


@given(scores, st.integers(0, 9), st.none() | many_ties | st.floats(allow_nan=False), st.none() | st.integers(0, 45))
def test_they_are_those_of_a_full_sort(values: Floats, seed: int, least: float | None, top_n: int | None) -> None:
    ids = ids_of(seed, len(values))
    found = choose_best(values, ids, least=least, top_n=top_n)
    assert found.tolist() == sorted_out(values, ids, least, top_n)


def test_of_many_equal_ones_at_the_cut_the_least_ids_stay() -> None:
    values = np.repeat(np.array([1, 2, 2, 2], dtype=np.float32), 250)
    ids = ids_of(3, 1000)
    assert choose_best(values, ids, top_n=100).tolist() == sorted_out(values, ids, None, 100)


def test_a_threshold_between_two_floats_is_not_rounded_down() -> None:
    score = np.array([0.1], dtype=np.float32)
    assert choose_best(score, np.array([1]), least=float(score[0])).tolist() == [0]
    assert choose_best(score, np.array([1]), least=float(score[0]) + 1e-12).tolist() == []


@pytest.mark.parametrize("least", [1e300, float("inf")])
def test_above_all_there_is_nobody(least: float) -> None:
    assert choose_best(np.array([3e38], dtype=np.float32), np.array([1]), least=least).tolist() == []


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(FeatureError) as error:
        choose_best(np.array([1, bad], dtype=np.float32), np.array([1, 2]), top_n=1)
    assert error.value.code == "not_finite"


def test_ids_must_be_as_many_as_scores() -> None:
    with pytest.raises(FeatureError) as error:
        choose_best(np.zeros(2, dtype=np.float32), np.array([1]))
    assert error.value.code == "lengths_differ"


def test_mean_and_deviation_are_summed_in_double_precision() -> None:
    values = np.full(3_000_001, 16_777_217 / 16_777_216, dtype=np.float32)
    assert spread(values) == (pytest.approx(float(values[0]), rel=1e-12), pytest.approx(0, abs=1e-12))
    assert spread(values[:0]) == (0.0, 0.0)
