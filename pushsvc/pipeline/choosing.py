"""Who a campaign would choose, and through which door: criteria, subscriptions and model over the same columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles import criteria as trees
from profiles.columns import Frame
from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.fitting import criteria_of, days_of
from pushsvc.pipeline.recommending import Limits, Recommended, recommend
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.wishes import matching_wishes
from pushsvc.store.audience import Selected
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection

ENTITLED, SUBSCRIBED, RECOMMENDED = "entitled", "subscribed", "recommended"
DOORS = (ENTITLED, SUBSCRIBED, RECOMMENDED)  # the earlier door wins: nobody goes through two

Wishes = Mapping[int, list[int]]  # the subscriptions that match, by profile
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """The audience rule of a campaign; `duty`: a legal duty is recorded as its basis."""

    policy: Policy
    doors: Sequence[str]
    duty: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Judgement:
    """Profiles against a policy: `state` int8[n] is 1 yes, 0 no, -1 unknown; `missing`: facts lacking, counted."""

    frame: Frame
    state: NDArray[np.int8]
    missing: Mapping[str, int]
    on: date


@dataclass(frozen=True)
class Doors:
    """bool[n] each: who may go through which door; nobody through two."""

    entitled: Mask
    subscribed: Mask
    candidates: Mask  # for the recommended door, before the model


@dataclass(frozen=True)
class Choice:
    """The selections in rank order, and the figures of the funnel."""

    selected: list[Selected]
    recommended: Recommended
    funnel: dict[str, object]


def judge(conn: Connection, ctx: Context, policy: Policy, profile_ids: NDArray[np.int64] | None = None) -> Judgement:
    """Decide the criteria for these profiles (everybody where None), as of today in the city."""
    today = city_day(ctx)
    (policy,) = bound(conn, [policy], today)
    tree = criteria_of(policy)
    sensitive = [fact for fact in SENSITIVE if tree is not None and fact in tree.facts]
    frame = load_frame(conn, profile_ids=profile_ids, keyring=ctx.keyring, sensitive=sensitive)
    frame = derive(frame, today)
    decision = trees.decide(tree, frame, on=today, **days_of(policy))
    return Judgement(frame, decision.state, decision.missing, today)


def doors_of(rule: Rule, judged: Judgement, wishes: Wishes) -> Doors:
    """Which profiles the rule lets through which door."""
    yes = judged.state == 1
    entitled = yes & (ENTITLED in rule.doors and rule.duty)
    wished = np.isin(judged.frame.ids, np.fromiter(wishes, dtype=np.int64, count=len(wishes)))
    subscribed = wished & ~entitled & (SUBSCRIBED in rule.doors)
    return Doors(entitled, subscribed, yes & ~entitled & ~subscribed & (RECOMMENDED in rule.doors))


def choose(conn: Connection, ctx: Context, rule: Rule) -> Choice:
    """Selections and figures by the rule; writes nothing."""
    judged = judge(conn, ctx, rule.policy)
    wishes = matching_wishes(conn, rule.policy)
    doors = doors_of(rule, judged, wishes)
    best = recommend(conn, rule.policy, judged.frame, np.flatnonzero(doors.candidates), rule.limits)
    selected = list(_ranked(judged, doors, wishes, best))
    return Choice(selected, best, _funnel(judged, selected, best))


def _ranked(judged: Judgement, doors: Doors, wishes: Wishes, best: Recommended) -> Iterator[Selected]:
    """Entitled and subscribed by profile id, recommended by score; ranks run from 1 without a gap."""
    ids = judged.frame.ids
    rows: list[tuple[int, str, float | None, dict[str, object] | None]] = []
    rows += [(row, ENTITLED, None, None) for row in np.flatnonzero(doors.entitled).tolist()]
    for row in np.flatnonzero(doors.subscribed).tolist():
        rows.append((row, SUBSCRIBED, None, {"subscriptions": wishes[int(ids[row])]}))
    rows += [(row, RECOMMENDED, score, why) for row, score, why in best.rows]
    for rank, (row, door, score, why) in enumerate(rows, start=1):
        yield Selected(int(ids[row]), door, int(judged.state[row]), score, rank, why)


def _funnel(judged: Judgement, selected: Sequence[Selected], best: Recommended) -> dict[str, object]:
    doors = Counter(one.door for one in selected)
    return {
        "on": judged.on.isoformat(),
        "profiles": len(judged.frame),
        "eligible": int((judged.state == 1).sum()),
        "unknown": int((judged.state == -1).sum()),
        "no": int((judged.state == 0).sum()),
        "missing": dict(sorted(judged.missing.items(), key=lambda item: (-item[1], item[0]))),
        "selected": {door: doors[door] for door in DOORS if doors[door]},
        "recommended": best.figures,
    }
