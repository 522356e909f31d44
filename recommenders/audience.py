"""Who a policy is for, by the model: one weight per profile feature, then one sparse product over everybody."""

import numpy as np
from numpy.typing import NDArray

from recommenders.content import policy_features
from recommenders.errors import FeatureError
from recommenders.interactions import Ids
from recommenders.matrix import Csr
from recommenders.model import Matrix, Model

Floats = NDArray[np.float32]


def policy_vector(model: Model, tokens: tuple[str, ...]) -> Floats:
    """The policy as a vector of d numbers, from its tokens alone: a policy never seen in training has one too.

    Raises FeatureError `policy_without_features` when the model knows none of its tokens.
    """
    row = policy_features([tokens], model.policies)
    return np.asarray(row @ model.E_policy, dtype=np.float32).reshape(-1)


def weights(model: Model, tokens: tuple[str, ...]) -> Floats:
    """What each profile feature is worth for this policy: float32[Fu] in the order of `model.profile_vocab`."""
    return against(model.E_profile, policy_vector(model, tokens), bias=model.b_profile)


def scores(model: Model, tokens: tuple[str, ...], profiles: Csr, ids: Ids | None = None) -> Floats:
    """Score of each row of `profiles` (n × Fu) for the policy: float32[n], comparable within this policy only.

    With `ids` (int64[n]) warm profiles get their own part on top. Raises FeatureError `vocabulary_mismatch` when
    the matrix was made with another vocabulary, `lengths_differ` when ids and rows are not equally many.
    """
    require_fit(model, profiles)
    vector = policy_vector(model, tokens)
    totals = np.asarray(profiles @ against(model.E_profile, vector, bias=model.b_profile), dtype=np.float32)
    return totals if ids is None else totals + own_part(model, vector, _checked(ids, totals))


def own_part(model: Model, vector: Floats, ids: Ids) -> Floats:
    """What a warm profile's own column adds, beyond its features; 0 for cold ones: float32[n]."""
    return np.append(own_values(model, vector), np.float32(0))[model.own(ids)]  # row -1 picks the appended 0


def own_values(model: Model, vector: Floats) -> Floats:
    """The own part of every warm profile, in the order of `model.own_ids`: float32[k]."""
    return np.asarray(model.own_weight * against(model.own_vectors, vector, bias=model.own_bias), dtype=np.float32)


def zscores(values: Floats) -> Floats:
    """The scores of one policy with mean 0 and deviation 1, so that a threshold means the same for every policy."""
    spread = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def require_fit(model: Model, profiles: Csr) -> None:
    """Raise FeatureError `vocabulary_mismatch` unless the matrix has the model's columns, and finite values."""
    if profiles.shape[1] != len(model.profile_vocab):
        sentence = f"The profiles have {profiles.shape[1]} features, the model knows {len(model.profile_vocab)}."
        raise FeatureError("vocabulary_mismatch", sentence)
    if not np.isfinite(profiles.data).all():
        raise FeatureError("not_finite", "A feature of a profile is not a finite number.")


def against(vectors: Matrix, vector: Floats, *, bias: Floats) -> Floats:
    """Inner product of each row with the vector, plus the row's bias."""
    return np.asarray(vectors @ vector + bias, dtype=np.float32)


def _checked(ids: Ids, totals: Floats) -> Ids:
    if len(ids) != len(totals):
        raise FeatureError("lengths_differ", f"{len(ids)} ids were given for {len(totals)} profiles.")
    return ids
