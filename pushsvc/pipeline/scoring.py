"""The model in use, over profile columns: scores of one policy, and the features that spoke for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from pushsvc.context import Context
from pushsvc.pipeline.behaviour import everybody, of_one
from pushsvc.pipeline.models import last_good
from pushsvc.store.in_force import LightPolicy
from pushsvc.store.models import active_stamp
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection
from pushsvc.store.subscriptions import Subscription
from recommenders.behaviour import Behaviour
from recommenders.content import PolicyText, PolicyTokens, knows, policy_tokens
from recommenders.explain import FEED, Person, Term, reasons, terms
from recommenders.features import FeatureRows, profile_rows
from recommenders.feed import Offered, offered, rank_offered
from recommenders.model import Model
from recommenders.worth import Direction

TERMS = 2  # features stored with a recommendation


@dataclass
class _Held:
    """The model in use by its stamp: reading it again for each policy would cost seconds. Replaced as a whole."""

    found: tuple[tuple[int, str], tuple[int, Model] | None] | None = None


_held = _Held()


@dataclass(frozen=True, eq=False)
class Serving:
    """The model in use: its number, its arrays, and what people read and wished beside it."""

    number: int
    model: Model
    readers: Behaviour


def model_in_use(conn: Connection) -> tuple[int, Model] | None:
    """The serving model and its number; in place of a damaged one the last that can be read. None: the rules go on."""
    stamp = active_stamp(conn)
    if stamp is None:
        return None
    held = _held.found
    if held is None or held[0] != stamp:
        held = _held.found = (stamp, last_good(conn))
    return held[1]


def serving(conn: Connection, ctx: Context) -> Serving | None:
    """The model in use with all readers, for audiences."""
    using = model_in_use(conn)
    return Serving(*using, everybody(conn, ctx, using[1])) if using else None


def serving_one(conn: Connection, profile_id: int, wishes: Sequence[Subscription] | None = None) -> Serving | None:
    """The model in use with what this one profile read and wished, for a feed. `wishes`: theirs, where at hand."""
    using = model_in_use(conn)
    return Serving(*using, of_one(conn, using[1], profile_id, wishes)) if using else None


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


def feed_offered(model: Model, policies: Sequence[tuple[int, tuple[str, ...]]]) -> Offered:
    """The policies (number and tokens) as the model sees them, once for all feeds."""
    return offered(model, [PolicyTokens(*policy) for policy in policies])


def features_of(using: Serving, person: Frame) -> FeatureRows:
    """The one person of a derived frame as the model sees them."""
    return profile_rows(person, using.model.profile_vocab)


def feed_scores(using: Serving, policies: Offered, person: Frame) -> NDArray[np.float32]:
    """Score of each policy for the one person of a derived frame: float32[m], comparable for this person only."""
    row = features_of(using, person)
    return rank_offered(using.model, row, policies, profile_id=int(person.ids[0]), readers=using.readers)


def feed_terms(
    using: Serving, policy: Policy, person: Frame, row: FeatureRows | None = None
) -> list[tuple[str, float]]:
    """What speaks for the policy in this person's feed, best first, against the average profile of the card."""
    found = reasons(all_terms(using, policy, person, FEED, row), limit=len(using.model.profile_vocab))
    return [(one.feature, one.lift) for one in found]


def all_terms(
    using: Serving, policy: Policy, person: Frame, direction: Direction, row: FeatureRows | None = None
) -> list[Term]:
    """The exact terms of the score of the policy and this person in that direction; none where it cannot be scored.

    `row`: the person's features, where they are at hand.
    """
    tokens, model = tokens_of(policy), using.model
    if not knows(model.policies, tokens):
        return []
    mean = np.array(model.card.get("mean", [0.0] * len(model.profile_vocab)), dtype=np.float32)
    who = Person(features_of(using, person) if row is None else row, int(person.ids[0]), using.readers)
    return terms(model, tokens, who, mean=mean, direction=direction, policy_id=policy.id)
