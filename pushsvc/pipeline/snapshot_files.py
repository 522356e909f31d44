"""Snapshots as files of this host: made from the database, kept there for the others, fetched from it by version."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from profiles.snapshot.manifest import NAME, SnapshotError
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.writing import sweep_leftovers
from pushsvc.context import Context
from pushsvc.store import snapshots as stored
from pushsvc.store.session import Connection

_PIECE = 1 << 20  # bytes read at a time
_FETCHING = ".fetching-"
_ABANDONED = timedelta(hours=6)  # nobody writes a snapshot for so long


def folder_of(ctx: Context) -> Path:
    """Where this host keeps its snapshots."""
    return ctx.settings.var / "snapshots"


def local_snapshot(ctx: Context, conn: Connection, row: stored.SnapshotRow) -> Snapshot:
    """The snapshot of a stored row, mapped; fetched where this host lacks it, and once more where its copy is damaged.

    Raises SnapshotError.
    """
    path = folder_of(ctx) / row.version
    if path.is_dir():
        try:
            return open_snapshot(path)
        except SnapshotError as exc:
            if exc.code not in ("damaged", "cut_short", "missing_shard"):
                raise
            path.rename(path.with_name(f"{_FETCHING}{row.version}-bad-{uuid.uuid4().hex}"))
    fetch(conn, row, path)
    return open_snapshot(path)


def fetch(conn: Connection, row: stored.SnapshotRow, path: Path) -> None:
    """Copy a stored snapshot to `path`, which is there whole or not at all. Raises SnapshotError no_snapshot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{_FETCHING}{row.version}-{uuid.uuid4().hex}")
    try:
        for name in (NAME, *sorted((row.manifest or {}).get("files", ()))):
            target = unfinished / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                file.writelines(stored.fetch_file(conn, row.version, name))
        unfinished.rename(path)
    except (stored.SnapshotError, OSError) as exc:
        if not path.is_dir():  # else another process of this host was faster
            raise SnapshotError("no_snapshot", row.version, f"It cannot be fetched: {exc}.") from exc
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def save(conn: Connection, path: Path, progress: Callable[[int], object] = lambda done: None) -> Mapping[str, Any]:
    """Store every file of a written snapshot; returns its manifest. `progress` is called with the bytes of each."""
    manifest: Mapping[str, Any] = json.loads((path / NAME).read_bytes())
    for name in (NAME, *manifest["files"]):
        progress(stored.save_file(conn, path.name, name, _pieces(path / name)))
    return manifest


def sweep_folder(ctx: Context, conn: Connection) -> list[str]:
    """Remove this host's copies of snapshots that are no longer stored, and what was left half done."""
    folder = folder_of(ctx)
    kept = {row.version for row in stored.ready_versions(conn, limit=100)}
    old = ctx.clock() - _ABANDONED
    gone = sweep_leftovers(folder, before=old)
    for path in folder.iterdir() if folder.is_dir() else ():
        aged = datetime.fromtimestamp(path.lstat().st_mtime, UTC) < old
        if aged and path.name not in kept and (path.name.startswith(_FETCHING) or not path.name.startswith(".")):
            shutil.rmtree(path, ignore_errors=True)
            gone.append(path.name)
    return gone


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
