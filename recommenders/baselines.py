"""What a model must beat: chance, "whoever is most active", "whatever is popular", and readers of similar items.

Each gives cold items × users scores from X (items × features, unit rows) and R (training items × users, 0/1).
"""

import numpy as np
from numpy.typing import NDArray

from recommenders.matrix import Csr

Scores = NDArray[np.float32]
BLOCK = 512  # cold items compared at a time, to bound memory


def random(shape: tuple[int, int], *, seed: int) -> Scores:
    """A uniform score for each pair."""
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def activity(log: Csr, cold: int) -> Scores:
    """Each user's number of pairs, the same for every cold item."""
    totals = np.bincount(log.indices, weights=log.data, minlength=log.shape[1]).astype(np.float32)
    return np.repeat(totals[None, :], cold, axis=0)


def popularity(cold: Csr, warm: Csr, log: Csr) -> Scores:
    """How often items with the cold item's features were taken up, the same for every user."""
    taken = np.diff(log.indptr).astype(np.float32)
    weight = np.bincount(warm.indices, weights=warm.data, minlength=warm.shape[1])
    total = np.asarray(taken @ warm, dtype=np.float64)
    per_feature = (total / np.where(weight > 0, weight, 1)).astype(np.float32)
    return np.repeat(np.asarray(cold @ per_feature)[:, None], log.shape[1], axis=1)


def neighbours(cold: Csr, warm: Csr, log: Csr, *, k: int = 100) -> Scores:
    """Sum of cosine similarities of a user's items among the k training items most like the cold one."""
    from scipy.sparse import csr_matrix

    parts = []
    for start in range(0, cold.shape[0], BLOCK):
        alike = np.asarray((cold[start : start + BLOCK] @ warm.T).todense(), dtype=np.float32)
        if k < alike.shape[1]:
            limit = -np.partition(-alike, k - 1, axis=1)[:, k - 1 : k]
            alike[alike < limit] = 0
        parts.append(np.asarray((csr_matrix(alike) @ log).todense(), dtype=np.float32))
    return np.concatenate(parts) if parts else np.zeros((0, log.shape[1]), dtype=np.float32)


def standardised(scores: Scores, *, axis: int) -> Scores:
    """Mean 0 and deviation 1 along an axis; constant lines become 0."""
    spread = scores.std(axis=axis, keepdims=True)
    centred = scores - scores.mean(axis=axis, keepdims=True)
    return np.asarray(centred / np.where(spread > 0, spread, 1), dtype=np.float32)
