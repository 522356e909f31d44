"""How many policies of each topic were published lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy


def published_by_topic(conn: Connection, since: datetime) -> dict[str, int]:
    """Topic → policies published after `since` and not withdrawn again."""
    mine = policy.c.state == "published", policy.c.published_at > since
    query = select(policy.c.topic, func.count()).where(*mine).group_by(policy.c.topic)
    return {topic: int(n) for topic, n in conn.execute(query)}
