"""Snapshots as files of this host: made from the database, kept there for the others, fetched from it by version."""

from __future__ import annotations

import fcntl
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from profiles.snapshot.manifest import NAME, VERSIONS, SnapshotError, is_file_name
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.writing import sweep_leftovers
from pushsvc.context import Context
from pushsvc.store import snapshots as stored
from pushsvc.store.session import Connection

_PIECE = 1 << 20  # bytes read at a time
_FETCHING = ".fetching-"
_LOCK = ".lock"
_FETCH_ANEW = ("damaged", "cut_short", "missing_shard", "no_snapshot")
_ABANDONED = timedelta(hours=6)  # nobody writes a snapshot for so long


def folder_of(ctx: Context) -> Path:
    """Where this host keeps its snapshots."""
    return ctx.settings.var / "snapshots"


def local_snapshot(ctx: Context, conn: Connection, row: stored.SnapshotRow) -> Snapshot:
    """The snapshot of a stored row, mapped; fetched where this host lacks it, and once more where its copy is damaged.

    Of the processes of a host one fetches and the others wait for it. Raises SnapshotError.
    """
    if not VERSIONS.fullmatch(row.version):
        raise SnapshotError("bad_name", row.version, "A version is letters, digits, points, dashes.")
    path = folder_of(ctx) / row.version
    try:
        if (found := _opened(path)) is not None:
            return found
        with _alone(path.parent):
            if (found := _opened(path)) is not None:  # another process was faster
                return found
            if path.exists():
                path.rename(path.with_name(f"{_FETCHING}{row.version}-bad-{uuid.uuid4().hex}"))
            fetch(conn, row, path)
            sweep_folder(ctx, conn)
            return open_snapshot(path)  # before anybody else may take it for damaged and put it aside
    except OSError as exc:
        raise SnapshotError("no_snapshot", row.version, f"It cannot be kept on this host: {exc}.") from exc


def fetch(conn: Connection, row: stored.SnapshotRow, path: Path) -> None:
    """Copy a stored snapshot to `path`, which is there whole or not at all.

    Raises SnapshotError: no_snapshot, damaged (a file of it is to lie elsewhere).
    """
    names = (NAME, *sorted((row.manifest or {}).get("files", ())))
    if not all(map(is_file_name, names)):
        raise SnapshotError("damaged", row.version, "Its manifest names a file that no snapshot has.")
    unfinished = path.with_name(f"{_FETCHING}{row.version}-{uuid.uuid4().hex}")
    try:
        unfinished.mkdir(mode=0o700)
        for name in names:
            target = unfinished / name
            target.parent.mkdir(exist_ok=True)
            with target.open("wb") as file:
                file.writelines(stored.fetch_file(conn, row.version, name))
        unfinished.rename(path)
    except (stored.SnapshotError, OSError) as exc:
        raise SnapshotError("no_snapshot", row.version, f"It cannot be fetched: {exc}.") from exc
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _opened(path: Path) -> Snapshot | None:
    """The copy of this host; None where there is none, it is damaged, or another process puts it aside this moment.
    Raises SnapshotError: no copy would do."""
    try:
        return open_snapshot(path) if path.is_dir() else None
    except FileNotFoundError:
        return None
    except SnapshotError as exc:
        if exc.code in _FETCH_ANEW:
            return None
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process of this host is inside meanwhile; one that dies is out."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


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
        lost = path.name.startswith(_FETCHING) or not path.name.startswith(".")
        if lost and path.name not in kept and _changed_at(path) < old:
            shutil.rmtree(path, ignore_errors=True)
            gone.append(path.name)
    return gone


def _changed_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except FileNotFoundError:  # another process of this host removes it
        return datetime.max.replace(tzinfo=UTC)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
