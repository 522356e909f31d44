"""Learn: train the recommender from what people did, measure it on unseen policies, use it if it is any good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from profiles.columns import Frame
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.scoring import tokens_of
from pushsvc.store.frames import load_frame
from pushsvc.store.interactions import exposed_profiles, positive_interactions
from pushsvc.store.models import add_model
from pushsvc.store.policies import policies_by_id
from pushsvc.store.session import transaction
from recommenders.artifact import dump, load, with_card
from recommenders.content import PolicyTokens
from recommenders.evaluation import evaluate as measure
from recommenders.explain import population_mean
from recommenders.features import profile_features
from recommenders.interactions import Ids, Interactions
from recommenders.learning import learn
from recommenders.model import Model
from recommenders.training import Config

Progress = Callable[[int, int, str], object]  # steps done, steps in all, what was done
CHANCE = 0.5  # an audience AUC at or below this tells nothing; "who reads much" must be beaten too


@dataclass(frozen=True)
class Material:
    """All that is learnt from: derived profiles, policies as tokens, who did what, who could have."""

    frame: Frame
    policies: Sequence[PolicyTokens]
    interactions: Interactions
    exposed: Ids


@dataclass(frozen=True)
class Learnt:
    """A stored model: its number, whether it is now in use, and its card."""

    id: int
    active: bool
    card: dict[str, Any]


def train(ctx: Context, *, seed: int = 1, progress: Progress = lambda done, total, what: None) -> Learnt:
    """Train, measure and store a model; it is put to use only if it beats chance on policies it has not seen.

    The model before is kept. Raises InteractionError, TrainingUnavailable, TrainingFailed.
    """
    material = load_material(ctx)
    config = Config(seed=seed)
    figures = measure(material.frame, material.policies, material.interactions, config=config, exposed=material.exposed)
    progress(1, 2, "evaluation")
    config = replace(config, epochs=int(str(figures["epochs"])))
    model = learn(material.frame, material.policies, material.interactions, config=config, exposed=material.exposed)
    progress(2, 2, "training")
    return _stored(ctx, _described(ctx, model, material, figures), figures)


def evaluate(ctx: Context, *, seed: int = 1) -> dict[str, object]:
    """The figures alone, on the same material; nothing is stored. Raises as `train`."""
    material = load_material(ctx)
    config = Config(seed=seed)
    return measure(material.frame, material.policies, material.interactions, config=config, exposed=material.exposed)


def load_material(ctx: Context) -> Material:
    """What the database holds to learn from."""
    with transaction(ctx.engine) as conn:
        found = positive_interactions(conn)
        frame = derive(load_frame(conn), city_day(ctx))
        policies = policies_by_id(conn, np.unique(found.policy_ids).tolist())
        exposed = exposed_profiles(conn)
    tokens = [PolicyTokens(policy.id, tokens_of(policy)) for policy in policies]
    return Material(frame, tokens, Interactions(found.profile_ids, found.policy_ids, found.weights), exposed)


def _described(ctx: Context, model: Model, material: Material, figures: dict[str, object]) -> Model:
    """The model with a card that says how good it is, when it was made, and what an average profile looks like."""
    mean = population_mean(profile_features(material.frame, model.profile_vocab))
    more = {"evaluation": figures, "made_at": ctx.clock().isoformat(), "mean": [round(float(x), 6) for x in mean]}
    return with_card(model, more)


def is_good(figures: dict[str, object]) -> bool:
    """Whether a model may serve: better on unseen policies than chance, and than sorting people by activity."""
    auc, activity = (figures.get(name) for name in ("audience_auc_cold", "audience_auc_activity"))
    return isinstance(auc, float) and auc > max(CHANCE, activity if isinstance(activity, float) else CHANCE)


def _stored(ctx: Context, model: Model, figures: dict[str, object]) -> Learnt:
    arrays = dump(model)
    load(arrays)  # raises ArtifactError before a damaged model is ever put to use
    good = is_good(figures)
    with transaction(ctx.engine) as conn:
        number = add_model(conn, arrays, model.card, active=good, at=ctx.clock())
    return Learnt(number, good, dict(model.card))
