"""How many policies of each topic were published lately."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, cast, func, select

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy


def published_by_topic(conn: Connection, since: date) -> dict[str, int]:
    """Topic → policies put out after the day `since`, or come out here where their office names no day."""
    here = cast(func.timezone("Asia/Shanghai", policy.c.published_at), Date)
    mine = policy.c.state == "published", func.coalesce(policy.c.date_published, here) > since
    query = select(policy.c.topic, func.count()).where(*mine).group_by(policy.c.topic)
    return {topic: int(n) for topic, n in conn.execute(query)}
