"""The published profiles and wishes as a process holds them: the last good snapshot, and what changed since on top.

Every look first reads the log of changes, so that a fact, a consent or a wish changed a moment ago counts. A snapshot
that cannot be used is refused and named in the log; the one before it, or the database itself, serves on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from profiles.publishing import Batch, make_snapshot
from profiles.ragged import Rows
from profiles.snapshot.manifest import SnapshotError
from profiles.snapshot.segments import Snapshot
from profiles.snapshot_stages import with_stages
from profiles.subscriptions import Layers, SubscriptionIndex
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.snapshot_files import local_snapshot
from pushsvc.pipeline.wishes import build_index
from pushsvc.store.changes import ChangesError, Mark, changed_since, reading
from pushsvc.store.published import stream_profiles
from pushsvc.store.published_shared import firms_of, shared_addresses
from pushsvc.store.session import Connection
from pushsvc.store.snapshots import ready_versions

_TRIED = 3  # versions looked at before the database itself is read
_LAYERS = 24  # fresh segments beyond which everything changed since the snapshot is read again as one
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Published:
    """What an audience is chosen from. `base`: the snapshot below, without what changed; `changed`: whose rows did."""

    base: Snapshot
    snapshot: Snapshot
    wishes: Layers
    mark: Mark
    changed: Rows


@dataclass
class Holder:
    """What one process holds of it; `refused`: versions that could not be used."""

    now: Published | None = None
    refused: dict[str, SnapshotError | ChangesError] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def published(ctx: Context) -> Published:
    """Profiles and wishes as they are now, seen from a transaction of its own."""
    holder = ctx.kept.of(Holder)
    with holder.lock, reading(ctx.engine) as (conn, mark):
        today = city_day(ctx)  # one day for all of it, though midnight may pass meanwhile
        now = _newest(ctx, holder, conn, today) or _held(holder, conn, today) or _read(conn, mark, today)
        holder.now = replace(now, snapshot=_on_day(now.snapshot, today))
        return holder.now


def _newest(ctx: Context, holder: Holder, conn: Connection, on: date) -> Published | None:
    """The newest snapshot that can be used, caught up; None where the process holds it already, or none can."""
    for row in ready_versions(conn, _TRIED):
        if holder.now and holder.now.base.version == row.version:
            return None
        if row.version in holder.refused:
            continue
        try:
            base = local_snapshot(ctx, conn, row)
            wishes = Layers(SubscriptionIndex.from_arrays(base.extra))
            return _caught_up(conn, Published(base, base, wishes, Mark(row.watermark), np.zeros(0, np.int64)), on)
        except (SnapshotError, ChangesError) as exc:
            _log.error("snapshot %s is refused: %s: %s", row.version, exc.code, exc)
            holder.refused[row.version] = exc
    return None


def _held(holder: Holder, conn: Connection, on: date) -> Published | None:
    """What the process holds, caught up; None where it holds nothing, or cannot tell what changed since."""
    try:
        return _caught_up(conn, holder.now, on) if holder.now else None
    except ChangesError as exc:
        _log.warning("read anew: %s", exc)
        return None


def _read(conn: Connection, mark: Mark, on: date) -> Published:
    """Everything from the database, into memory."""
    base = _fresh(conn, None, on=on, watermark=mark.xmin, shared=shared_addresses(conn))
    return Published(base, base, Layers(build_index(conn)), mark, np.zeros(0, dtype=np.int64))


def _caught_up(conn: Connection, now: Published, on: date) -> Published:
    changes = changed_since(conn, now.mark)
    if not len(changes.profile_ids):
        return replace(now, mark=changes.mark)
    ids = np.union1d(changes.profile_ids, firms_of(conn, changes.profile_ids))  # reached where their members are
    pairs = shared_addresses(conn, ids)
    again = np.union1d(ids, pairs[0])  # who shares an address with them is told so anew
    changed = np.union1d(now.changed, again)
    below = now.snapshot
    if len(below.segments) - len(now.base.segments) > _LAYERS:
        below, again, pairs = now.base, changed, shared_addresses(conn, changed)
    fresh = _fresh(conn, again, on=on, watermark=changes.mark.xmin, shared=pairs)
    return Published(
        now.base,
        below.refreshed(again, fresh.segments, changes.mark.xmin),
        now.wishes.refreshed(changed, build_index(conn, changed)),
        changes.mark,
        changed,
    )


def _fresh(conn: Connection, ids: Rows | None, *, on: date, watermark: int, shared: tuple[Rows, Rows]) -> Snapshot:
    # Closed before anybody else has the connection, whatever goes wrong: it is read ahead in another thread.
    with closing(batches(conn, ids)) as told:
        return make_snapshot(told, on=on, shards=1, version="", watermark=watermark, shared=shared)


def _on_day(snapshot: Snapshot, today: date) -> Snapshot:
    """The snapshot with its stages of today."""
    return snapshot if snapshot.on == today else with_stages(snapshot, today)


def batches(
    conn: Connection, profile_ids: Rows | None = None, *, progress: Callable[[int], object] = lambda done: None
) -> Generator[Batch, None, None]:
    """Profiles as `make_snapshot` takes them. Close it before anybody else uses the connection."""
    with closing(stream_profiles(conn, profile_ids=profile_ids, progress=progress)) as found:
        for batch in found:
            yield batch.frame, batch.shard, batch.personalised
