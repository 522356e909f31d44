"""What people read and wished, beside the model in use: of everybody for audiences, of one person for a feed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from pushsvc.context import Context
from pushsvc.store.readings import Stamp, readings, readings_stamp
from pushsvc.store.session import Connection
from pushsvc.store.subscriptions import Subscription, live_subscriptions
from pushsvc.store.tags import profiles_with_refusals_since
from recommenders.behaviour import Behaviour, behaviour
from recommenders.interactions import Interactions
from recommenders.model import Model
from recommenders.subscribed import Wishes, wish_features


@dataclass
class _Kept:
    found: tuple[Model, Stamp, Behaviour] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def everybody(conn: Connection, ctx: Context, model: Model) -> Behaviour:
    """All readers, kept by the process until somebody reads, wishes or takes back something, or a policy changes."""
    kept = ctx.kept.of(_Kept)
    with kept.lock:
        stamp = readings_stamp(conn, model.past.ids.tolist())
        if kept.found is None or kept.found[0] is not model or kept.found[1] != stamp:
            kept.found = (model, stamp, _behaviour(conn, model, None))
        return kept.found[2]


def of_one(conn: Connection, model: Model, profile_id: int, wishes: Sequence[Subscription] | None = None) -> Behaviour:
    """What one profile read and wished. `wishes`: its live ones, where they are at hand."""
    return _behaviour(conn, model, [profile_id], wishes)


def _behaviour(
    conn: Connection,
    model: Model,
    profile_ids: Sequence[int] | None,
    wishes: Sequence[Subscription] | None = None,
) -> Behaviour:
    found = readings(conn, model.past.ids.tolist(), profile_ids)
    wishes = live_subscriptions(conn, profile_ids) if wishes is None else wishes
    wished = wish_features(wishes_of(wishes), model.profile_vocab)
    pairs = Interactions(found.profile_ids, found.policy_ids)
    return behaviour(pairs, model.past.ids, silenced=_silenced(conn, model), wished=wished)


def _silenced(conn: Connection, model: Model) -> np.typing.NDArray[np.int64]:
    """Who deleted a tag after the model was made: their own vector may hold what they read of it."""
    made = model.card.get("made_at")
    if not isinstance(made, str):
        return np.zeros(0, dtype=np.int64)
    return profiles_with_refusals_since(conn, datetime.fromisoformat(made))


def wishes_of(found: Sequence[Subscription]) -> Wishes:
    """Subscriptions as the recommender takes them."""
    return Wishes(
        np.array([one.wish.profile_id for one in found], dtype=np.int64),
        [one.wish.themes for one in found],
        [one.wish.industries for one in found],
        [one.wish.keyword for one in found],
    )
