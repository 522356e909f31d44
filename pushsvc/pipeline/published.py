"""The published profiles and wishes as a process holds them: the last good snapshot, and what changed since on top.

Every look first reads the log of changes, so that a fact, a consent or a wish changed a moment ago counts. A snapshot
that cannot be used is refused and named in the log; the one before it, or the database itself, serves on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
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
from pushsvc.store.published import shared_addresses, stream_profiles
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
    refused: dict[str, SnapshotError] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def published(ctx: Context) -> Published:
    """Profiles and wishes as they are now, seen from a transaction of its own."""
    holder = ctx.kept.of(Holder)
    with holder.lock, reading(ctx.engine) as (conn, mark):
        now = _newest(ctx, holder, conn) or holder.now
        try:
            now = _caught_up(conn, now, city_day(ctx)) if now else None
        except ChangesError as exc:
            _log.warning("read anew: %s", exc)
            now = None
        now = now or _read(conn, mark, city_day(ctx))
        holder.now = replace(now, snapshot=_on_day(now.snapshot, city_day(ctx)))
        return holder.now


def _newest(ctx: Context, holder: Holder, conn: Connection) -> Published | None:
    """The newest snapshot that can be used; None where the process holds it already, or none can."""
    for row in ready_versions(conn, _TRIED):
        if holder.now and holder.now.base.version == row.version:
            return None
        if row.version in holder.refused:
            continue
        try:
            base = local_snapshot(ctx, conn, row)
            wishes = Layers(SubscriptionIndex.from_arrays(base.extra))
        except SnapshotError as exc:
            _log.error("snapshot %s is refused: %s: %s", row.version, exc.code, exc)
            holder.refused[row.version] = exc
            continue
        return Published(base, base, wishes, Mark(row.watermark), np.zeros(0, dtype=np.int64))
    return None


def _read(conn: Connection, mark: Mark, on: date) -> Published:
    """Everything from the database, into memory."""
    base = make_snapshot(batches(conn), on=on, shards=1, version="", watermark=mark.xmin, shared=shared_addresses(conn))
    return Published(base, base, Layers(build_index(conn)), mark, np.zeros(0, dtype=np.int64))


def _caught_up(conn: Connection, now: Published, on: date) -> Published:
    changes = changed_since(conn, now.mark)
    if not len(changes.profile_ids):
        return replace(now, mark=changes.mark)
    pairs = shared_addresses(conn, changes.profile_ids)
    again = np.union1d(changes.profile_ids, pairs[0])  # who shares an address with them is told so anew
    changed = np.union1d(now.changed, again)
    below = now.snapshot
    if len(below.segments) - len(now.base.segments) > _LAYERS:
        below, again, pairs = now.base, changed, shared_addresses(conn, changed)
    fresh = make_snapshot(batches(conn, again), on=on, shards=1, version="", watermark=changes.mark.xmin, shared=pairs)
    return Published(
        now.base,
        below.refreshed(again, fresh.segments, changes.mark.xmin),
        now.wishes.refreshed(changed, build_index(conn, changed)),
        changes.mark,
        changed,
    )


def _on_day(snapshot: Snapshot, today: date) -> Snapshot:
    """The snapshot with its stages of today."""
    return snapshot if snapshot.on == today else with_stages(snapshot, today)


def batches(
    conn: Connection, profile_ids: Rows | None = None, *, progress: Callable[[int], object] = lambda done: None
) -> Iterator[Batch]:
    """Profiles as `make_snapshot` takes them."""
    for batch in stream_profiles(conn, profile_ids=profile_ids, progress=progress):
        yield batch.frame, batch.shard, batch.personalised
