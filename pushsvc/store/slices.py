"""Slices: claim by one UPDATE that one worker can win; the database's clock rules the lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, RowMapping, exists, func, insert, or_, select, update

from profiles.gates import CHANNELS
from pushsvc.store.bulk import copy_columns, new_numbers
from pushsvc.store.session import rows_cursor
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


# Written out, as every slice asks for them. Runs are found by leaps along the index, not by reading all that is due.
_DUE = """
    with recursive pair as (
        (select run_id, channel from slice where state = 'ready' and lane = %(lane)s order by run_id, channel limit 1)
        union all
        select next.run_id, next.channel from pair cross join lateral (
            select run_id, channel from slice
            where state = 'ready' and lane = %(lane)s and (run_id, channel) > (pair.run_id, pair.channel)
            order by run_id, channel limit 1
        ) next
    )
    select run_id, channel, campaign.id as campaign_id, campaign.rate_per_second as rate
    from pair join run on run.id = run_id left join campaign on campaign.id = run.campaign_id
    where (campaign.id is null or campaign.state = 'running') and exists (
        select from slice s where s.state = 'ready' and s.lane = %(lane)s and s.run_id = pair.run_id
        and s.channel = pair.channel and s.due_at <= %(now)s
    )
    order by run_id, channel
"""
_CLAIM = """
    update slice set state = 'leased', lease_token = %(token)s, worker = %(worker)s, attempts = attempts + 1,
        lease_until = clock_timestamp() + %(seconds)s * interval '1 second'
    where id = (
        select slice.id from slice join run on run.id = run_id left join campaign on campaign.id = run.campaign_id
        where slice.state = 'ready' and slice.lane = %(lane)s and run_id = %(run_id)s and slice.channel = %(channel)s
          and slice.due_at <= %(now)s and (campaign.id is null or campaign.state = 'running')
        order by slice.due_at, slice.id limit 1 for update of slice skip locked
    ) returning id, run_id, channel, step
"""


def due_work(conn: Connection, *, lane: str, now: datetime) -> list[Due]:
    """The runs and channels of the lane that have a due slice."""
    return [Due(**row) for row in rows_cursor(conn).execute(_DUE, {"lane": lane, "now": now}).fetchall()]


def claim(conn: Connection, lease: Lease, due: Due, *, lane: str, now: datetime) -> Mapping[str, Any] | None:
    """Lease the slice of this run and channel that has been due longest: its `id`, `run_id`, `channel` and `step`; or
    None: others were there before."""
    values = {**vars(lease), "lane": lane, "run_id": due.run_id, "channel": due.channel, "now": now}
    return rows_cursor(conn).execute(_CLAIM, values).fetchone()


_FINISH = """
    update slice set state = 'done', lease_token = null
    where id = %s and lease_token = %s and state = 'leased' and lease_until > clock_timestamp()
"""


def finish(conn: Connection, slice_id: int, token: UUID) -> bool:
    """Mark a slice done whose lease is still ours; one that has lapsed is for the sweep to look at."""
    return rows_cursor(conn).execute(_FINISH, (slice_id, token)).rowcount == 1


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
