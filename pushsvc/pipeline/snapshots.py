"""Make snapshots: profiles and wishes of one state of the database, written, stored, and only then served."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profiles.facts import FACTS
from profiles.publishing import write_snapshot
from profiles.snapshot.manifest import Edition
from profiles.snapshot.vocabulary import fingerprint
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.published import batches
from pushsvc.pipeline.snapshot_files import folder_of, save, sweep_folder
from pushsvc.pipeline.wishes import build_index
from pushsvc.store import snapshots as stored
from pushsvc.store.changes import ChangesError, Mark, backlog, logged, mark_now, prune, reading
from pushsvc.store.locks import try_publishing
from pushsvc.store.people import more_profiles_than
from pushsvc.store.published import shared_addresses
from pushsvc.store.session import transaction

Progress = Callable[[int], object]

FEW = 50_000  # profiles up to which every process reads the database itself, within a second
_KEPT = 2  # snapshots stored: the one that serves, and the last good one before it
_SHARE = 50  # a new one is due once one profile in so many has changed


@dataclass(frozen=True)
class Made:
    """A snapshot that was made: where it stands on this host, and how many profiles and bytes it has."""

    version: str
    path: Path
    profiles: int
    size: int


def publish_snapshot(ctx: Context, progress: Progress = lambda done: None) -> Made | None:
    """Make and store a snapshot of all profiles; `progress` counts them. None where somebody else is at it."""
    with transaction(ctx.engine) as alone:
        if not try_publishing(alone):
            return None
        path, edition = write_local(ctx, progress)
        try:
            manifest = _store(ctx, path, edition)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)  # it is tried again soon: the disk would fill
            raise
        _tidy(ctx)
    size = sum(entry["size"] for entry in manifest["files"].values())
    return Made(edition.version, path, manifest["profiles"], size)


def is_due(ctx: Context) -> bool:
    """Whether a new snapshot is due: there is none of a large city, it is of another day, or much has changed."""
    with transaction(ctx.engine) as conn:
        kept = stored.ready_versions(conn, _KEPT)
        # While old and new programs run side by side each finds one that it can read: they do not publish in turns.
        newest = next((row for row in kept if row.vocabulary == fingerprint(FACTS)), None)
        if newest is None:
            return bool(kept) or more_profiles_than(conn, FEW)
        if newest.on_day != city_day(ctx):
            return True
        try:
            return backlog(conn, Mark(newest.watermark)) > max(FEW, (newest.profiles or 0) // _SHARE)
        except ChangesError:  # a restored database, or a table emptied at one stroke: nobody can use that snapshot
            return True


def forget_changes(ctx: Context) -> int:
    """Where no snapshot asks for the log of changes, keep it short; returns how many rows went.

    Whoever is behind reads the database anew, within a second: without a snapshot the city is small.
    """
    with transaction(ctx.engine) as conn:
        if stored.latest_ready(conn) or more_profiles_than(conn, FEW) or logged(conn) <= FEW:
            return 0
        return prune(conn, mark_now(conn).xmin)


def write_local(ctx: Context, progress: Progress = lambda done: None) -> tuple[Path, Edition]:
    """A snapshot of all profiles as a folder of this host, not stored yet."""
    day = city_day(ctx)
    version = f"{day:%Y%m%d}-{uuid.uuid4().hex[:12]}"
    with reading(ctx.engine) as (conn, mark):
        edition = Edition(version, day, ctx.settings.snapshot_shards, mark.xmin)
        shared, wishes = shared_addresses(conn), build_index(conn).to_arrays()
        with closing(batches(conn, progress=progress)) as told:
            return write_snapshot(folder_of(ctx), told, edition, shared=shared, extra=wishes), edition


def _store(ctx: Context, path: Path, edition: Edition) -> Mapping[str, Any]:
    """The manifest of a written snapshot that is now stored whole, and the newest one."""
    new = stored.NewSnapshot(
        version=edition.version,
        made_at=ctx.clock(),
        on_day=edition.on,
        shards=edition.shards,
        vocabulary=fingerprint(FACTS),
        watermark=edition.watermark,
    )
    with transaction(ctx.engine) as conn:
        stored.begin_snapshot(conn, new)
        manifest = save(conn, path)
        stored.finish_snapshot(conn, edition.version, profiles=manifest["profiles"], manifest=manifest)
    return manifest


def _tidy(ctx: Context) -> None:
    """Forget older snapshots, and the changes that every kept one has in it."""
    with transaction(ctx.engine) as conn:
        newest, *older = stored.ready_versions(conn, _KEPT)
        for row in older:
            if row.watermark > newest.watermark:  # of a database that was restored as this one: it counted otherwise
                stored.refuse_snapshot(conn, row.version)
        stored.drop_old(conn, keep=_KEPT)
        kept = stored.ready_versions(conn, _KEPT)
        prune(conn, min(row.watermark for row in kept))
        sweep_folder(ctx, conn)
