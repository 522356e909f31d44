"""Why this policy for this person: the score taken apart into exact terms, and the best ones said in words.

A score is a sum over the person's features and the policy's tokens, and over what the person read before; so nothing
is estimated here: take a feature away from the person and the score falls by exactly the sum of that feature's terms.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders import columns as c
from recommenders.behaviour import Behaviour
from recommenders.features import FeatureRows
from recommenders.feed import own_row
from recommenders.matrix import Csr
from recommenders.model import Model
from recommenders.worth import (
    AUDIENCE,
    FEED,
    Direction,
    blend_of,
    documents_of,
    past_worth,
    policy_row,
    weighted_sides,
)

__all__ = ["AUDIENCE", "FEED", "OWN", "Person", "Reason", "Term", "population_mean", "reasons", "terms"]

OWN = "own"  # the feature that stands for a warm profile's own vector: similar reading, not a fact
ALWAYS = ""  # what a policy is worth to anybody, in a feed: no reason for this person
READ = "read"  # group of the features `read=<policy id>`: a policy that the person read before


@dataclass(frozen=True)
class Term:
    """One addend of a score: a feature of the person with a token of the policy, or with none.

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


@dataclass(frozen=True, eq=False)
class Person:
    """Whose score it is: one row of facts, and where known the profile's number and the readers it is among."""

    row: FeatureRows
    profile_id: int | None = None
    readers: Behaviour | None = None

    def features(self, model: Model) -> Csr:
        """The facts, and what the person wished. Raises FeatureError where they were made for another model."""
        facts = self.row.checked(model.profile_vocab)
        if self.profile_id is None or self.readers is None:
            return facts
        return self.readers.with_wishes(facts, self.profile_id)


def population_mean(profiles: Csr) -> NDArray[np.float32]:
    """Mean of each feature over these profiles: float32[Fu]; zeros where there are none."""
    count = max(profiles.shape[0], 1)
    sums = np.bincount(profiles.indices, weights=profiles.data, minlength=profiles.shape[1])
    return (sums / count).astype(np.float32)


def terms(
    model: Model,
    tokens: tuple[str, ...],
    person: Person,
    *,
    mean: NDArray[np.float32],
    direction: Direction = AUDIENCE,
    policy_id: int | None = None,
) -> list[Term]:
    """All addends of the score of one profile for a policy, greatest lift first; they sum to the score.

    `mean` float32[Fu]: the average profile. Raises FeatureError as `audience.scores` does.
    """
    row, facts = policy_row(model, tokens), person.features(model)
    cells = _cells(model, row, facts.indices, direction)
    asked = [*(model.policy_vocab.levels[column] for column in row.indices), ""]
    held = zip(facts.indices.tolist(), facts.data.tolist(), cells.tolist(), strict=True)
    found = [
        Term(model.profile_vocab.levels[column], name, amount * cell, (amount - float(mean[column])) * cell)
        for column, amount, line in held
        for name, cell in zip(asked, line, strict=True)
    ]
    found += _beyond(model, row, person, direction, policy_id)
    return sorted(found, key=lambda term: (-term.lift, term.feature, term.token))


def reasons(found: Sequence[Term], *, limit: int = 3, against: bool = False) -> list[Reason]:
    """The person's features that spoke most for the policy, best first; only those with a positive lift.

    `against`: those that spoke most against it, worst first; only those with a negative lift.
    Similar reading is named only where it outweighs every feature: a fact is never invented for it. Values that the
    model met too seldom to know (`?`) are not named: what counts is their group's.
    """
    value: dict[str, float] = defaultdict(float)
    lift: dict[str, float] = defaultdict(float)
    for term in found:
        value[term.feature] += term.value
        lift[term.feature] += term.lift
    sign = -1 if against else 1
    nameable = (name for name in lift if sign * lift[name] > 0 and name != ALWAYS and not c.is_bucket(name))
    ranked = sorted(nameable, key=lambda name: (-sign * lift[name], name))
    named = [name for place, name in enumerate(ranked) if name != OWN or place == 0]
    return [Reason(name, value[name], lift[name]) for name in named[:limit]]


def _cells(model: Model, row: Csr, held: NDArray[np.int32], direction: Direction) -> NDArray[np.float32]:
    """What each held feature is worth with each of the policy's t tokens, and by itself: float32[held, t + 1]."""
    cells = np.zeros((len(held), len(row.indices)), dtype=np.float32)
    alone = np.zeros(len(held), dtype=np.float32)
    for side, weight in weighted_sides(model, direction):
        cells += weight * (side.E_profile[held] @ side.E_policy[row.indices].T)
        alone += weight * side.b_profile[held] if direction == AUDIENCE else np.float32(0)
    declared = blend_of(model, direction).declared
    if declared:
        documents, columns = documents_of(model), row.indices
        for cell, feature in zip(cells, held.tolist(), strict=True):
            own = slice(documents.indptr[feature], documents.indptr[feature + 1])
            at = np.minimum(np.searchsorted(columns, documents.indices[own]), len(columns) - 1)
            same = columns[at] == documents.indices[own]
            cell[at[same]] += declared * documents.data[own][same]
    return np.column_stack([cells * row.data[None, :], alone])


def _beyond(model: Model, row: Csr, person: Person, direction: Direction, policy_id: int | None) -> Iterator[Term]:
    """What `worth` says of this one person, without working it out for everybody."""
    own = -1 if person.profile_id is None else own_row(model, person.profile_id, person.readers)
    always = alike = 0.0
    for side, weight in weighted_sides(model, direction):
        vector = row.data @ side.E_policy[row.indices]
        always += weight * float(row.data @ side.b_policy[row.indices]) if direction == FEED else 0.0
        if own >= 0:
            bias = float(side.own_bias[own]) if direction == AUDIENCE else 0.0
            alike += weight * model.own_weight * (float(side.own_vectors[own] @ vector) + bias)
    if always:
        yield Term(ALWAYS, "", always, 0.0)
    if alike:
        yield Term(OWN, "", alike, alike)
    if person.profile_id is None or person.readers is None:
        return
    read = person.readers.read_by(person.profile_id)
    if not read.nnz:
        return
    found = past_worth(model, row, direction)[0]
    for column, amount in zip(read.indices.tolist(), read.data.tolist(), strict=True):
        number, value = int(model.past.ids[column]), amount * float(found[column])
        if value and number != policy_id:
            yield Term(c.token(READ, str(number)), "", value, value)
