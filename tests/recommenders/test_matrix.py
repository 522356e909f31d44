"""Sparse matrices: built the same from any order, and refused where they hold what cannot be learnt from."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.errors import FeatureError
from recommenders.matrix import Csr, check, from_lists, from_parts, unit_rows

ONE = np.ones(2, dtype=np.float32)


def matrix(rows: list[int], values: list[float], n: int = 3) -> Csr:
    return from_parts(np.array(rows), np.zeros(len(rows), dtype=np.int64), np.array(values, dtype=np.float32), (n, 1))


def test_entries_of_one_cell_are_added_up() -> None:
    assert matrix([0, 0, 2], [1, 2, 4]).toarray().ravel().tolist() == [3, 0, 4]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_finite_number_is_refused_with_its_row(bad: float) -> None:
    with pytest.raises(FeatureError) as error:
        check(matrix([0, 1, 2], [1, bad, 1]), "items")
    assert (error.value.code, error.value.place) == ("not_finite", "items[1]")


@pytest.mark.parametrize("values", [[1.0, 1.0], [1.0, 0.0, 1.0]])
def test_a_row_without_features_is_refused_with_its_number(values: list[float]) -> None:
    rows = [0, 2] if len(values) == 2 else [0, 1, 2]
    with pytest.raises(FeatureError) as error:
        check(matrix(rows, values), "items")
    assert (error.value.code, error.value.place) == ("row_without_features", "items[1]")


def test_a_matrix_that_can_be_learnt_from_passes() -> None:
    check(matrix([0, 1, 2], [1, -2, 3]), "items")


def test_rows_of_no_columns_stay_empty_and_others_have_length_one() -> None:
    made = unit_rows(from_lists([np.array([0, 1]), np.array([], dtype=np.int64)], ONE * 3, 2))
    assert np.allclose((made.toarray() ** 2).sum(axis=1), [1, 0])
