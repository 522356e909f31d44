"""Events: what is due is written down once, then each drafts its campaign; an approved rule lets that run.

A pass may be late by days, be killed anywhere, or run twice at once: an event is written by its key, and answered
under a lock on its row that another pass skips. What goes wrong is tried again after growing pauses (`event_trouble`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline import event_trouble as trouble
from pushsvc.pipeline.approval import was_edited
from pushsvc.pipeline.closes import is_over, last_moment, overtake
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.empty_audience import EMPTY
from pushsvc.pipeline.publications import publication_events
from pushsvc.pipeline.publish import default_doors
from pushsvc.pipeline.standing import DOORS, fitting_rule
from pushsvc.store import event_answers as answers
from pushsvc.store import policy_events as store
from pushsvc.store.audit import record
from pushsvc.store.campaigns import get_campaign
from pushsvc.store.policies import Policy, first_campaign, policies_by_id
from pushsvc.store.policy_events import NewEvent, PolicyEvent, Window
from pushsvc.store.session import Connection, transaction

log = logging.getLogger(__name__)
STEPS = (14, 7, 3, 1)  # days before a window closes
BATCH = 200  # events of a kind written, and events answered, in one pass
ALONE = ("result", "repealed")  # for those who had to do with it, never recommended to anybody


def pass_events(ctx: Context, *, batch: int = BATCH) -> int:
    """Write down what is due by now, and answer what waits; returns how many events were answered."""
    with transaction(ctx.engine) as conn:
        notice(conn, ctx)
    with transaction(ctx.engine) as conn:
        waiting = answers.unanswered(conn, ctx.clock(), batch)
    return sum(_try_one(ctx, event_id) for event_id in waiting)


def notice(conn: Connection, ctx: Context) -> int:
    """Write the events that are due and not yet written; returns how many."""
    today, at = city_day(ctx), ctx.clock()
    new = 0
    for policy in sorted(policies_by_id(conn, store.unrecorded(conn, BATCH)), key=lambda one: one.visible_no or 0):
        new += store.record(conn, publication_events(conn, ctx, policy), at)
    found = [_repealed(number, by, ref, last) for number, by, ref, last in store.repealed(conn, BATCH)]
    found += [_opened(window) for window in store.opened(conn, today, BATCH)]
    found += _deadlines(conn, today)
    return new + store.record(conn, found, at)


def due_step(left: int, before: int, told: Iterable[int]) -> int | None:
    """Which of STEPS is to be told `left` days before the close; None for none.

    It is the nearest one whose day has come, and no other: after days of silence nobody gets three messages at once.
    `before`: how many days were left on the day of publication, whose own message named the close; `told`: steps.
    """
    reached = [step for step in STEPS if left <= step]
    if left < 0 or not reached:
        return None
    nearest = min(reached)
    return nearest if nearest < before and nearest not in set(told) else None


def answer(ctx: Context, event_id: int) -> bool:
    """Draft the event's campaign, and let it run where a rule says so; False where another pass answers it, or
    where it is not due."""
    with transaction(ctx.engine) as held:
        event = answers.hold(held, event_id, ctx.clock())
        if event is None:
            return False
        (policy,) = policies_by_id(held, [event.policy_id])
        if is_over(held, event, city_day(ctx)):
            answers.finish(held, event.id, None, ctx.clock())
            return True
        if policy.state != "published":  # withdrawn before anything could be said of it
            answers.finish(held, event.id, event.campaign_id, ctx.clock())
            return True
        rule = fitting_rule(held, event.kind, policy)
        number = event.campaign_id or (first_campaign(held, policy.id) if event.kind in store.PUBLISHED else None)
        if rule is not None:
            number = _drafted(held, ctx, event, policy, doors=DOORS, rule=rule)
            _run(ctx, number, rule)
        rest = [door for door in _doors(event, policy) if rule is None or door not in DOORS]
        if rest and event.kind not in store.PUBLISHED:
            drafted = _unless_at_night(held, ctx, event, policy, doors=rest)
            number = number or drafted
        elif number is None:  # visible, but not by `publish`, which drafts the campaign itself
            number = _drafted(held, ctx, event, policy, doors=rest)
        overtake(held, ctx, event)
        answers.finish(held, event.id, number, ctx.clock())
    return True


def _unless_at_night(
    conn: Connection, ctx: Context, event: PolicyEvent, policy: Policy, *, doors: list[str]
) -> int | None:
    """A draft for these doors; None where the window closes before they could tell anybody."""
    try:
        return _drafted(conn, ctx, event, policy, doors=doors)
    except campaigns.CampaignError as exc:
        if exc.code != "only_at_night":
            raise
    return None


def retry(ctx: Context, event_id: int, *, by: str) -> bool:
    """Try an event again now, also one that was given up; whether it was answered: where not, `troubled` says why, or
    another pass is at it. Raises EventError: no_name, unknown_event, answered."""
    trouble.start_anew(ctx, event_id, by=by)
    return _try_one(ctx, event_id)


def _try_one(ctx: Context, event_id: int) -> bool:
    """One event's trouble is logged, kept with it, and does not hold up the others."""
    try:
        return answer(ctx, event_id)
    except Exception as exc:
        log.exception("policy event %s cannot be answered", event_id)
        trouble.note(ctx, event_id, exc)
    return False


def _deadlines(conn: Connection, today: date) -> list[NewEvent]:
    windows = store.closing(conn, today, max(STEPS))
    told = store.keys_of(conn, "deadline", [one.policy_id for one in windows])
    found = []
    for one in windows:
        if one.closes is None:
            continue
        steps = [step for step in STEPS if (one.policy_id, f"{one.closes}:{step}") in told]
        left = (one.closes - today).days
        step = due_step(left, (one.closes - one.published).days, steps)
        if step is not None:
            detail = {"kind": "deadline", "who": "deadline", "closes": one.closes.isoformat(), "days": left}
            found.append(NewEvent(one.policy_id, "deadline", f"{one.closes}:{step}", detail))
    return found


def _opened(window: Window) -> NewEvent:
    detail = {"kind": "window_opened", "who": "window_opened", "opens": str(window.opens)}
    detail |= {"closes": window.closes.isoformat()} if window.closes else {}
    return NewEvent(window.policy_id, "window_opened", str(window.opens), detail)


def _repealed(policy_id: int, by: int, by_ref: str, valid_to: date | None) -> NewEvent:
    detail: dict[str, Any] = {"kind": "repealed", "who": "repealed", "by": by}
    detail |= {"valid_to": valid_to.isoformat()} if valid_to else {}
    return NewEvent(policy_id, "repealed", by_ref, detail)


def _doors(event: PolicyEvent, policy: Policy) -> list[str]:
    return list(DOORS) if event.kind in ALONE else default_doors(policy.kind, None)


def _drafted(
    conn: Connection,
    ctx: Context,
    event: PolicyEvent,
    policy: Policy,
    *,
    doors: list[str],
    rule: RowMapping | None = None,
) -> int:
    """The event's campaign for these doors: the one that an interrupted pass drafted, else a new one."""
    found = store.drafted(conn, event, doors)
    if found is not None:
        return found
    # What publishes says its own event, so that nobody is told twice of it, whichever campaign goes first.
    told = policy.event if event.kind in (*store.PUBLISHED, "result") else f"{event.kind}:{event.key}"
    return campaigns.create(
        ctx,
        policy,
        author=policy.author or "system",
        event=told,
        doors=doors,
        lane=rule["lane"] if rule else "normal",
        detail=dict(event.detail) | {"event_id": event.id},
        rule_id=rule["id"] if rule else None,
        expires_at=last_moment(event),
    )


def _run(ctx: Context, campaign_id: int, rule: RowMapping) -> None:
    """Take the rule's campaign from wherever it stands to running; one that would reach nobody is cancelled, and one
    that somebody edited meanwhile is left to people."""
    actor = f"rule:{rule['name']}"
    state = _untouched_state(ctx, campaign_id)
    if state == "draft":
        campaigns.submit(ctx, campaign_id, actor)
        state = "in_review"
    if state == "in_review":
        campaigns.approve(ctx, campaign_id, actor, frozen=False)
        told = {"rule": rule["id"], "hash": rule["approved_hash"], "author": rule["author"]}
        with transaction(ctx.engine) as conn:
            detail = told | {"reviewer": rule["reviewer"]}
            record(conn, at=ctx.clock(), actor=actor, action="rule.applied", object=f"campaign:{campaign_id}",
                   detail=detail)  # fmt: skip
        state = "approved"
    if state == "approved":
        try:
            campaigns.start(ctx, campaign_id, actor)
        except campaigns.CampaignError as exc:
            if exc.code != EMPTY:
                raise
            campaigns.cancel(ctx, campaign_id, actor)


def _untouched_state(ctx: Context, campaign_id: int) -> str:
    with transaction(ctx.engine) as conn:
        row = get_campaign(conn, campaign_id)
        return "" if row is None or was_edited(conn, campaign_id) else str(row["state"])


def recent(ctx: Context, limit: int = 100) -> list[dict[str, Any]]:
    """The newest events with the campaigns that tell of them."""
    with transaction(ctx.engine) as conn:
        return store.recent_events(conn, limit)
