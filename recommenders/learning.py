"""From profiles, policies and a log to a model: choose rows, make both matrices, train, keep what serving needs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from profiles.columns import Frame
from recommenders import columns as c
from recommenders.content import PolicyTokens, Space, fit_space, policy_features
from recommenders.features import profile_features, profile_vocabulary
from recommenders.interactions import Ids, Interactions, activity, positions
from recommenders.matrix import Csr, beside, diagonal
from recommenders.model import Model
from recommenders.training import COMMAND, Arrays, Config, Pairs, train
from recommenders.vocabulary import Vocabulary


@dataclass(frozen=True)
class Prepared:
    """All that training needs, in an order that depends on ids only, never on the order of the input."""

    space: Space
    vocabulary: Vocabulary
    own_ids: Ids
    pairs: Pairs
    anchor: Csr
    ranked: Csr
    card: Mapping[str, object]


def learn(
    frame: Frame,
    policies: Sequence[PolicyTokens],
    interactions: Interactions,
    *,
    config: Config = Config(),  # noqa: B008 - frozen
    exposed: Ids | None = None,
    command: Sequence[str] = COMMAND,
) -> Model:
    """A model trained to rank these (derived) profiles for a policy.

    `exposed` are the profiles that could have seen a policy: only they serve as negatives; None means all of the
    frame. Pairs of unknown profiles or policies are dropped and counted in the card. Raises InteractionError,
    FeatureError, TrainingUnavailable, TrainingFailed.
    """
    ready = prepare(frame, policies, interactions, config=config, exposed=exposed)
    arrays = train(ready.pairs, ready.anchor, ready.ranked, config=config, command=command)
    return assemble(ready, arrays[config.epochs], config=config)


def prepare(
    frame: Frame,
    policies: Sequence[PolicyTokens],
    interactions: Interactions,
    *,
    config: Config,
    exposed: Ids | None = None,
) -> Prepared:
    """Rows, vocabularies and matrices. Policies without any pair teach nothing and are left out."""
    known = interactions.within(frame.ids, np.array([policy.id for policy in policies], dtype=np.int64))
    pairs = known.distinct()
    ids = np.unique(frame.ids if exposed is None else np.concatenate([exposed, pairs.profile_ids]))
    people = frame.take(_rows(ids, frame.ids))
    used = set(pairs.policy_ids.tolist())
    taught = sorted((policy for policy in policies if policy.id in used), key=lambda policy: policy.id)
    space, vocabulary = fit_space(taught), profile_vocabulary(people)
    own_ids = people.ids[activity(pairs, people.ids) >= config.warm]
    policy_ids = np.array([policy.id for policy in taught], dtype=np.int64)
    card = _card(interactions, pairs, dropped=len(interactions) - len(known), profiles=len(people))
    return Prepared(
        space=space,
        vocabulary=vocabulary,
        own_ids=own_ids,
        pairs=Pairs(positions(pairs.policy_ids, policy_ids), positions(pairs.profile_ids, people.ids), pairs.strength),
        anchor=_with_own(policy_features([p.tokens for p in taught], space), policy_ids, policy_ids, config=config),
        ranked=_with_own(profile_features(people, vocabulary), people.ids, own_ids, config=config),
        card=card,
    )


def assemble(ready: Prepared, arrays: Arrays, *, config: Config) -> Model:
    """The model: the vectors of features, and those of warm profiles apart. Policies' own columns are let go."""
    features = len(ready.vocabulary)
    return Model(
        policies=ready.space,
        profile_vocab=ready.vocabulary,
        E_policy=arrays.anchor[: len(ready.space.vocabulary)],
        E_profile=arrays.ranked[:features],
        b_profile=arrays.bias[:features],
        own_ids=ready.own_ids,
        own_vectors=arrays.ranked[features:],
        own_bias=arrays.bias[features:],
        own_weight=config.own_weight,
        card={**ready.card, "config": asdict(config)},
    )


def _rows(ids: Ids, among: Ids) -> Ids:
    rows = positions(ids, among)
    return rows[rows >= 0]


def _with_own(features: Csr, ids: Ids, own: Ids, *, config: Config) -> Csr:
    return beside(features, diagonal(positions(ids, own), config.own_weight, len(own)))


def _card(given: Interactions, pairs: Interactions, *, dropped: int, profiles: int) -> dict[str, object]:
    """What a reader of the model must know: what it was made of, which way it ranks, what it may not see."""
    return {
        "purpose": "rank profiles for one policy; scores compare within one policy only",
        "method": "LightFM, WARP, policy as anchor and profiles as the ranked side",
        "lightfm": _installed(("lightfm-next", "rectools-lightfm", "lightfm")),
        "profiles": profiles,
        "policies": len(np.unique(pairs.policy_ids)),
        "interactions": len(pairs),
        "interactions_given": len(given),
        "interactions_dropped": dropped,
        "features": [*c.CODE_GROUPS.values(), c.SECTION, c.DIVISION, c.AGE, c.STAGE, c.INTEREST],
        "never_used": list(c.LEFT_OUT),
    }


def _installed(names: Sequence[str]) -> str:
    for name in names:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return "unknown"
