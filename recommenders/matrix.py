"""Sparse matrices, built and checked in one place; scipy is loaded when the first one is made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import FeatureError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    Csr: TypeAlias = csr_matrix[np.float32]
else:
    Csr = Any

Rows = NDArray[np.int64]


def from_parts(rows: Rows, columns: Rows, values: NDArray[np.float32], shape: tuple[int, int]) -> Csr:
    """A float32 CSR matrix of single entries; entries of one cell are added up."""
    from scipy.sparse import coo_matrix

    matrix = coo_matrix((values.astype(np.float32), (rows, columns)), shape=shape).tocsr()
    matrix.sum_duplicates()
    return matrix


def from_lists(lists: Sequence[Rows], weight: NDArray[np.float32], width: int) -> Csr:
    """One row per list of columns; the value of a column is its weight."""
    rows = np.repeat(np.arange(len(lists)), [len(row) for row in lists])
    columns = np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64)
    return from_parts(rows, columns, weight[columns], (len(lists), width))


def norms(matrix: Csr) -> NDArray[np.float64]:
    """Euclidean length of each row."""
    squares = matrix.data.astype(np.float64) ** 2
    return np.sqrt(np.bincount(entry_rows(matrix), weights=squares, minlength=matrix.shape[0]))


def entry_rows(matrix: Csr) -> Rows:
    """The row of each stored entry."""
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))


def unit_rows(matrix: Csr) -> Csr:
    """The matrix with rows of length 1; empty rows stay empty."""
    length = norms(matrix)
    scale = 1 / np.where(length > 0, length, 1)
    return from_parts(
        entry_rows(matrix),
        matrix.indices.astype(np.int64),
        (matrix.data * scale[entry_rows(matrix)]).astype(np.float32),
        (matrix.shape[0], matrix.shape[1]),
    )


def beside(left: Csr, right: Csr) -> Csr:
    """Both matrices' columns, left ones first."""
    from scipy.sparse import hstack

    joined: Csr = hstack([left, right], format="csr", dtype=np.float32)
    return joined


def diagonal(columns: Rows, weight: float, width: int) -> Csr:
    """One row per entry with `weight` in the named column, or an empty row where the column is -1."""
    rows = np.flatnonzero(columns >= 0)
    values = np.full(len(rows), weight, dtype=np.float32)
    return from_parts(rows, columns[rows], values, (len(columns), width))


def require_finite(matrix: Csr, place: str) -> None:
    """Raise FeatureError `not_finite` where the matrix holds NaN or infinity, with the row."""
    bad = ~np.isfinite(matrix.data)
    if bad.any():
        row = int(entry_rows(matrix)[bad][0])
        raise FeatureError("not_finite", "A feature is not a finite number.", f"{place}[{row}]")


def check(matrix: Csr, place: str) -> None:
    """Raise FeatureError where the matrix holds NaN or infinity, or a row without any feature."""
    require_finite(matrix, place)
    empty = np.flatnonzero(norms(matrix) == 0)
    if len(empty):
        raise FeatureError("row_without_features", "A row has no features at all.", f"{place}[{empty[0]}]")
