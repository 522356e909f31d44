"""How much each topic brings: what was published in the last 90 days, counted once in a while for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.store.session import Connection
from pushsvc.store.topic_counts import published_by_topic

DAYS = 90
FRESH = timedelta(minutes=5)  # a figure of 90 days may be so old


@dataclass
class _Kept:
    """What was counted last, and when."""

    at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def topic_counts(conn: Connection, ctx: Context) -> Mapping[str, int]:
    """Topic → policies published in the last DAYS."""
    kept, now = ctx.kept.of(_Kept), ctx.clock()
    if kept.at is None or not timedelta(0) <= now - kept.at < FRESH:  # a clock may step back
        kept.counts = published_by_topic(conn, city_day(ctx) - timedelta(days=DAYS))
        kept.at = now
    return kept.counts
