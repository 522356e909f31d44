"""How many of the messages that arrived were opened, by door and time: what a model's taking over changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from pushsvc.store.session import Connection
from pushsvc.store.states import ACCEPTED
from pushsvc.store.tables import delivery

OPENED = "opened"


@dataclass(frozen=True)
class Opened:
    """Messages through one door that a provider accepted, and those of them that were opened."""

    door: str
    sent: int
    opened: int

    @property
    def rate(self) -> float | None:
        """Share that was opened; None where nothing was sent."""
        return self.opened / self.sent if self.sent else None


def opened_by_door(conn: Connection, since: datetime, until: datetime) -> dict[str, Opened]:
    """Deliveries accepted from `since` on and before `until`, by door."""
    c = delivery.c
    opened = func.sum(case((c.state == OPENED, 1), else_=0))
    query = select(c.door, func.count(), opened).where(c.accepted_at >= since, c.accepted_at < until)
    rows = conn.execute(query.where(c.state.in_(ACCEPTED)).group_by(c.door))
    return {door: Opened(door, int(sent), int(count)) for door, sent, count in rows}
