"""What everything is worth for one policy: each profile feature, each warm profile, each policy that was read before.

A score is the sum of what a profile has of it. Both directions are put together here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommenders import past
from recommenders.content import policy_features
from recommenders.declared import documents
from recommenders.kept import Kept
from recommenders.matrix import Csr
from recommenders.model import Model, Side
from recommenders.recipe import Blend

Floats = NDArray[np.float32]
Direction = Literal["audience", "feed"]
AUDIENCE: Direction = "audience"
FEED: Direction = "feed"

_ridges: Kept[past.Ridge] = Kept()
_rows: Kept[Csr] = Kept()


@dataclass(frozen=True, eq=False)
class Worth:
    """For one policy, float32: [Fu] by profile feature, [k] by warm profile, [n] by past policy; `always`: to all."""

    features: Floats
    own: Floats
    past: Floats
    always: float = 0.0


def blend_of(model: Model, direction: Direction) -> Blend:
    """The weights of the direction."""
    return model.recipe.audience if direction == AUDIENCE else model.recipe.feed


def weighted_sides(model: Model, direction: Direction) -> Iterator[tuple[Side, float]]:
    """What was learnt, with what it counts in the direction; without that which counts nothing."""
    blend = blend_of(model, direction)
    mine, other = (model.audience, model.feed) if direction == AUDIENCE else (model.feed, model.audience)
    yield from ((side, weight) for side, weight in ((mine, blend.lightfm), (other, blend.other)) if weight)


def policy_row(model: Model, tokens: tuple[str, ...]) -> Csr:
    """The policy as 1 × Fp, from its tokens alone: one never seen in training has one too. Kept with the model.

    Raises FeatureError `policy_without_features` when the model knows none of its tokens.
    """
    return _rows.get((model.policies,), "\0".join(tokens), lambda: policy_features([tokens], model.policies))


def worth(model: Model, row: Csr, direction: Direction = AUDIENCE, *, policy_id: int | None = None) -> Worth:
    """What everything is worth for the policy of this row (1 × Fp).

    A profile's bias counts in audiences only, a policy's in feeds only: in the other direction it is the same for all.
    With `policy_id`, having read that very policy counts nothing: it would only say that who read it reads it.
    """
    features = np.zeros(len(model.profile_vocab), dtype=np.float32)
    own, always = np.zeros(len(model.own_ids), dtype=np.float32), 0.0
    for side, weight in weighted_sides(model, direction):
        vector = np.asarray(row @ side.E_policy, dtype=np.float32).reshape(-1)
        by_audience = np.float32(direction == AUDIENCE)
        features += weight * (side.E_profile @ vector + by_audience * side.b_profile)
        own += weight * model.own_weight * (side.own_vectors @ vector + by_audience * side.own_bias)
        always += weight * float((row @ side.b_policy)[0]) if direction == FEED else 0.0
    declared = blend_of(model, direction).declared
    if declared:
        features += declared * np.asarray((documents_of(model) @ row.T).todense(), dtype=np.float32).reshape(-1)
    read = past_worth(model, row, direction)[0]
    if policy_id is not None:
        read[model.past.ids == policy_id] = 0
    return Worth(features, own, read, always)


def documents_of(model: Model) -> Csr:
    """What each profile feature says it is interested in: Fu × Fp, rows of unit length or empty."""
    return documents(model.profile_vocab, model.policies)


def past_worth(model: Model, rows: Csr, direction: Direction) -> Floats:
    """What having read each of the n past policies is worth for these m policies: float32[m, n]."""
    blend = blend_of(model, direction)
    found = np.zeros((rows.shape[0], len(model.past)), dtype=np.float32)
    if len(model.past) and blend.nearest:
        found += blend.nearest * past.nearest(rows, model.past.rows, k=blend.k)
    if len(model.past) and blend.ridge:
        found += blend.ridge * ridge_of(model, blend.penalty).weights(rows)
    return found


def ridge_of(model: Model, penalty: float) -> past.Ridge:
    """The regression over the model's past policies, factored once a process."""
    return _ridges.get((model.past,), f"ridge {penalty}", lambda: past.Ridge(model.past.rows, penalty))
