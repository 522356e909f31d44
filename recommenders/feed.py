"""What a person may want to read, by the model: the same vectors read the other way, for one profile."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommenders.audience import require_fit
from recommenders.content import PolicyTokens, knows, policy_features
from recommenders.errors import FeatureError
from recommenders.matrix import Csr
from recommenders.model import Model


def rank_policies(
    model: Model, profile: Csr, policies: Sequence[PolicyTokens], *, profile_id: int | None = None
) -> NDArray[np.float32]:
    """Score of each policy for one profile (1 × Fu), in the order given: float32[m]; higher is better.

    The profile's bias is the same for all its policies and is left out. A policy of which the model knows no token
    is scored below all others, so a feed still shows it, last. Comparable within this profile only.
    """
    require_fit(model, profile)
    if profile.shape[0] != 1:
        raise FeatureError("not_one_profile", f"A feed is for one profile, not for {profile.shape[0]}.")
    person = np.asarray(profile @ model.E_profile, dtype=np.float32)[0]
    if profile_id is not None:
        row = model.own(np.array([profile_id], dtype=np.int64))[0]
        person = person + (model.own_weight * model.own_vectors[row] if row >= 0 else 0)
    known = [i for i, policy in enumerate(policies) if knows(model.policies, policy.tokens)]
    if not known:
        return np.zeros(len(policies), dtype=np.float32)
    rows = policy_features([policies[i].tokens for i in known], model.policies)
    found = np.asarray(rows @ (model.E_policy @ person), dtype=np.float32)
    result = np.full(len(policies), found.min() - 1, dtype=np.float32)
    result[known] = found
    return result
