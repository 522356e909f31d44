"""Advance: each running campaign takes its next step: audience, plan, finished, or expired."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection

from pushsvc.context import Context
from pushsvc.pipeline.approving import halt_drifted
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.campaigns import content_hash
from pushsvc.pipeline.empty_audience import refuse_empty
from pushsvc.pipeline.ending import end_deliveries
from pushsvc.pipeline.plan import CHUNK, Used, plan_chunk
from pushsvc.pipeline.retrying import MAX_ATTEMPTS
from pushsvc.store import campaigns, deliveries
from pushsvc.store.session import transaction

log = logging.getLogger(__name__)
LANES = ("urgent", "normal", "bulk")


class Plans:
    """What this process remembers of the campaigns that it is planning."""

    def __init__(self) -> None:
        self.used: dict[int, Used] = defaultdict(Used)


def advance(ctx: Context, lanes: Collection[str] = LANES) -> int:
    """Take every campaign of these lanes one step on, which for planning is one chunk: a small one behind a large one
    does not wait for its end. Returns how many moved. Run again, it goes on where it stopped."""
    with transaction(ctx.engine) as conn:
        rows = campaigns.unfinished(conn, ctx.clock())
    return sum(_try_one(ctx, row["id"]) for row in rows if row["lane"] in lanes)


def _try_one(ctx: Context, campaign_id: int) -> bool:
    """One campaign's trouble is logged and does not hold up the others."""
    try:
        return _advance_one(ctx, campaign_id)
    except Exception:
        log.exception("campaign %s cannot go on", campaign_id)
        return False


def _advance_one(ctx: Context, campaign_id: int) -> bool:
    if _expire(ctx, campaign_id):
        return True
    with transaction(ctx.engine) as conn:
        row = campaigns.get_campaign(conn, campaign_id, lock=True)
        if row is None or row["state"] not in ("scheduled", "running"):
            return False
        if row["state"] == "scheduled":
            same = row["approved_hash"] == content_hash(dict(row))  # four eyes saw what is about to begin
            return campaigns.move_campaign(conn, campaign_id, "running" if same else "draft")
        if row["planned_at"] is not None:
            return _finish(conn, ctx, campaign_id)
        selected = row["selected_at"] is not None
    if not selected:
        audience(ctx, campaign_id)
        if refuse_empty(ctx, campaign_id) or halt_drifted(ctx, campaign_id):
            return True
    used = ctx.kept.of(Plans).used
    planned = plan_chunk(ctx, campaign_id, CHUNK, used[campaign_id])
    if planned < CHUNK:
        plan_chunk(ctx, campaign_id, CHUNK, used.pop(campaign_id))  # finds no more, and says so
    return planned > 0


def _expire(ctx: Context, campaign_id: int) -> bool:
    """After its expiry nothing more is sent, and a rest need not be resumed."""
    with transaction(ctx.engine) as conn:
        row = campaigns.get_campaign(conn, campaign_id, lock=True)
        if row is None or row["expires_at"] is None or row["expires_at"] > ctx.clock():
            return False
        moved = campaigns.move_campaign(conn, campaign_id, "expired")
    if moved:
        end_deliveries(ctx, campaign_id, "expired")
    return moved


def _finish(conn: Connection, ctx: Context, campaign_id: int) -> bool:
    """A campaign is finished when nothing of it may change by our own doing."""
    if deliveries.is_open(conn, campaign_id, max_attempts=MAX_ATTEMPTS):
        return False
    return campaigns.move_campaign(conn, campaign_id, "finished", {"finished_at": ctx.clock()})
