"""What a person may want to read, by the model: the policies prepared once, then one small product a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders import past
from recommenders.behaviour import Behaviour
from recommenders.content import PolicyTokens, knows, policy_features
from recommenders.errors import FeatureError
from recommenders.features import FeatureRows
from recommenders.interactions import positions
from recommenders.matrix import Csr
from recommenders.model import Model, Side
from recommenders.worth import FEED, blend_of, documents_of, ridge_of, weighted_sides

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Offered:
    """m policies as a model sees them, whoever they are for: the `known` of them, with what is worked out beforehand.

    `rows` known × Fp; `vectors` known × d for each side that counts, weighted; `always` float32[known];
    `nearest` known × n past policies, weighted, or None; `ids` of all m.
    """

    ids: NDArray[np.int64]
    known: NDArray[np.int64]
    rows: Csr | None = None
    vectors: tuple[Floats, ...] = ()
    always: Floats | None = None
    nearest: Csr | None = None

    @property
    def m(self) -> int:
        """How many policies there are, known or not."""
        return len(self.ids)


def offered(model: Model, policies: Sequence[PolicyTokens]) -> Offered:
    """The policies, once for everybody who is to be ranked by the model."""
    ids = np.array([policy.id for policy in policies], dtype=np.int64)
    known = np.array([i for i, policy in enumerate(policies) if knows(model.policies, policy.tokens)], dtype=np.int64)
    if not len(known):
        return Offered(ids, known)
    rows = policy_features([policies[i].tokens for i in known.tolist()], model.policies)
    sides = list(weighted_sides(model, FEED))
    vectors = tuple(np.asarray(weight * (rows @ side.E_policy), dtype=np.float32) for side, weight in sides)
    always = sum((weight * (rows @ side.b_policy) for side, weight in sides), np.zeros(len(known), dtype=np.float32))
    return Offered(ids, known, rows, vectors, np.asarray(always, dtype=np.float32), _nearest(model, rows, ids[known]))


def rank_policies(
    model: Model,
    profile: FeatureRows,
    policies: Sequence[PolicyTokens],
    *,
    profile_id: int | None = None,
    readers: Behaviour | None = None,
) -> Floats:
    """Score of each policy for one profile, in the order given: float32[m]; higher is better.

    A policy of which the model knows no token is scored below all others, so a feed still shows it, last.
    Comparable within this profile only. With `profile_id` the profile's own part counts, and what it read.
    """
    return rank_offered(model, profile, offered(model, policies), profile_id=profile_id, readers=readers)


def rank_offered(
    model: Model,
    profile: FeatureRows,
    policies: Offered,
    *,
    profile_id: int | None = None,
    readers: Behaviour | None = None,
) -> Floats:
    """`rank_policies` of policies that were prepared for the model."""
    if len(profile) != 1:
        raise FeatureError("not_one_profile", f"A feed is for one profile, not for {len(profile)}.")
    facts = profile.checked(model.profile_vocab)
    if policies.rows is None or policies.always is None:
        return np.zeros(policies.m, dtype=np.float32)
    if profile_id is not None and readers is not None:
        facts = readers.with_wishes(facts, profile_id)
    found: Floats = policies.always + _declared(model, facts, policies.rows)
    row = -1 if profile_id is None else own_row(model, profile_id, readers)
    for (side, _), vectors in zip(weighted_sides(model, FEED), policies.vectors, strict=True):
        found += vectors @ _person(model, side, facts, row)
    if profile_id is not None and readers is not None and len(model.past):
        found += _read(model, policies, readers.read_by(profile_id))
    result = np.full(policies.m, float(np.min(found)) - 1, dtype=np.float32)
    result[policies.known] = found
    return result


def own_row(model: Model, profile_id: int, readers: Behaviour | None) -> int:
    """Row of the profile's own vector; -1 where it has none, or it must not count."""
    if readers is not None and profile_id in readers.silenced:
        return -1
    return int(model.own(np.array([profile_id], dtype=np.int64))[0])


def _person(model: Model, side: Side, profile: Csr, row: int) -> Floats:
    person: Floats = np.asarray(profile @ side.E_profile, dtype=np.float32)[0]
    if row >= 0:
        person += np.float32(model.own_weight) * side.own_vectors[row]
    return person


def _declared(model: Model, profile: Csr, rows: Csr) -> Floats:
    weight = blend_of(model, FEED).declared
    if not weight:
        return np.zeros(rows.shape[0], dtype=np.float32)
    interest = np.asarray((profile @ documents_of(model)).todense(), dtype=np.float32).reshape(-1)
    return np.asarray(weight * (rows @ interest), dtype=np.float32)


def _nearest(model: Model, rows: Csr, ids: NDArray[np.int64]) -> Csr | None:
    """Known × n, without the diagonal: a policy says nothing of itself."""
    from scipy.sparse import csr_matrix, vstack

    blend = blend_of(model, FEED)
    if not blend.nearest or not len(model.past):
        return None
    own, parts = positions(ids, model.past.ids), []
    for start in range(0, len(ids), past.BLOCK):
        weights = blend.nearest * past.nearest(rows[start : start + past.BLOCK], model.past.rows, k=blend.k)
        same = own[start : start + past.BLOCK]
        weights[np.flatnonzero(same >= 0), same[same >= 0]] = 0
        parts.append(csr_matrix(weights))
    joined: Csr = vstack(parts, format="csr")
    return joined


def _read(model: Model, policies: Offered, read: Csr) -> Floats:
    """What the past policies that the person read say of each known one; those read themselves count nothing for it."""
    amounts = np.asarray(read.todense(), dtype=np.float32).reshape(-1)
    found = np.zeros(len(policies.known), dtype=np.float32)
    if policies.nearest is not None:
        found += policies.nearest @ amounts
    blend = blend_of(model, FEED)
    if blend.ridge and read.nnz and policies.rows is not None:
        ridge = ridge_of(model, blend.penalty)
        found += np.float32(blend.ridge) * (policies.rows @ ridge.content(amounts))
        same = positions(policies.ids[policies.known], model.past.ids[read.indices])
        again = np.flatnonzero(same >= 0)
        if len(again):
            columns = read.indices[same[again]]
            own = ridge.weights(policies.rows[again])[np.arange(len(again)), columns]
            found[again] -= np.float32(blend.ridge) * own * amounts[columns]
    return found
