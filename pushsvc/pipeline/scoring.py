"""The model in use, over profile columns: scores of one policy, and the features that spoke for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from pushsvc.store.in_force import LightPolicy
from pushsvc.store.models import active_model, active_stamp
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection
from recommenders.artifact import load
from recommenders.content import PolicyText, PolicyTokens, knows, policy_tokens
from recommenders.errors import ArtifactError
from recommenders.explain import reasons, terms
from recommenders.features import profile_features
from recommenders.feed import Offered, offered, rank_offered
from recommenders.model import Model

TERMS = 2  # features stored with a recommendation

_log = logging.getLogger(__name__)
_loaded: dict[str, Model] = {}  # the model in use, by checksum: reading it again for each policy would cost seconds


def model_in_use(conn: Connection) -> tuple[int, Model] | None:
    """The active model and its id; a damaged one is logged and counts as none, so that the other doors go on."""
    stamp = active_stamp(conn)
    if stamp is None:
        return None
    if stamp[1] not in _loaded:
        stored = active_model(conn)
        if stored is None:
            return None
        try:
            model = load(stored.arrays)
        except ArtifactError as exc:
            _log.error("model %s cannot be used: %s", stamp[0], exc)
            return None
        _loaded.clear()
        _loaded[stamp[1]] = model
    return stamp[0], _loaded[stamp[1]]


def tokens_of(policy: Policy | LightPolicy) -> tuple[str, ...]:
    """The policy as the model sees it."""
    text = PolicyText(
        id=policy.id,
        kind=policy.kind,
        title=policy.title,
        agency=policy.agency,
        topic=policy.topic,
        region=policy.region,
        themes=policy.themes,
        tags=policy.tags,
        industries=policy.industries,
    )
    return policy_tokens(text).tokens


def feed_offered(model: Model, policies: Sequence[Policy | LightPolicy]) -> Offered:
    """The policies as the model sees them, once for all feeds."""
    return offered(model, [PolicyTokens(policy.id, tokens_of(policy)) for policy in policies])


def feed_scores(model: Model, policies: Offered, person: Frame) -> NDArray[np.float32]:
    """Score of each policy for the one person of a derived frame: float32[m], comparable for this person only."""
    row = profile_features(person, model.profile_vocab)
    return rank_offered(model, row, policies, profile_id=int(person.ids[0]))


def feed_terms(model: Model, policy: Policy, person: Frame) -> list[tuple[str, float]]:
    """The person's features that speak most for the policy, against the average profile that the model's card keeps."""
    tokens = tokens_of(policy)
    if not knows(model.policies, tokens):
        return []
    mean = np.array(model.card.get("mean", [0.0] * len(model.profile_vocab)), dtype=np.float32)
    found = terms(model, tokens, profile_features(person, model.profile_vocab), mean=mean)
    return [(reason.feature, reason.lift) for reason in reasons(found, limit=TERMS)]
