"""A trained model as plain arrays: what serving needs, checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recommenders.content import Space
from recommenders.errors import ArtifactError
from recommenders.interactions import Ids, positions
from recommenders.matrix import Csr, from_lists
from recommenders.recipe import Recipe
from recommenders.vocabulary import Vocabulary

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Side:
    """One LightFM: E_policy Fp × d, E_profile Fu × d, a bias for each feature, and the own part of k warm profiles.

    WARP learns the bias of the side that it ranks; that of the other side is junk ("minus activity") and is 0 here.
    """

    E_policy: Matrix
    E_profile: Matrix
    b_policy: Matrix
    b_profile: Matrix
    own_vectors: Matrix
    own_bias: Matrix


def no_side(policy_features: int, profile_features: int, warm: int = 0) -> Side:
    """The side of a direction in which nothing was learnt: vectors of no dimension, and no bias."""
    sizes = policy_features, profile_features, warm
    policy, profile, own = (np.zeros((size, 0), dtype=np.float32) for size in sizes)
    b_policy, b_profile, own_bias = (np.zeros(size, dtype=np.float32) for size in sizes)
    return Side(policy, profile, b_policy, b_profile, own, own_bias)


@dataclass(frozen=True, eq=False)
class Past:
    """n policies that were read before: `ids` rising, `rows` n × Fp of unit length."""

    ids: Ids
    rows: Csr

    def __len__(self) -> int:
        return len(self.ids)


def no_past(width: int) -> Past:
    """The past of a city that has none."""
    return Past(np.zeros(0, dtype=np.int64), from_lists([], np.zeros(width, dtype=np.float32), width))


@dataclass(frozen=True, eq=False)
class Model:
    """Both directions, and how their parts are added up. See `recipe`.

    Warm profiles have a column of their own beside their features: `own_ids` (sorted), counted with `own_weight`.
    """

    policies: Space
    profile_vocab: Vocabulary
    audience: Side
    feed: Side
    past: Past
    recipe: Recipe
    own_ids: Ids = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    own_weight: float = 0.0
    card: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(self)

    @property
    def policy_vocab(self) -> Vocabulary:
        """The policies' tokens, in the order of E_policy's rows."""
        return self.policies.vocabulary

    def own(self, ids: Ids) -> NDArray[np.int64]:
        """Row of each profile among the warm ones, -1 for the cold."""
        return positions(ids, self.own_ids)


def forgetting(model: Model, ids: Ids) -> Model:
    """The model without what it learnt of these profiles themselves; what it learnt of everybody stays."""
    kept = ~np.isin(model.own_ids, ids)
    sides = {
        name: replace(side, own_vectors=side.own_vectors[kept], own_bias=side.own_bias[kept])
        for name, side in (("audience", model.audience), ("feed", model.feed))
    }
    return replace(model, own_ids=model.own_ids[kept], audience=sides["audience"], feed=sides["feed"])


def check(model: Model) -> None:
    """Raise ArtifactError where arrays hold NaN, or their sizes do not agree with the vocabularies."""
    _finite(model.policies.weight, np.array([model.own_weight]), model.past.rows.data)
    _expect(model.policies.weight, [len(model.policy_vocab)], "weights of the policies' tokens")
    past = model.past
    if past.rows.shape != (len(past.ids), len(model.policy_vocab)) or (np.diff(past.ids) <= 0).any():
        raise ArtifactError("vocabulary_mismatch", "The past policies do not fit their tokens or their numbers.")
    if (np.diff(model.own_ids) <= 0).any():
        raise ArtifactError("not_rising", "The warm profiles must be named once each, in rising order.")
    for side in (model.audience, model.feed):
        _check_side(side, len(model.policy_vocab), len(model.profile_vocab), len(model.own_ids))


def _check_side(side: Side, tokens: int, features: int, warm: int) -> None:
    _finite(*(getattr(side, name) for name in Side.__dataclass_fields__))
    size = side.E_policy.shape[1] if side.E_policy.ndim == 2 else -1
    _expect(side.E_policy, [tokens, size], "vectors of the policies' tokens")
    _expect(side.E_profile, [features, size], "vectors of the profiles' tokens")
    _expect(side.b_policy, [tokens], "biases of the policies' tokens")
    _expect(side.b_profile, [features], "biases of the profiles' tokens")
    _expect(side.own_vectors, [warm, size], "vectors of the warm profiles")
    _expect(side.own_bias, [warm], "biases of the warm profiles")


def _finite(*arrays: NDArray[np.floating]) -> None:
    if not all(np.isfinite(values).all() for values in arrays):
        raise ArtifactError("not_finite", "The model holds a value that is not a finite number.")


def _expect(values: Matrix, shape: Sequence[int], what: str) -> None:
    if list(values.shape) != list(shape):
        sentence = f"The {what} have the shape {list(values.shape)}, but the vocabularies ask for {list(shape)}."
        raise ArtifactError("vocabulary_mismatch", sentence)
