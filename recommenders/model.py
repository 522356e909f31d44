"""A trained model as plain arrays: what serving needs, checked when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommenders.content import Space
from recommenders.errors import ArtifactError
from recommenders.interactions import Ids, positions
from recommenders.vocabulary import Vocabulary

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """LightFM trained to rank profiles for a policy; score = profile · (E_profile @ policy + b_profile) + own part.

    E_policy is Fp × d, E_profile Fu × d, b_profile Fu. Warm profiles have a column of their own beside their
    features: `own_ids` (sorted), `own_vectors` k × d, `own_bias` k, all counted with `own_weight`.
    The policies' bias is junk in this direction and is not kept.
    """

    policies: Space
    profile_vocab: Vocabulary
    E_policy: Matrix
    E_profile: Matrix
    b_profile: Matrix
    own_ids: Ids
    own_vectors: Matrix
    own_bias: Matrix
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


def check(model: Model) -> None:
    """Raise ArtifactError where arrays hold NaN, or their sizes do not agree with the vocabularies."""
    arrays = (model.policies.weight, model.E_policy, model.E_profile, model.b_profile)
    for values in (*arrays, model.own_vectors, model.own_bias, np.array([model.own_weight])):
        if not np.isfinite(values).all():
            raise ArtifactError("not_finite", "The model holds a value that is not a finite number.")
    size = model.E_policy.shape[1] if model.E_policy.ndim == 2 else -1
    features, warm = len(model.profile_vocab), len(model.own_ids)
    _expect(model.policies.weight, [len(model.policy_vocab)], "weights of the policies' tokens")
    _expect(model.E_policy, [len(model.policy_vocab), size], "vectors of the policies' tokens")
    _expect(model.E_profile, [features, size], "vectors of the profiles' tokens")
    _expect(model.b_profile, [features], "biases of the profiles' tokens")
    _expect(model.own_vectors, [warm, size], "vectors of the warm profiles")
    _expect(model.own_bias, [warm], "biases of the warm profiles")


def _expect(values: Matrix, shape: Sequence[int], what: str) -> None:
    if list(values.shape) != list(shape):
        sentence = f"The {what} have the shape {list(values.shape)}, but the vocabularies ask for {list(shape)}."
        raise ArtifactError("vocabulary_mismatch", sentence)
