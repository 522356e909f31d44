"""Why this policy for this person: the score taken apart into exact terms, and the best ones said in words.

A score is a sum over the person's features and the policy's tokens, so nothing is estimated here: take a feature
away from the person and the score falls by exactly the sum of that feature's terms.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders.audience import own_part, policy_vector, require_fit
from recommenders.content import policy_features
from recommenders.matrix import Csr
from recommenders.model import Model

OWN = "own"  # the feature that stands for a warm profile's own column: similar reading, not a fact


@dataclass(frozen=True)
class Term:
    """One addend of a score: a feature of the person with a token of the policy, or with none (its bias).

    `lift` is the value less what the same cell is worth to the average profile: without that, what everybody has
    would be "explained".
    """

    feature: str
    token: str
    value: float
    lift: float


@dataclass(frozen=True)
class Reason:
    """One feature with all its terms summed: what the score would fall by without it."""

    feature: str
    value: float
    lift: float


def population_mean(profiles: Csr) -> NDArray[np.float32]:
    """Mean of each feature over these profiles: float32[Fu]; zeros where there are none."""
    count = max(profiles.shape[0], 1)
    sums = np.bincount(profiles.indices, weights=profiles.data, minlength=profiles.shape[1])
    return (sums / count).astype(np.float32)


def terms(
    model: Model,
    tokens: tuple[str, ...],
    profile: Csr,
    *,
    mean: NDArray[np.float32],
    profile_id: int | None = None,
) -> list[Term]:
    """All addends of the score of one profile (1 × Fu) for a policy, greatest lift first; they sum to the score."""
    require_fit(model, profile)
    row = policy_features([tokens], model.policies)
    held = profile.indices
    cells = (model.E_profile[held] @ model.E_policy[row.indices].T) * row.data[None, :]
    cells = np.column_stack([cells, model.b_profile[held]])
    asked = [*(model.policy_vocab.levels[column] for column in row.indices), ""]
    found = [
        Term(model.profile_vocab.levels[column], name, float(amount * cell), float((amount - mean[column]) * cell))
        for column, amount, line in zip(held, profile.data, cells, strict=True)
        for name, cell in zip(asked, line, strict=True)
    ]
    if profile_id is not None:
        value = float(own_part(model, policy_vector(model, tokens), np.array([profile_id], dtype=np.int64))[0])
        found += [Term(OWN, "", value, value)] if value else []
    return sorted(found, key=lambda term: (-term.lift, term.feature, term.token))


def reasons(found: Sequence[Term], *, limit: int = 3) -> list[Reason]:
    """The person's features that spoke most for the policy, best first; only those with a positive lift.

    Similar reading is named only where it outweighs every feature: a fact is never invented for it.
    """
    value: dict[str, float] = defaultdict(float)
    lift: dict[str, float] = defaultdict(float)
    for term in found:
        value[term.feature] += term.value
        lift[term.feature] += term.lift
    ranked = sorted((name for name in lift if lift[name] > 0), key=lambda name: (-lift[name], name))
    named = [name for place, name in enumerate(ranked) if name != OWN or place == 0]
    return [Reason(name, value[name], lift[name]) for name in named[:limit]]
