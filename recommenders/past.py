"""Past policies speak for new ones: how much each past policy counts for a policy that nobody has read yet.

Both ways give weights on past policies; a person's part of the score is the sum of the weights of what they read.
`nearest`: cosine similarity, of the k past policies most alike. `ridge`: the weights of a linear regression from
content to readers (kernel ridge; Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 12.3.7), which
knows that ten notices of one kind say little more than one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import FeatureError
from recommenders.matrix import Csr

Floats = NDArray[np.float32]
BLOCK = 512  # new policies compared at a time, to bound memory
LARGEST = 12_000  # rows of the square matrix that is factored: beyond, only the most frequent tokens are used


def nearest(new: Csr, past: Csr, *, k: int) -> Floats:
    """Weights m × n of n past policies for m new ones (unit rows over the same tokens): cosine, 0 beyond the k best.

    Ties at place k all count, so the order of the rows does not matter.
    """
    found = np.zeros((new.shape[0], past.shape[0]), dtype=np.float32)
    for start in range(0, new.shape[0], BLOCK):
        alike = np.asarray((new[start : start + BLOCK] @ past.T).todense(), dtype=np.float32)
        if k < alike.shape[1]:
            limit = -np.partition(-alike, k - 1, axis=1)[:, k - 1 : k]
            alike[alike < limit] = 0
        found[start : start + BLOCK] = alike
    return found


class Ridge:
    """The regression, factored once for many new policies: the past policies never change, nor does the penalty."""

    def __init__(self, past: Csr, penalty: float, *, largest: int = LARGEST) -> None:
        if penalty <= 0 or not np.isfinite(penalty):
            raise FeatureError("bad_penalty", "The penalty of a ridge regression is a positive number.")
        self._width = int(past.shape[1])
        self._tokens = _frequent(past, largest)
        self._past = past if self._tokens is None else past[:, self._tokens]
        n, width = self._past.shape
        self._by_token = width < n
        gram = self._past.T @ self._past if self._by_token else self._past @ self._past.T
        square = np.asarray(gram.todense(), dtype=np.float64)
        square[np.diag_indices_from(square)] += penalty
        self._factor = _factored(square)

    def weights(self, new: Csr) -> Floats:
        """Weights m × n of the n past policies for m new ones. By token and by policy they are the same numbers."""
        from scipy.linalg import cho_solve

        rows = new if self._tokens is None else new[:, self._tokens]
        if self._by_token:
            solved = cho_solve(self._factor, np.asarray(rows.todense(), dtype=np.float64).T)
            return np.asarray((self._past @ solved).T, dtype=np.float32)
        alike = np.asarray((rows @ self._past.T).todense(), dtype=np.float64)
        return np.asarray(cho_solve(self._factor, alike.T).T, dtype=np.float32)

    def content(self, read: NDArray[np.float32]) -> Floats:
        """float32[F]: what each token of a policy is worth to somebody who read so much (n) of the past policies.

        A new policy's row times this is the sum of `weights` over what they read.
        """
        from scipy.linalg import cho_solve

        found = np.zeros(self._width, dtype=np.float32)
        side = self._past.T @ read.astype(np.float64) if self._by_token else read.astype(np.float64)
        solved = cho_solve(self._factor, side)
        kept = slice(None) if self._tokens is None else self._tokens
        found[kept] = solved if self._by_token else self._past.T @ solved
        return found


def _factored(square: NDArray[np.float64]) -> tuple[NDArray[Any], bool]:
    from scipy.linalg import cho_factor

    factor: tuple[NDArray[Any], bool] = cho_factor(square, lower=True, overwrite_a=True, check_finite=True)
    return factor


def _frequent(past: Csr, largest: int) -> NDArray[np.int64] | None:
    """The columns to use where both sides of the matrix are too large to factor; None: all."""
    if min(past.shape) <= largest:
        return None
    seen = np.bincount(past.indices, minlength=past.shape[1])
    return np.sort(np.argsort(-seen, kind="stable")[:largest])
