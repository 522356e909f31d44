"""Closes: until when an event of a window may be told, and which of a deadline's steps still speaks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.days import CITY_ZONE
from pushsvc.store.deadline_steps import is_overtaken, overtaken
from pushsvc.store.policy_events import PolicyEvent
from pushsvc.store.session import Connection

DEADLINE = "deadline"


def is_over(conn: Connection, event: PolicyEvent, today: date) -> bool:
    """Whether the window closed, or a later step of its deadline was written, before anything could be said of it."""
    closes = _closes(event)
    return (closes is not None and closes < today) or (event.kind == DEADLINE and is_overtaken(conn, event))


def last_moment(event: PolicyEvent) -> datetime | None:
    """Nothing is said of a window once it has closed: the midnight after its last day in the city."""
    closes = _closes(event)
    return None if closes is None else datetime.combine(closes + timedelta(days=1), time(), tzinfo=CITY_ZONE)


def overtake(conn: Connection, ctx: Context, event: PolicyEvent) -> None:
    """Nobody is told of one close twice at once: what earlier steps drafted, and nobody started, ends with this one."""
    if event.kind == DEADLINE:
        for number in overtaken(conn, event, campaigns.UNSTARTED):
            campaigns.supersede(ctx, number, event_id=event.id)


def _closes(event: PolicyEvent) -> date | None:
    told = event.detail.get("closes") if event.kind in (DEADLINE, "window_opened") else None
    return date.fromisoformat(told) if told else None
