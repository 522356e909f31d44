"""Learn: train the recommender from what people did, measure it on unseen policies, let the gate decide on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from profiles.columns import Frame
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.behaviour import wishes_of
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.drift import reference
from pushsvc.pipeline.gate import Check
from pushsvc.pipeline.models import admit
from pushsvc.pipeline.scoring import model_in_use, tokens_of
from pushsvc.store.exposure import DaySpans, exposure_of_policies, exposure_of_profiles, log_window
from pushsvc.store.frames import load_frame
from pushsvc.store.in_force import LightPolicy, light_policies
from pushsvc.store.interactions import exposed_profiles, positive_interactions
from pushsvc.store.policies import Policy, policies_by_id
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import live_subscriptions
from recommenders.artifact import with_card
from recommenders.content import PolicyTokens
from recommenders.errors import InteractionError, TrainingUnavailable
from recommenders.evaluation import Evaluated
from recommenders.evaluation import evaluate as measure
from recommenders.explain import population_mean
from recommenders.exposure import Spans
from recommenders.interactions import Interactions
from recommenders.learning import declared_only, learn, profile_matrix
from recommenders.model import Model
from recommenders.setting import Days, Setting
from recommenders.training import Config

Progress = Callable[[int, int, str], object]  # steps done, steps in all, what was done


def _silent(done: int, total: int, what: str) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Material:
    """All that is learnt from: derived profiles, policies as tokens, who did what; and who could have done it.

    `at`: just before all that was read; what was taken back or erased since is in it all the same.
    """

    frame: Frame
    policies: Sequence[PolicyTokens]
    interactions: Interactions
    setting: Setting
    window: tuple[str, str] | None
    at: datetime


@dataclass(frozen=True)
class Learnt:
    """A stored model: its number, whether it is now in use, its card, and what the gate asked of it."""

    id: int
    active: bool
    card: dict[str, Any]
    checks: tuple[Check, ...]


def train(
    ctx: Context, *, seed: int = 1, threads: int = 1, assessment: str | None = None, progress: Progress = _silent
) -> Learnt:
    """Train, measure and store a model; it is put to use only if it passes the gate. The model before is kept.

    Where there is no log to learn from, the model of what people declared is stored; also where what was learnt does
    not pass, or nothing can be learnt here, and nothing else serves. Raises TrainingUnavailable, TrainingFailed.
    """
    material, steps = load_material(ctx), [0]

    def told(done: int, total: int, what: str) -> None:
        steps[0] = total + 1  # the training itself comes last
        progress(done, steps[0], what)

    try:
        by_lot = replace(material, setting=replace(material.setting, published={}))  # the split by time is for reading
        found = measure_material(by_lot, seed=seed, progress=told)
    except InteractionError as exc:
        return _without_log(ctx, material, assessment, why=exc.code)
    except TrainingUnavailable as exc:
        if not _serves(ctx):
            _without_log(ctx, material, assessment, why=exc.code)
        raise
    config = Config(seed=seed, threads=threads)
    known = material.frame, material.policies, material.interactions
    model = learn(*known, recipe=found.recipe, config=config, setting=material.setting)
    progress(steps[0], steps[0], "training")
    card = {"evaluation": found.figures | {"data": _digest(material, seed)}}
    learnt = _admitted(ctx, with_card(model, card), material, assessment)
    if not _serves(ctx):
        _without_log(ctx, material, assessment, why="gate")
    return learnt


def _serves(ctx: Context) -> bool:
    """Whether some model does: one that cannot be read, such as of an older format, does not."""
    with transaction(ctx.engine) as conn:
        return model_in_use(conn) is not None


def evaluate(ctx: Context, *, seed: int = 1, progress: Progress = _silent) -> dict[str, Any]:
    """The figures alone, on the same material; nothing is stored. Raises as `train`, and InteractionError."""
    return measure_material(load_material(ctx), seed=seed, progress=progress).figures


def measure_material(material: Material, *, seed: int, progress: Progress) -> Evaluated:
    """What a model of this material can do on policies it has not seen, and the recipe that does it."""

    def told(done: int, total: int, what: str) -> None:
        progress(done, total, what)

    known = material.frame, material.policies, material.interactions
    return measure(*known, config=Config(seed=seed), setting=material.setting, progress=told)


def load_material(ctx: Context) -> Material:
    """What the database holds to learn from."""
    at = ctx.clock()
    with transaction(ctx.engine) as conn:
        found = positive_interactions(conn)
        frame = derive(load_frame(conn), city_day(ctx))
        policies: list[Policy | LightPolicy] = [*light_policies(conn)]
        gone = np.setdiff1d(found.policy_ids, [policy.id for policy in policies])
        policies += policies_by_id(conn, gone.tolist())
        setting = Setting(
            exposed=exposed_profiles(conn),
            published={one.id: one.date_published for one in policies if one.date_published},
            policy_days=_days(exposure_of_policies(conn)),
            profile_days=_days(exposure_of_profiles(conn)),
            wishes=wishes_of(live_subscriptions(conn)),
        )
        window = log_window(conn)
    tokens = [PolicyTokens(policy.id, tokens_of(policy)) for policy in policies]
    log = Interactions(found.profile_ids, found.policy_ids, found.weights)
    days = (window[0].isoformat(), window[1].isoformat()) if window else None
    return Material(frame, tokens, log, setting, days, at)


def _without_log(ctx: Context, material: Material, assessment: str | None, *, why: str) -> Learnt:
    model = declared_only(material.frame, material.policies, setting=material.setting)
    return _admitted(ctx, with_card(model, {"why_not_learnt": why}), material, assessment)


def _admitted(ctx: Context, model: Model, material: Material, assessment: str | None) -> Learnt:
    """Stored with a card that says as of when it was made, from which days, and what an average profile looks like."""
    mean = population_mean(profile_matrix(material.frame, model.profile_vocab, material.setting))
    more: dict[str, object] = {"made_at": material.at.isoformat(), "mean": [round(float(x), 6) for x in mean]}
    if material.window:
        more["window"] = {"from": material.window[0], "to": material.window[1]}
    with transaction(ctx.engine) as conn:
        more["reference"] = reference(conn, model, material.frame)
    made = with_card(model, more)
    admitted = admit(ctx, made, assessment=assessment)
    return Learnt(admitted.id, admitted.serving, dict(made.card), admitted.checks)


def _days(found: DaySpans) -> Days:
    return Days(found.ids, Spans(found.first, found.last))


def _digest(material: Material, seed: int) -> str:
    """Tells whether two models were measured on the same log with the same split."""
    log = material.interactions.distinct()
    parts = (log.profile_ids.tobytes(), log.policy_ids.tobytes(), str(seed).encode())
    return hashlib.sha256(b"|".join(parts)).hexdigest()[:16]
