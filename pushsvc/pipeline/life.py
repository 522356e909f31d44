"""Life: something happened to a person or a firm; the policies in force that now fit come in one digest."""

from __future__ import annotations

import logging

import numpy as np

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.digest import plan_digest
from pushsvc.pipeline.event_trouble import LONGEST_PAUSE, pause
from pushsvc.pipeline.in_force import in_force
from pushsvc.pipeline.life_sides import sides_of
from pushsvc.pipeline.varied import varied
from pushsvc.store.frames import load_frame
from pushsvc.store.life import LifeEvent, mark_answered, put_back, unanswered
from pushsvc.store.session import Connection, transaction

log = logging.getLogger(__name__)
BATCH = 1000  # events answered in one pass


def answer_life_events(ctx: Context, *, batch: int = BATCH) -> int:
    """Answer open life events, each with at most one digest; returns how many were answered. Again, it does nothing."""
    with transaction(ctx.engine) as conn:
        events = unanswered(conn, ctx.clock(), limit=batch)
    return sum(_try_one(ctx, event) for event in events)


def _try_one(ctx: Context, event: LifeEvent) -> bool:
    """One event's trouble is logged and does not hold up the others: it is tried again behind them, after pauses that
    grow as those of a policy's event do."""
    try:
        answer(ctx, event)
    except Exception:
        log.exception("life event %s cannot be answered", event.id)
        with transaction(ctx.engine) as conn:
            put_back(conn, event, ctx.clock() + (pause(event.tries + 1) or LONGEST_PAUSE))
        return False
    return True


def answer(ctx: Context, event: LifeEvent) -> list[int]:
    """Plan the digest of one event (once, by its run's key) and mark it answered; returns the policies in it."""
    with transaction(ctx.engine) as conn:
        found = newly_fitting(conn, ctx, event)
    if found:
        key = f"life:{event.id}"
        plan_digest(ctx, key=key, kind="life", profile_id=event.profile_id, policy_ids=found, door="recommended")
    with transaction(ctx.engine) as conn:
        mark_answered(conn, event.id, ctx.clock())
    return found


def newly_fitting(conn: Connection, ctx: Context, event: LifeEvent) -> list[int]:
    """Policies in force that fit because of the event, newest first, of no agency too many."""
    today = city_day(ctx)
    frame = load_frame(conn, profile_ids=np.array([event.profile_id], dtype=np.int64))
    if not len(frame):
        return []
    sides = sides_of(conn, event, frame, today)
    policies = in_force(conn, ctx, today)
    new = policies.states(sides.after, today) == 1
    if sides.before is not None:
        new &= policies.states(sides.before, sides.day_before) != 1
    listed = varied(policies, np.flatnonzero(new), ctx.settings.agency_max)
    return [policies.policies[position].id for position in listed.tolist()]
