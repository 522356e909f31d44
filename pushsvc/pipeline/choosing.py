"""Who a campaign would choose, and through which door: criteria, subscriptions and model over the published columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles import criteria as trees
from profiles.columns import Frame
from profiles.criteria.blocks import BlockDecision, judge_blocks
from profiles.criteria.leaves import Days
from profiles.criteria.truths import YES
from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from profiles.ragged import Mask
from profiles.snapshot.segments import Snapshot
from profiles.subscriptions import Found
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.event_audience import People, concerned, with_reasons
from pushsvc.pipeline.fitting import criteria_of, days_of
from pushsvc.pipeline.proofs import with_proofs
from pushsvc.pipeline.published import published
from pushsvc.pipeline.ranking import (
    ENTITLED,
    RECOMMENDED,
    SUBSCRIBED,
    PerSegment,
    addresses_of,
    funnel,
    ranked,
)
from pushsvc.pipeline.recommending import Limits, Recommended, recommend
from pushsvc.pipeline.scoring import serving
from pushsvc.pipeline.sensitive_columns import with_sensitive
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.wishes import policy_tags
from pushsvc.store.audience import Selections
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Rule:
    """The audience rule of a campaign; `duty`: a legal duty is recorded as its basis; `people`: of its event."""

    policy: Policy
    doors: Sequence[str]
    duty: bool = False
    limits: Limits = field(default_factory=Limits)
    people: People | None = None


@dataclass(frozen=True)
class Judgement:
    """Some profiles against a policy: `state` int8[n] is 1 yes, 0 no, -1 unknown, of the rows of a derived frame."""

    frame: Frame
    state: NDArray[np.int8]
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

    selected: Selections
    recommended: Recommended
    funnel: dict[str, object]


def judge(conn: Connection, ctx: Context, policy: Policy, profile_ids: NDArray[np.int64]) -> Judgement:
    """Decide the criteria for these few profiles, as of today in the city, from their rows as this transaction sees."""
    today = city_day(ctx)
    (policy,) = bound(conn, [policy], today)
    tree = criteria_of(policy)
    sensitive = [fact for fact in SENSITIVE if tree is not None and fact in tree.facts]
    frame = load_frame(conn, profile_ids=profile_ids, keyring=ctx.keyring, sensitive=sensitive)
    frame = derive(frame, today)
    return Judgement(frame, trees.decide(tree, frame, on=today, **days_of(policy)).state, today)


def doors_of(rule: Rule, ids: NDArray[np.int64], yes: Mask, wished: Mask) -> Doors:
    """Which of the profiles the rule lets through which door: whom the criteria fit, and who asked to be told."""
    yes, wished = concerned(rule.people, ids, yes, wished)
    entitled = yes & (ENTITLED in rule.doors and rule.duty)
    subscribed = wished & ~entitled & (SUBSCRIBED in rule.doors)
    return Doors(entitled, subscribed, yes & ~entitled & ~subscribed & (RECOMMENDED in rule.doors))


def choose(conn: Connection, ctx: Context, rule: Rule) -> Choice:
    """Selections and figures by the rule; writes nothing."""
    today, now = city_day(ctx), published(ctx)
    (policy,) = bound(conn, [rule.policy], today)
    tree = criteria_of(policy)
    snapshot = with_sensitive(conn, ctx, now.snapshot, tree)
    days = Days(today, **days_of(policy))
    decided = judge_blocks(tree, snapshot, days=days, nodes=True)
    wished = now.wishes.matching(policy_tags(policy))
    entitled, subscribed, candidates = _doors(rule, snapshot, decided, wished)
    taken = addresses_of(snapshot, [entitled, subscribed])
    using = serving(conn, ctx) if any(map(len, candidates)) else None
    best = recommend(using, policy, snapshot, candidates, limits=rule.limits, taken=taken)
    selected = ranked(snapshot, decided, (entitled, subscribed), wished, best)
    selected = with_proofs(with_reasons(selected, rule.people), snapshot, tree, days)
    figures = funnel(snapshot, decided, selected, best, today) | {"checksum": policy.checksum}
    return Choice(selected, best, figures | ({"event": rule.people.figures()} if rule.people else {}))


def _doors(rule: Rule, snapshot: Snapshot, decided: BlockDecision, wished: Found) -> tuple[PerSegment, ...]:
    """The rows of each segment that may go through each door."""
    wishing = np.unique(wished.profile_ids)
    found: tuple[PerSegment, ...] = ([], [], [])
    for segment, truth in zip(snapshot.segments, decided.truths, strict=True):
        mask = np.zeros(len(segment), dtype=np.bool_)
        rows = segment.rows_of(wishing)
        mask[rows[rows >= 0]] = True
        doors = doors_of(rule, segment.ids, np.asarray(truth == YES), mask)
        for into, open_ in zip(found, (doors.entitled, doors.subscribed, doors.candidates), strict=True):
            into.append(np.flatnonzero(open_))
    return found
