"""A small model made by hand: it favours the profile features it is told to, for every policy alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import numpy as np

from pushsvc.context import Context
from pushsvc.pipeline.assessing import NewAssessment, assess
from pushsvc.pipeline.days import city_day
from pushsvc.store.models import add_model
from pushsvc.store.session import transaction
from recommenders.artifact import dump
from recommenders.content import Space
from recommenders.model import Model, no_past, no_side
from recommenders.recipe import ALGORITHM, Blend, Recipe
from recommenders.vocabulary import Vocabulary


def by_hand(
    favours: Mapping[str, float],
    *,
    policies: tuple[str, ...] = ("kind=normative",),
    card: Mapping[str, object] = MappingProxyType({}),
) -> Model:
    """A model that knows these policy tokens; `favours`: profile token -> worth; `card`: what its card says besides."""
    names = tuple(sorted(favours))
    worth = np.array([favours[name] for name in names], dtype=np.float32)
    none = no_side(len(policies), len(names))
    return Model(
        policies=Space(Vocabulary(policies), np.ones(len(policies), dtype=np.float32)),
        profile_vocab=Vocabulary(names),
        audience=replace(none, b_profile=worth),
        feed=replace(
            none,
            E_policy=np.ones((len(policies), 1), dtype=np.float32),
            E_profile=worth[:, None],
            own_vectors=np.zeros((0, 1), dtype=np.float32),
        ),
        past=no_past(len(policies)),
        recipe=Recipe(Blend(lightfm=1.0, declared=0.0), Blend(lightfm=1.0, declared=0.0)),
        card={"made": "by hand", **card},
    )


def use_model(ctx: Context, favours: Mapping[str, float], *, policies: tuple[str, ...] = ("kind=normative",)) -> int:
    """Put a model to use that knows these policy tokens; `favours`: profile token -> bias. Returns its number."""
    model = by_hand(favours, policies=policies)
    with transaction(ctx.engine) as conn:
        return add_model(conn, dump(model), model.card, active=True, at=ctx.clock())


def assessed(ctx: Context, algorithm: str = ALGORITHM, *, id: str = "PIA-TEST-1", days: int = 365) -> str:
    """Record an invented impact assessment of this version of the algorithm, made today. Returns its id."""
    day = city_day(ctx)
    new = NewAssessment(id, algorithm, "推荐算法影响评估（虚构）", day, day + timedelta(days=days))
    return assess(ctx, new, by="沈祺").id
