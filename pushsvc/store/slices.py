"""Slices: claim by one UPDATE that one worker can win; the database's clock rules the lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, RowMapping, exists, func, insert, or_, select, update

from profiles.gates import CHANNELS
from pushsvc.store.bulk import copy_columns, new_numbers
from pushsvc.store.tables import campaign, delivery, run, slice_

_lapses = func.clock_timestamp


def insert_slice(conn: Connection, *, run_id: int, channel: str, lane: str, due_at: datetime, step: int = 0) -> int:
    """A new ready slice; returns its id."""
    row = {"run_id": run_id, "channel": channel, "lane": lane, "due_at": due_at, "step": step}
    return int(conn.execute(insert(slice_).values(**row).returning(slice_.c.id)).scalar_one())


def write_slices(
    conn: Connection, same: Mapping[str, object], channels: NDArray[np.int8], due: NDArray[np.int64]
) -> NDArray[np.int64]:
    """n new slices by their channels (indices into CHANNELS) and due moments (microseconds); their ids.

    `same`: what they share: `run_id`, `lane`, `step`, `state`.
    """
    import pyarrow as pa

    ids = new_numbers(conn, "slice", len(due))
    words = np.array(CHANNELS)[channels].tolist()
    columns = {name: pa.repeat(pa.scalar(value), len(due)) for name, value in same.items()}
    moments = pa.array(due).cast(pa.timestamp("us", "UTC"))
    copy_columns(conn, "slice", columns | {"id": pa.array(ids), "channel": pa.array(words), "due_at": moments})
    return np.array(ids, dtype=np.int64)


@dataclass(frozen=True)
class Due:
    """A run that has a due slice on a channel; `rate`: messages a second that its campaign may send, None any."""

    run_id: int
    channel: str
    campaign_id: int | None
    rate: float | None


@dataclass(frozen=True)
class Lease:
    """What a worker brings to a claim: a token of its own, its name, and for how many seconds it wants the slice."""

    token: UUID
    worker: str
    seconds: float


def claim(conn: Connection, lease: Lease, due: Due, *, lane: str, now: datetime) -> RowMapping | None:
    """Lease the slice of this run and channel that has been due longest, or None: others were there before."""
    due_now = (
        select(slice_.c.id)
        .join(run, run.c.id == slice_.c.run_id)
        .outerjoin(campaign, campaign.c.id == run.c.campaign_id)
        .where(slice_.c.state == "ready", slice_.c.lane == lane, slice_.c.due_at <= now)
        .where(slice_.c.run_id == due.run_id, slice_.c.channel == due.channel, _may_go_on())
        .order_by(slice_.c.due_at, slice_.c.id)
        .limit(1)
        .with_for_update(of=slice_, skip_locked=True)
        .scalar_subquery()
    )
    held = {"state": "leased", "lease_token": lease.token, "lease_until": _until(lease.seconds), "worker": lease.worker}
    change = update(slice_).where(slice_.c.id == due_now).values(**held, attempts=slice_.c.attempts + 1)
    return conn.execute(change.returning(slice_)).mappings().one_or_none()


def due_work(conn: Connection, *, lane: str, now: datetime) -> list[Due]:
    """The runs and channels of the lane that have a due slice."""
    query = (
        select(slice_.c.run_id, slice_.c.channel, campaign.c.id, campaign.c.rate_per_second)
        .distinct()
        .join(run, run.c.id == slice_.c.run_id)
        .outerjoin(campaign, campaign.c.id == run.c.campaign_id)
        .where(slice_.c.state == "ready", slice_.c.lane == lane, slice_.c.due_at <= now, _may_go_on())
    )
    return sorted((Due(*row) for row in conn.execute(query)), key=lambda one: (one.run_id, one.channel))


def finish(conn: Connection, slice_id: int, token: UUID) -> bool:
    """Mark a slice done whose lease is still ours; one that has lapsed is for the sweep to look at."""
    held = slice_.c.id == slice_id, slice_.c.lease_token == token, slice_.c.state == "leased"
    done = update(slice_).where(*held, slice_.c.lease_until > _lapses()).values(state="done", lease_token=None)
    return conn.execute(done).rowcount == 1


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
