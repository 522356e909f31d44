"""What a person may want to read, by the model: the same vectors read the other way, for one profile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders.audience import require_fit
from recommenders.content import PolicyTokens, knows, policy_features
from recommenders.errors import FeatureError
from recommenders.matrix import Csr
from recommenders.model import Model


@dataclass(frozen=True)
class Offered:
    """m policies as a model sees them, whoever they are for: `rows` of those it knows, which are `known` of the m."""

    rows: Csr | None
    known: NDArray[np.int64]
    m: int


def offered(model: Model, policies: Sequence[PolicyTokens]) -> Offered:
    """The policies, once for everybody who is to be ranked by the model."""
    known = [i for i, policy in enumerate(policies) if knows(model.policies, policy.tokens)]
    rows = policy_features([policies[i].tokens for i in known], model.policies) if known else None
    return Offered(rows, np.array(known, dtype=np.int64), len(policies))


def rank_policies(
    model: Model, profile: Csr, policies: Sequence[PolicyTokens], *, profile_id: int | None = None
) -> NDArray[np.float32]:
    """Score of each policy for one profile (1 × Fu), in the order given: float32[m]; higher is better.

    The profile's bias is the same for all its policies and is left out. A policy of which the model knows no token
    is scored below all others, so a feed still shows it, last. Comparable within this profile only.
    """
    return rank_offered(model, profile, offered(model, policies), profile_id=profile_id)


def rank_offered(
    model: Model, profile: Csr, policies: Offered, *, profile_id: int | None = None
) -> NDArray[np.float32]:
    """`rank_policies` of policies that were prepared for the model."""
    require_fit(model, profile)
    if profile.shape[0] != 1:
        raise FeatureError("not_one_profile", f"A feed is for one profile, not for {profile.shape[0]}.")
    person = np.asarray(profile @ model.E_profile, dtype=np.float32)[0]
    if profile_id is not None:
        row = model.own(np.array([profile_id], dtype=np.int64))[0]
        person = person + (model.own_weight * model.own_vectors[row] if row >= 0 else 0)
    if policies.rows is None:
        return np.zeros(policies.m, dtype=np.float32)
    found = np.asarray(policies.rows @ (model.E_policy @ person), dtype=np.float32)
    result = np.full(policies.m, found.min() - 1, dtype=np.float32)
    result[policies.known] = found
    return result
