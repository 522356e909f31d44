"""What a model must beat: chance, "whoever is most active", "whatever is popular", and readers of similar items.

X are items × features in unit rows (training `warm`, held out `cold`), R is the log: training items × users.
"""

import numpy as np

from recommenders import past
from recommenders.evaluation.scorers import Lot, Read, Scorer, Vectors
from recommenders.matrix import Csr, unit_rows


def random(*, seed: int) -> Scorer:
    """A number by lot for each pair."""
    return Lot(seed)


def activity(log: Csr, cold: int) -> Scorer:
    """Each user's number of pairs, the same for every cold item."""
    totals = np.bincount(log.indices, minlength=log.shape[1]).astype(np.float32)
    return Vectors(_none(cold), _none(log.shape[1]), by_user=totals)


def popularity(cold: Csr, warm: Csr, log: Csr) -> Scorer:
    """How often items with the cold item's features were taken up, the same for every user."""
    taken = np.diff(log.indptr).astype(np.float32)
    weight = np.bincount(warm.indices, weights=np.abs(warm.data), minlength=warm.shape[1])
    total = np.asarray(taken @ abs(warm), dtype=np.float64)
    per_feature = (total / np.where(weight > 0, weight, 1)).astype(np.float32)
    return Vectors(_none(cold.shape[0]), _none(log.shape[1]), by_item=np.asarray(abs(cold) @ per_feature))


def centroid(cold: Csr, warm: Csr, log: Csr, *, unit: bool) -> Scorer:
    """Cosine between the cold item and the mean of a user's items (`unit`), or the product with their sum."""
    total = (log.T @ warm).tocsr()
    return Vectors(cold, unit_rows(total) if unit else total)


def neighbours(cold: Csr, warm: Csr, log: Csr, *, k: int = 100) -> Scorer:
    """Sum of cosine similarities of a user's items among the k training items most like the cold one."""
    from scipy.sparse import csr_matrix

    return Read(csr_matrix(past.nearest(cold, warm, k=k)).T.tocsr(), log.T.tocsr())


def ridge(cold: Csr, warm: Csr, log: Csr, *, penalty: float) -> Scorer:
    """A linear regression from an item's features to each user's log."""
    return Read(np.ascontiguousarray(past.Ridge(warm, penalty).weights(cold).T), log.T.tocsr())


def _none(rows: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.zeros((rows, 0), dtype=np.float32)
