"""From profiles, policies and a log to a model: choose rows, make matrices, train both directions, keep what serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from recommenders import columns as c
from recommenders.content import PolicyTokens, Space, fit_space, policy_features
from recommenders.exposure import OPEN, Spans, Unseen, unseen
from recommenders.features import profile_features, profile_vocabulary
from recommenders.interactions import Ids, Interactions, activity, positions
from recommenders.matrix import Csr, beside, diagonal
from recommenders.model import Model, Past, Side, no_past, no_side
from recommenders.recipe import ALGORITHM, Blend, Recipe
from recommenders.setting import Days, Setting
from recommenders.subscribed import wish_counts, wish_features
from recommenders.training import Arrays, Config, Pairs, build, joined, train
from recommenders.vocabulary import Vocabulary

DECLARED = (c.INTEREST, c.WISH, c.WISH_SECTION)
RARE = 3  # values of fewer profiles share the room for new ones
MOST_PAST = 4_000  # past policies that speak for new ones, the latest: the regression over them is factored in a second
LATEST = slice(-MOST_PAST, None)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that training needs, in an order that depends on ids only, never on the order of the input.

    `policies` (m × Fp) and `profiles` (n × Fu) are features without own columns; `pairs` has policies as anchors.
    """

    space: Space
    vocabulary: Vocabulary
    policy_ids: Ids
    profile_ids: Ids
    own_ids: Ids
    pairs: Pairs
    policies: Csr
    profiles: Csr
    card: Mapping[str, object]


def learn(
    frame: Frame,
    policies: Sequence[PolicyTokens],
    interactions: Interactions,
    *,
    recipe: Recipe = Recipe(Blend(lightfm=1.0, epochs=10), Blend(lightfm=1.0, epochs=10)),  # noqa: B008 - frozen
    config: Config = Config(),  # noqa: B008 - frozen
    setting: Setting = Setting(),  # noqa: B008 - frozen
) -> Model:
    """A model of these (derived) profiles and policies, trained in both directions where the recipe has LightFM.

    Only profiles that were exposed serve as negatives, and only for policies they could have seen. Pairs of unknown
    profiles or policies are dropped and counted in the card. Raises InteractionError, FeatureError,
    TrainingUnavailable, TrainingFailed.
    """
    ready = prepare(frame, policies, interactions, config=config, setting=setting)
    with ThreadPoolExecutor(2) as pool:
        audience = pool.submit(train_side, ready, recipe.audience, config=config)
        feed = pool.submit(train_side, ready, recipe.feed, config=config, swapped=True)
        return assemble(ready, audience.result(), feed.result(), recipe=recipe, config=config)


def declared_only(frame: Frame, policies: Sequence[PolicyTokens], *, setting: Setting = Setting()) -> Model:  # noqa: B008
    """The model of a city without a log: criteria and what people declared; nothing is learnt."""
    space = fit_space(policies)
    vocabulary = profile_vocabulary(frame, more=_wished(setting))
    none = no_side(len(space.vocabulary), len(vocabulary))
    card = {**_described(), "method": "declared interests", "learnt": False, "vocabulary": vocabulary.version}
    card |= {"profiles": len(frame), "policies": len(policies), "interactions": 0, "recipe": asdict(Recipe())}
    return Model(space, vocabulary, none, none, no_past(len(space.vocabulary)), Recipe(), card=card)


def prepare(
    frame: Frame,
    policies: Sequence[PolicyTokens],
    interactions: Interactions,
    *,
    config: Config,
    setting: Setting = Setting(),  # noqa: B008 - frozen
) -> Prepared:
    """Rows, vocabularies and matrices. Policies without any pair teach nothing and are left out."""
    known = interactions.within(frame.ids, np.array([policy.id for policy in policies], dtype=np.int64))
    pairs = known.distinct()
    ids = np.unique(frame.ids if setting.exposed is None else np.concatenate([setting.exposed, pairs.profile_ids]))
    people = frame.take(_rows(ids, frame.ids))
    used = set(pairs.policy_ids.tolist())
    taught = sorted((policy for policy in policies if policy.id in used), key=lambda policy: policy.id)
    space = fit_space(taught, room=True)
    vocabulary = profile_vocabulary(people, more=_wished(setting), at_least=RARE, room=True)
    policy_ids = np.array([policy.id for policy in taught], dtype=np.int64)
    met = positions(pairs.policy_ids, policy_ids), positions(pairs.profile_ids, people.ids)
    away = _unseen(setting, policy_ids, people.ids, met=met, seed=config.seed)
    card = _card(interactions, pairs, people=len(people), unseen=away) | {"vocabulary": vocabulary.version}
    return Prepared(
        space=space,
        vocabulary=vocabulary,
        policy_ids=policy_ids,
        profile_ids=people.ids,
        own_ids=people.ids[activity(pairs, people.ids) >= config.warm],
        pairs=Pairs(*met, pairs.strength, (away.policies, away.profiles) if away and len(away.policies) else None),
        policies=policy_features([p.tokens for p in taught], space),
        profiles=profile_matrix(people, vocabulary, setting),
        card={**card, "interactions_dropped": len(interactions) - len(known)},
    )


def profile_matrix(people: Frame, vocabulary: Vocabulary, setting: Setting) -> Csr:
    """n × Fu: facts, and what the profiles subscribed to."""
    rows = profile_features(people, vocabulary)
    if setting.wishes is None:
        return rows
    ids, wishes = wish_features(setting.wishes, vocabulary)
    return rows + diagonal(positions(people.ids, ids), 1.0, len(ids)) @ wishes


def _wished(setting: Setting) -> dict[str, int]:
    return {} if setting.wishes is None else wish_counts(setting.wishes)


def train_side(
    ready: Prepared,
    blend: Blend,
    *,
    config: Config,
    swapped: bool = False,
) -> Arrays | None:
    """LightFM for one direction: policies as anchors and profiles ranked, or `swapped`; None where it has no epochs."""
    if not blend.epochs:
        return None
    profiles = beside(ready.profiles, _own(ready.profile_ids, ready.own_ids, config.own_weight))
    policies = beside(ready.policies, _own(ready.policy_ids, ready.policy_ids, blend.policy_own))
    sides = (ready.pairs.swapped(), profiles, policies) if swapped else (ready.pairs, policies, profiles)
    how = replace(config, epochs=blend.epochs, rate=blend.rate)
    seeds = range(config.seed, config.seed + blend.members)
    return joined([train(*sides, config=replace(how, seed=seed))[blend.epochs] for seed in seeds])


def assemble(ready: Prepared, audience: Arrays | None, feed: Arrays | None, *, recipe: Recipe, config: Config) -> Model:
    """The model: the vectors of features, and those of warm profiles apart. Policies' own columns are let go."""
    tokens, features = len(ready.space.vocabulary), len(ready.vocabulary)
    empty = no_side(tokens, features, len(ready.own_ids))
    sides = empty, empty
    if audience is not None:
        sides = _side(ready, audience.anchor, audience.ranked, profile_bias=audience.bias), empty
    if feed is not None:
        sides = sides[0], _side(ready, feed.ranked, feed.anchor, policy_bias=feed.bias)
    card = {**_described(), **ready.card, "config": asdict(config), "seed": config.seed, "recipe": asdict(recipe)}
    return Model(
        policies=ready.space,
        profile_vocab=ready.vocabulary,
        audience=sides[0],
        feed=sides[1],
        past=Past(ready.policy_ids[LATEST], ready.policies[LATEST]),
        recipe=recipe,
        own_ids=ready.own_ids,
        own_weight=config.own_weight,
        card={**card, "learnt": recipe.trained},
    )


def _side(
    ready: Prepared,
    policies: NDArray[np.float32],
    profiles: NDArray[np.float32],
    *,
    policy_bias: NDArray[np.float32] | None = None,
    profile_bias: NDArray[np.float32] | None = None,
) -> Side:
    """The bias of the side that was not ranked is junk, and 0. Room for new values that nothing fell into is filled."""
    tokens, features = len(ready.space.vocabulary), len(ready.vocabulary)
    warm = profiles.shape[0] - features
    of_policies = np.zeros(tokens, dtype=np.float32) if policy_bias is None else policy_bias[:tokens]
    of_profiles = np.zeros(features + warm, dtype=np.float32) if profile_bias is None else profile_bias
    seen = np.bincount(ready.profiles.indices, minlength=features)
    met = np.bincount(ready.policies.indices, minlength=tokens)
    return Side(
        E_policy=ready.space.vocabulary.filled(policies[:tokens], met),
        E_profile=ready.vocabulary.filled(profiles[:features], seen),
        b_policy=ready.space.vocabulary.filled(of_policies, met),
        b_profile=ready.vocabulary.filled(of_profiles[:features], seen),
        own_vectors=profiles[features:],
        own_bias=of_profiles[features:],
    )


def _rows(ids: Ids, among: Ids) -> Ids:
    rows = positions(ids, among)
    return rows[rows >= 0]


def _own(ids: Ids, own: Ids, weight: float) -> Csr:
    return diagonal(positions(ids, own), weight, len(own))


def _unseen(setting: Setting, policy_ids: Ids, profile_ids: Ids, *, met: tuple[Ids, Ids], seed: int) -> Unseen | None:
    if setting.policy_days is None or setting.profile_days is None:
        return None
    spans = _spans(setting.policy_days, policy_ids), _spans(setting.profile_days, profile_ids)
    return unseen(*spans, met=met, seed=seed)


def _spans(days: Days, ids: Ids) -> Spans:
    """In the order of these ids; what has no days has no bounds."""
    rows = positions(ids, days.ids)
    known = rows >= 0
    first, last = np.full(len(ids), -OPEN), np.full(len(ids), OPEN)
    first[known], last[known] = days.spans.first[rows[known]], days.spans.last[rows[known]]
    return Spans(first, last)


def _card(given: Interactions, pairs: Interactions, *, people: int, unseen: Unseen | None) -> dict[str, object]:
    """What a reader of the model must know of what it was made of."""
    return {
        "profiles": people,
        "policies": len(np.unique(pairs.policy_ids)),
        "interactions": len(pairs),
        "interactions_given": len(given),
        "unseen_pairs": len(unseen.policies) if unseen else 0,
        "unseen_left_out": unseen.left_out if unseen else 0,
        "lightfm": build(),
    }


def _described() -> dict[str, object]:
    """What it is for, and what it may and may not see."""
    return {
        "algorithm": ALGORITHM,
        "purpose": "rank profiles for one policy, and policies for one profile; scores compare within one of them only",
        "method": "LightFM (WARP) trained in the direction it ranks, and content of past policies",
        "features": [*c.CODE_GROUPS.values(), c.SECTION, c.DIVISION, c.AGE, c.STAGE, *DECLARED],
        "never_used": list(c.LEFT_OUT),
    }
