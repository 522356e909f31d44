"""What past policies say of new ones: two ways to compute a ridge regression, and neighbours by cosine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommenders.errors import FeatureError
from recommenders.matrix import Csr, unit_rows
from recommenders.past import Ridge, nearest
from tests.recommenders.crowds import csr


@st.composite
def rows(draw: st.DrawFn, width: int) -> Csr:
    count = draw(st.integers(1, 9))
    cells = st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.5]), min_size=width, max_size=width)
    return unit_rows(csr(np.array(draw(st.lists(cells, min_size=count, max_size=count)), dtype=np.float32)))


matrices = st.integers(1, 7).flatmap(lambda width: st.tuples(rows(width), rows(width)))


def by_inverse(new: Csr, old: Csr, penalty: float) -> NDArray[np.float64]:
    x, y = old.toarray().astype(np.float64), new.toarray().astype(np.float64)
    return np.asarray(y @ x.T @ np.linalg.inv(x @ x.T + penalty * np.eye(len(x))))


@settings(deadline=None)
@given(matrices, st.sampled_from([0.1, 1.0, 10.0]))
def test_by_token_and_by_policy_a_regression_has_the_same_weights(both: tuple[Csr, Csr], penalty: float) -> None:
    new, old = both
    assert np.allclose(Ridge(old, penalty).weights(new), by_inverse(new, old, penalty), atol=1e-4)


@settings(deadline=None)
@given(matrices, st.data())
def test_what_a_token_is_worth_to_a_reader_is_the_weights_of_what_they_read(
    both: tuple[Csr, Csr], data: st.DataObject
) -> None:
    new, old = both
    read = np.array(data.draw(st.lists(st.sampled_from([0, 1]), min_size=old.shape[0], max_size=old.shape[0])))
    ridge = Ridge(old, 0.7)
    content = ridge.content(read.astype(np.float32))
    assert np.allclose(new @ content, ridge.weights(new) @ read, atol=1e-4)


def test_too_wide_and_too_long_a_matrix_is_cut_to_the_most_frequent_tokens() -> None:
    old = unit_rows(csr(np.array([[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 1, 0]], dtype=np.float32)))
    new = csr(np.array([[0, 0, 1], [1, 0, 0]], dtype=np.float32))
    ridge = Ridge(old, 1.0, largest=2)
    assert not ridge.weights(new)[0].any()  # the rarest token was left out
    assert ridge.weights(new)[1].any()
    assert ridge.content(np.ones(4, dtype=np.float32))[2] == 0


@pytest.mark.parametrize("penalty", [0.0, -1.0, float("nan"), float("inf")])
def test_a_penalty_must_be_positive(penalty: float) -> None:
    with pytest.raises(FeatureError) as error:
        Ridge(csr(np.eye(2, dtype=np.float32)), penalty)
    assert error.value.code == "bad_penalty"


@given(matrices, st.integers(1, 9))
def test_only_the_nearest_count_and_ties_all_do(both: tuple[Csr, Csr], k: int) -> None:
    new, old = both
    found, alike = nearest(new, old, k=k), (new @ old.T).toarray()
    for line, whole in zip(found, alike, strict=True):
        least = np.sort(whole)[::-1][min(k, len(whole)) - 1]
        assert np.allclose(line, np.where(whole >= least, whole, 0))
