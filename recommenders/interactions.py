"""Who did something with what: pairs of profile and policy, checked, deduplicated and counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import InteractionError

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Interactions:
    """Positive feedback. `weights` (0 < w ≤ 1) say how much a pair counts; None means 1 for each."""

    profile_ids: Ids
    policy_ids: Ids
    weights: Floats | None = None

    def __post_init__(self) -> None:
        lengths = {len(self.profile_ids), len(self.policy_ids), len(self.strength)}
        if len(lengths) != 1:
            raise InteractionError("lengths_differ", "Profiles, policies and weights must be equally many.")
        if not np.isfinite(self.strength).all() or (self.strength <= 0).any() or (self.strength > 1).any():
            raise InteractionError("bad_weight", "A weight must be above 0 and at most 1.")

    def __len__(self) -> int:
        return len(self.profile_ids)

    @property
    def strength(self) -> Floats:
        """The weights, 1 where none were given."""
        if self.weights is None:
            return np.ones(len(self.profile_ids), dtype=np.float32)
        return np.asarray(self.weights, dtype=np.float32)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Interactions":
        """The pairs at these positions, or where the mask is true."""
        return Interactions(self.profile_ids[rows], self.policy_ids[rows], self.strength[rows])

    def within(self, profile_ids: Ids, policy_ids: Ids) -> "Interactions":
        """Only the pairs whose profile and policy are both given."""
        return self.take(np.isin(self.profile_ids, profile_ids) & np.isin(self.policy_ids, policy_ids))

    def distinct(self) -> "Interactions":
        """Each pair once, with its greatest weight, ordered by policy and profile.

        Training from the result does not depend on the order in which the log was written.
        """
        order = np.lexsort((-self.strength, self.profile_ids, self.policy_ids))
        profile, policy = self.profile_ids[order], self.policy_ids[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (profile[1:] != profile[:-1]) | (policy[1:] != policy[:-1])
        return self.take(order[first])


def positions(ids: Ids, among: Ids) -> NDArray[np.int64]:
    """Row of each id in `among` (distinct, any order), -1 where it is not there."""
    if len(among) == 0:
        return np.full(len(ids), -1, dtype=np.int64)
    order = np.argsort(among, kind="stable")
    spot = np.minimum(np.searchsorted(among, ids, sorter=order), len(among) - 1)
    rows = order[spot].astype(np.int64)
    return np.where(among[rows] == ids, rows, -1)


def activity(interactions: Interactions, profile_ids: Ids) -> NDArray[np.float64]:
    """How many pairs each of these profiles has: the plainest audience baseline."""
    rows = positions(interactions.profile_ids, profile_ids)
    return np.bincount(rows[rows >= 0], minlength=len(profile_ids)).astype(np.float64)
