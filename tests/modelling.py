"""A small model made by hand: it favours the profile features it is told to, for every policy alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pushsvc.context import Context
from pushsvc.store.models import add_model
from pushsvc.store.session import transaction
from recommenders.artifact import dump
from recommenders.content import Space
from recommenders.model import Model
from recommenders.vocabulary import Vocabulary


def use_model(ctx: Context, favours: Mapping[str, float], *, policies: tuple[str, ...] = ("kind=normative",)) -> int:
    """Put a model to use that knows these policy tokens; `favours`: profile token -> bias. Returns its number."""
    names = tuple(sorted(favours))
    model = Model(
        policies=Space(Vocabulary(policies), np.ones(len(policies), dtype=np.float32)),
        profile_vocab=Vocabulary(names),
        E_policy=np.zeros((len(policies), 1), dtype=np.float32),
        E_profile=np.zeros((len(names), 1), dtype=np.float32),
        b_profile=np.array([favours[name] for name in names], dtype=np.float32),
        own_ids=np.zeros(0, dtype=np.int64),
        own_vectors=np.zeros((0, 1), dtype=np.float32),
        own_bias=np.zeros(0, dtype=np.float32),
        card={"made": "by hand"},
    )
    with transaction(ctx.engine) as conn:
        return add_model(conn, dump(model), model.card, active=True, at=ctx.clock())
