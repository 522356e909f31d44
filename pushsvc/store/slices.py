"""Slices: claim by one UPDATE that one worker can win; the database's clock rules the lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, cast, exists, func, insert, or_, select, update

from pushsvc.store.tables import campaign, delivery, run, slice_

_lapses = func.clock_timestamp


def insert_slice(conn: Connection, *, run_id: int, channel: str, lane: str, due_at: datetime) -> int:
    """A new ready slice; returns its id."""
    row = {"run_id": run_id, "channel": channel, "lane": lane, "due_at": due_at}
    return int(conn.execute(insert(slice_).values(**row).returning(slice_.c.id)).scalar_one())


@dataclass(frozen=True)
class Lease:
    """What a worker brings to a claim: a token of its own, its name, and for how many seconds it wants the slice."""

    token: UUID
    worker: str
    seconds: float


def claim(conn: Connection, lease: Lease, *, lane: str, channels: Sequence[str], now: datetime) -> RowMapping | None:
    """Lease one due slice of the lane, or None. The token's hash draws the run, so that campaigns share fairly."""
    draw = func.hashtext(cast(slice_.c.run_id, Text) + str(lease.token))
    due = (
        select(slice_.c.id)
        .join(run, run.c.id == slice_.c.run_id)
        .outerjoin(campaign, campaign.c.id == run.c.campaign_id)
        .where(slice_.c.state == "ready", slice_.c.lane == lane, slice_.c.due_at <= now)
        .where(slice_.c.channel.in_(channels), _may_go_on())
        .order_by(draw, slice_.c.due_at, slice_.c.id)
        .limit(1)
        .with_for_update(of=slice_, skip_locked=True)
        .scalar_subquery()
    )
    held = {"state": "leased", "lease_token": lease.token, "lease_until": _until(lease.seconds), "worker": lease.worker}
    change = update(slice_).where(slice_.c.id == due).values(**held, attempts=slice_.c.attempts + 1)
    return conn.execute(change.returning(slice_)).mappings().one_or_none()


def due_channels(conn: Connection, *, lane: str, now: datetime) -> list[str]:
    """The channels on which the lane has a due slice."""
    query = (
        select(slice_.c.channel)
        .distinct()
        .join(run, run.c.id == slice_.c.run_id)
        .outerjoin(campaign, campaign.c.id == run.c.campaign_id)
        .where(slice_.c.state == "ready", slice_.c.lane == lane, slice_.c.due_at <= now, _may_go_on())
    )
    return sorted(conn.scalars(query))


def renew(conn: Connection, slice_id: int, token: UUID, lease: float) -> bool:
    """Lengthen a lease that is still ours; False means another may have it: stop."""
    held = update(slice_).where(slice_.c.id == slice_id, slice_.c.lease_token == token, slice_.c.state == "leased")
    held = held.where(slice_.c.lease_until > _lapses()).values(lease_until=_until(lease))
    return conn.execute(held).rowcount == 1


def finish(conn: Connection, slice_id: int, token: UUID) -> bool:
    """Mark a slice done that we still hold."""
    held = slice_.c.id == slice_id, slice_.c.lease_token == token, slice_.c.state == "leased"
    return conn.execute(update(slice_).where(*held).values(state="done", lease_token=None)).rowcount == 1


def lapsed(conn: Connection) -> list[RowMapping]:
    """Leased slices whose lease is over, locked; their worker is gone or late."""
    query = select(slice_).where(slice_.c.state == "leased", slice_.c.lease_until <= _lapses())
    return list(conn.execute(query.with_for_update(skip_locked=True).limit(500)).mappings())


def release(conn: Connection, slice_ids: Sequence[int]) -> None:
    """Put lapsed slices back: ready where members are still planned, done where none is."""
    left = exists().where(delivery.c.slice_id == slice_.c.id, delivery.c.state == "planned")
    back = {"lease_token": None, "lease_until": None, "worker": None}
    ours = slice_.c.id.in_(slice_ids)
    conn.execute(update(slice_).where(ours, left).values(state="ready", **back))
    conn.execute(update(slice_).where(ours, ~left).values(state="done", **back))


def close_ended(conn: Connection) -> int:
    """Ready slices of campaigns that have ended are done: nobody will claim them."""
    ended = select(run.c.id).join(campaign, campaign.c.id == run.c.campaign_id)
    ended = ended.where(campaign.c.state.in_(("finished", "cancelled", "expired")))
    ready = update(slice_).where(slice_.c.state == "ready", slice_.c.run_id.in_(ended))
    return conn.execute(ready.values(state="done")).rowcount


def due_lanes(conn: Connection, now: datetime) -> dict[str, tuple[int, datetime]]:
    """Lane → (due slices, the oldest due moment), of runs that may go on."""
    query = (
        select(slice_.c.lane, func.count(), func.min(slice_.c.due_at))
        .join(run, run.c.id == slice_.c.run_id)
        .outerjoin(campaign, campaign.c.id == run.c.campaign_id)
        .where(slice_.c.state == "ready", slice_.c.due_at <= now, _may_go_on())
        .group_by(slice_.c.lane)
    )
    return {lane: (int(n), oldest) for lane, n, oldest in conn.execute(query)}


def _may_go_on() -> ColumnElement[bool]:
    """The run belongs to no campaign, or to one that is running: paused ones rest."""
    return or_(campaign.c.id.is_(None), campaign.c.state == "running")


def _until(lease: float) -> ColumnElement[datetime]:
    return _lapses() + timedelta(seconds=lease)
