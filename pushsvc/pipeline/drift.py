"""Has the city moved away from the model that serves? Its people, its policies, its scores, and who opens what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.models import ModelError, last_good
from pushsvc.pipeline.scoring import tokens_of
from pushsvc.store.frames import load_frame
from pushsvc.store.models import ModelRow, model_rows
from pushsvc.store.opened import Opened, opened_by_door
from pushsvc.store.policies import policies_by_id, published_policies
from pushsvc.store.session import Connection, transaction
from recommenders.audience import scores
from recommenders.content import PolicyTokens, knows
from recommenders.drift import Parts, Shift, Status, part_shift, parted, share_status, shifts, worst
from recommenders.features import WEIGHT, profile_rows
from recommenders.model import Model
from recommenders.shares import Shares, policy_shares, profile_shares

PEOPLE, POLICIES = 2_000, 50  # of whom and of which scores are sampled
NEWEST = 2_000  # policies that are looked at
WISHES = ("wish", "wish-section")  # of subscriptions: not among the columns that are compared
DOORS = ("entitled", "subscribed", "recommended")


@dataclass(frozen=True)
class Side:
    """People or policies: how many, the share that holds something the model does not know, and the groups' shifts."""

    rows: int
    unknown_then: float | None
    unknown: float | None
    shifts: tuple[Shift, ...]
    status: Status


@dataclass(frozen=True)
class Door:
    """Messages opened since the model serves, against an equally long time before."""

    before: Opened
    since: Opened


@dataclass(frozen=True)
class Report:
    """All of it, and what it calls for."""

    model: int
    since: datetime
    profiles: Side
    policies: Side
    scores: Shift
    doors: tuple[Door, ...]
    status: Status


def reference(conn: Connection, model: Model, frame: Frame) -> dict[str, Any]:
    """What a model's card keeps as `reference`: shares of people and of policies by token, and a sample of its scores.

    `frame`: derived. Policies are the published ones; where none is yet, those that the model learnt from. `scored`:
    ids of those in the sample. JSON of a few kilobytes; drift is told against it.
    """
    policies = _published(conn) or _by_id(conn, model.past.ids.tolist()[-NEWEST:])
    scored = _scorable(model, policies)
    scores = parted(_scores(model, _sample(frame), scored))
    return {
        "profiles": asdict(profile_shares(frame, model.profile_vocab)),
        "policies": asdict(policy_shares(policies, model.policy_vocab)),
        "scores": asdict(replace(scores, rows=len(_sample(frame)))),  # one person's scores move together
        "scored": [one.id for one in scored],
    }


def drift(ctx: Context) -> Report:
    """The report on the model that serves. Raises ModelError `no_model`."""
    with transaction(ctx.engine) as conn:
        found = last_good(conn)
        if found is None:
            raise ModelError("no_model", "No model serves, so there is nothing that could have drifted.")
        (row,) = model_rows(conn, model_id=found[0])
        frame = derive(load_frame(conn), city_day(ctx))
        since = row.since or row.created_at
        policies = _published(conn, after=_made_at(row))
        scored = _by_id(conn, (row.card.get("reference") or {}).get("scored") or [])
        doors = _doors(conn, since, ctx.clock())
    model, then = found[1], _reference(row.card, found[1])
    people = _side(then["profiles"], profile_shares(frame, model.profile_vocab))
    fresh = _side(then["policies"], policy_shares(policies, model.policy_vocab))
    # The policies of then: a handful of new ones moves all scores, however the city is.
    sample = _sample(frame)
    moved = part_shift("score", then["scores"], _scores(model, sample, scored), rows=len(sample))
    return Report(row.id, since, people, fresh, moved, doors, worst([people.status, fresh.status, moved.status]))


def _side(then: Shares, now: Shares) -> Side:
    found = tuple(shifts(then.shares, now.shares, rows=(then.rows, now.rows), without=WISHES) if then.shares else ())
    # Rare values were unknown from the start: only what came on top of them is drift.
    more = None if now.unknown is None or then.unknown is None else now.unknown - then.unknown
    called = [one.status for one in found] + [share_status(more)]
    return Side(now.rows, then.unknown, now.unknown, found, worst(called) if now.rows else "unknown")


def _reference(card: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """What the card keeps; of an older card at least the average profile."""
    told = card.get("reference") or {}
    people = told.get("profiles") or {"rows": card.get("profiles") or 0, "unknown": None, "shares": _mean(card, model)}
    policies = told.get("policies") or {"rows": 0, "unknown": None}
    parts = told.get("scores") or {"bounds": (), "shares": (), "rows": 0}
    return {"profiles": Shares(**people), "policies": Shares(**policies), "scores": Parts(**parts)}


def _mean(card: Mapping[str, Any], model: Model) -> dict[str, float]:
    levels, mean = model.profile_vocab.levels, card.get("mean") or []
    return {name: value / WEIGHT for name, value in zip(levels, mean, strict=True)} if len(mean) == len(levels) else {}


def _made_at(row: ModelRow) -> datetime:
    told = row.card.get("made_at")
    return datetime.fromisoformat(told) if isinstance(told, str) else row.created_at


def _published(conn: Connection, *, after: datetime | None = None) -> list[PolicyTokens]:
    """The newest published policies; with `after` only those published later."""
    found = published_policies(conn, limit=NEWEST)
    wanted = [one for one in found if after is None or (one.published_at and one.published_at > after)]
    return [PolicyTokens(one.id, tokens_of(one)) for one in wanted]


def _by_id(conn: Connection, ids: Sequence[int]) -> list[PolicyTokens]:
    return [PolicyTokens(one.id, tokens_of(one)) for one in policies_by_id(conn, ids)]


def _scorable(model: Model, policies: Sequence[PolicyTokens]) -> list[PolicyTokens]:
    """The newest of these policies that the model can score."""
    return sorted((one for one in policies if knows(model.policies, one.tokens)), key=lambda one: -one.id)[:POLICIES]


def _sample(frame: Frame) -> Frame:
    """People chosen evenly."""
    return frame.take(np.unique(np.linspace(0, max(len(frame) - 1, 0), min(PEOPLE, len(frame))).astype(np.int64)))


def _scores(model: Model, people: Frame, policies: Sequence[PolicyTokens]) -> NDArray[np.float32]:
    """Scores by features alone, policy after policy."""
    rows = profile_rows(people, model.profile_vocab)
    lines = [scores(model, one.tokens, rows) for one in policies]
    return np.concatenate(lines) if lines else np.zeros(0, dtype=np.float32)


def _doors(conn: Connection, since: datetime, now: datetime) -> tuple[Door, ...]:
    before, after = opened_by_door(conn, since - (now - since), since), opened_by_door(conn, since, now)
    return tuple(Door(before.get(name, Opened(name, 0, 0)), after.get(name, Opened(name, 0, 0))) for name in DOORS)
