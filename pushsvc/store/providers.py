"""Providers: what people or the breaker decided about a route, and its latest calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from pushsvc.store.arrays import derived
from pushsvc.store.tables import attempt, delivery, provider, slice_


@dataclass(frozen=True)
class Decision:
    """What stands about a route; `weight` None is that of the settings, `until` is set while it is open."""

    route: str
    channel: str
    state: str
    weight: float | None
    reason: str | None
    changed_by: str
    changed_at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Call:
    """A finished attempt of a route."""

    route: str
    started_at: datetime
    seconds: float
    members: int
    troubled: int
    accepted: int
    rejected: int
    deferred: int
    unknown: int


def decisions(conn: Connection) -> dict[str, Decision]:
    """Route → what was decided; one without a row is on, with the weight of the settings."""
    return {row["route"]: Decision(**row) for row in conn.execute(select(provider)).mappings()}


def decide(conn: Connection, seen: Decision | None, new: Decision) -> bool:
    """Write `new` if what stands is still `seen` (None: nothing stood); False when somebody else decided meanwhile."""
    if seen is None:
        added = insert(provider).values(**vars(new)).on_conflict_do_nothing()
        return conn.execute(added.returning(provider.c.route)).one_or_none() is not None
    same = [provider.c[name].is_not_distinct_from(value) for name, value in vars(seen).items()]
    return conn.execute(update(provider).where(*same).values(**vars(new))).rowcount == 1


def recent_calls(conn: Connection, routes: Sequence[str], *, since: datetime, limit: int) -> list[Call]:
    """The newest finished attempts of each route that began at or after `since`, at most `limit` of each."""
    wanted = derived(route=(list(routes), Text))
    newest = (
        select(attempt)
        .where(attempt.c.route == wanted.c.route, attempt.c.started_at >= since, attempt.c.finished_at.is_not(None))
        .order_by(attempt.c.started_at.desc())
        .limit(limit)
        .lateral("newest")
    )
    seconds = func.extract("epoch", newest.c.finished_at - newest.c.started_at)
    counts = [newest.c[name] for name in ("members", "troubled", "accepted", "rejected", "deferred", "unknown")]
    query = select(wanted.c.route, newest.c.started_at, seconds.label("seconds"), *counts)
    rows = conn.execute(query.select_from(wanted.join(newest, true()))).mappings()
    return [_call(dict(row)) for row in rows]


def unsettled_by_route(conn: Connection) -> dict[str, int]:
    """Route → messages whose fate is unknown, of slices that still hold such."""
    query = (
        select(attempt.c.route, func.count().cast(BigInteger))
        .select_from(slice_)
        .join(delivery, delivery.c.slice_id == slice_.c.id)
        .join(attempt, attempt.c.id == delivery.c.attempt_id)
        .where(slice_.c.unsettled, delivery.c.state == "unknown", attempt.c.route != "")
        .group_by(attempt.c.route)
    )
    return {route: int(n) for route, n in conn.execute(query)}


def _call(row: dict[str, Any]) -> Call:
    return Call(**row | {"seconds": float(row["seconds"])})
