"""Snapshots as rows: files in parts that any host can fetch; one is served only once it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from pushsvc.store.session import Connection
from pushsvc.store.tables import snapshot, snapshot_part

PART = 4 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class NewSnapshot:
    """A snapshot about to be made. `watermark`: the `xmin` of the mark it was read at."""

    version: str
    made_at: datetime
    on_day: date
    shards: int
    vocabulary: str
    watermark: int


@dataclass(frozen=True)
class SnapshotRow:
    """A snapshot as stored; `state` is building, ready or refused. `profiles` and `manifest` are None until ready."""

    id: int
    version: str
    made_at: datetime
    on_day: date
    shards: int
    vocabulary: str
    watermark: int
    profiles: int | None
    manifest: Mapping[str, Any] | None
    state: str


class SnapshotError(RuntimeError):
    """A snapshot that cannot be written or read. `code`: taken, not_building or no_file."""

    def __init__(self, code: str, place: str, sentence: str) -> None:
        super().__init__(f"{place}: {sentence}")
        self.code, self.place = code, place


_ROW = tuple(snapshot.c[name] for name in SnapshotRow.__dataclass_fields__)


def begin_snapshot(conn: Connection, new: NewSnapshot) -> None:
    """Announce a snapshot: its files may be saved. Raises SnapshotError taken."""
    try:
        with conn.begin_nested():
            conn.execute(insert(snapshot).values(**new.__dict__))
    except IntegrityError as exc:
        raise SnapshotError("taken", new.version, "There is a snapshot of this version.") from exc


def save_file(conn: Connection, version: str, path: str, chunks: Iterable[bytes]) -> int:
    """Save one file, from pieces of any size, over what there was of it; returns its bytes.

    Only one part is held in memory. Raises SnapshotError not_building.
    """
    building = select(snapshot.c.id).where(snapshot.c.version == version, snapshot.c.state == "building")
    if conn.execute(building.with_for_update()).first() is None:
        raise SnapshotError("not_building", version, "No snapshot of this version is being made.")
    mine = snapshot_part.c.version == version, snapshot_part.c.path == path
    conn.execute(delete(snapshot_part).where(*mine))
    size = 0
    for part, content in enumerate(_parts(chunks)):
        row = {"version": version, "path": path, "part": part, "content": content}
        conn.execute(insert(snapshot_part).values(**row))
        size += len(content)
    return size


def finish_snapshot(conn: Connection, version: str, *, profiles: int, manifest: Mapping[str, Any]) -> None:
    """All files are there: from this transaction's end it is the newest one. Raises SnapshotError not_building."""
    building = update(snapshot).where(snapshot.c.version == version, snapshot.c.state == "building")
    if conn.execute(building.values(state="ready", profiles=profiles, manifest=dict(manifest))).rowcount != 1:
        raise SnapshotError("not_building", version, "No snapshot of this version is being made.")


def refuse_snapshot(conn: Connection, version: str) -> bool:
    """Take a snapshot out of service (damaged, or its making failed); False where there is none to refuse."""
    served = update(snapshot).where(snapshot.c.version == version, snapshot.c.state != "refused")
    return conn.execute(served.values(state="refused")).rowcount == 1


def latest_ready(conn: Connection) -> SnapshotRow | None:
    """The newest snapshot that is whole."""
    return next(iter(ready_versions(conn, 1)), None)


def ready_versions(conn: Connection, limit: int) -> list[SnapshotRow]:
    """The whole snapshots, the newest first."""
    query = select(*_ROW).where(snapshot.c.state == "ready").order_by(snapshot.c.id.desc()).limit(limit)
    return [SnapshotRow(*row) for row in conn.execute(query)]


def fetch_file(conn: Connection, version: str, path: str) -> Iterator[bytes]:
    """A file's bytes, a part at a time. Raises SnapshotError no_file, also where it was dropped meanwhile."""
    mine = snapshot_part.c.version == version, snapshot_part.c.path == path
    parts = list(conn.scalars(select(snapshot_part.c.part).where(*mine).order_by(snapshot_part.c.part)))
    if not parts or parts != list(range(len(parts))):
        raise SnapshotError("no_file", f"{version}/{path}", "The file is not stored, or not all of it.")
    for part in parts:
        content = conn.scalar(select(snapshot_part.c.content).where(*mine, snapshot_part.c.part == part))
        if content is None:
            raise SnapshotError("no_file", f"{version}/{path}", "The file was dropped while it was read.")
        yield content


def drop_old(conn: Connection, keep: int = 2) -> list[str]:
    """Remove snapshots with their files, all but the newest `keep` ready ones and what is younger than those.

    Refused ones and those that were never finished go as soon as a younger one is ready. Returns their versions.
    """
    kept = select(snapshot.c.id).where(snapshot.c.state == "ready").order_by(snapshot.c.id.desc()).limit(keep)
    numbers = list(conn.scalars(kept))
    if not numbers:
        return []
    old = (snapshot.c.id < max(numbers)) & snapshot.c.id.not_in(numbers)
    versions = list(conn.scalars(select(snapshot.c.version).where(old).order_by(snapshot.c.id).with_for_update()))
    conn.execute(delete(snapshot_part).where(snapshot_part.c.version.in_(versions)))
    conn.execute(delete(snapshot).where(snapshot.c.version.in_(versions)))
    return versions


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of PART, the last one shorter; one empty piece where there are none."""
    held, some = bytearray(), False
    for chunk in chunks:
        held += chunk
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
            some = True
    if held or not some:
        yield bytes(held)
