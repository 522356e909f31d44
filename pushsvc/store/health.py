"""Counts that tell whether the service keeps up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from pushsvc.store.session import Connection
from pushsvc.store.tables import campaign, delivery, receipt, slice_

Rows = list[tuple[dict[str, str], float]]


def ping(conn: Connection) -> None:
    """Ask the database anything. Raises SQLAlchemyError."""
    conn.execute(select(1))


def counts(conn: Connection, now: datetime) -> dict[str, Rows]:
    """{metric: [(labels, value)]}."""
    by_state = select(delivery.c.channel, delivery.c.state, func.count()).group_by(delivery.c.channel, delivery.c.state)
    campaigns = select(campaign.c.state, func.count()).group_by(campaign.c.state)
    due = select(slice_.c.lane, func.count(), func.min(slice_.c.due_at))
    due = due.where(slice_.c.state == "ready", slice_.c.due_at <= now).group_by(slice_.c.lane)
    unmatched = select(func.count()).select_from(receipt).where(receipt.c.matched_at.is_(None))
    lanes = list(conn.execute(due))
    return {
        "pushsvc_deliveries": [({"channel": c, "state": s}, n) for c, s, n in conn.execute(by_state)],
        "pushsvc_campaigns": [({"state": s}, n) for s, n in conn.execute(campaigns)],
        "pushsvc_slices_due": [({"lane": lane}, n) for lane, n, _ in lanes],
        "pushsvc_oldest_due_seconds": [({"lane": lane}, (now - at).total_seconds()) for lane, _, at in lanes],
        "pushsvc_receipts_unmatched": [({}, conn.scalar(unmatched) or 0)],
    }
