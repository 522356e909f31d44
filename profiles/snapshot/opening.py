"""A snapshot's folder opened: every array mapped read-only, nothing believed that does not fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from profiles.facts import FACTS, Fact
from profiles.snapshot.assembling import Parts
from profiles.snapshot.encoding import Levels
from profiles.snapshot.files import check_size, check_sum, map_array
from profiles.snapshot.finishing import prefix_of
from profiles.snapshot.manifest import Manifest, SnapshotError, read_manifest
from profiles.snapshot.segments import Segment, Snapshot
from profiles.snapshot.shelves import unshelved


def open_snapshot(
    path: Path, *, shards: Collection[int] | None = None, check: bool = True, facts: Mapping[str, Fact] = FACTS
) -> Snapshot:
    """The snapshot in a folder, all its shards or those asked for, for a program that knows these facts.

    `check`: read every file and compare it with its checksum; otherwise only sizes, types and the manifest are.
    Raises SnapshotError: all of its codes but those of writing.
    """
    try:
        return _open(read_manifest(path, facts), path, shards, check)
    except (OSError, AttributeError, TypeError) as exc:  # a manifest may hold anything where a table should be
        raise SnapshotError("damaged", path.name, f"The snapshot cannot be read: {exc}.") from exc


def _open(manifest: Manifest, path: Path, shards: Collection[int] | None, check: bool) -> Snapshot:
    opened = _Opened(path, manifest, check, _wanted(path, manifest, shards))
    opened.check_files()
    levels = {name: opened.levels(name, kind) for name, kind in manifest.levels.items()}
    segments = tuple(opened.segment(*one, levels) for one in opened.segments)
    edition = manifest.edition
    extra = {Path(file).stem: opened.array(file) for file in opened.files if file.startswith("extra/")}
    if shards is None and sum(len(one) for one in segments) != manifest.profiles:
        raise SnapshotError("damaged", path.name, f"The snapshot holds other than {manifest.profiles} profiles.")
    return Snapshot(
        edition.version, edition.on, segments, edition.watermark, edition.shards, manifest.vocabulary, extra
    )


@dataclass(frozen=True)
class _Opened:
    folder: Path
    manifest: Manifest
    check: bool
    segments: tuple[tuple[int, str], ...]

    @property
    def files(self) -> list[str]:
        prefixes = ("levels/", "extra/", *(prefix_of(*one) for one in self.segments))
        return [name for name in self.manifest.files if name.startswith(prefixes)]

    def check_files(self) -> None:
        entries = [(self.folder / name, self.manifest.files[name]) for name in self.files]
        for path, entry in entries:
            check_size(path, entry)
        if self.check:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda one: check_sum(*one), entries))

    def array(self, file: str) -> NDArray[Any]:
        return map_array(self.folder / file, self.manifest.files[file])

    def levels(self, name: str, kind: str) -> Levels:
        try:
            return unshelved(kind, lambda part: self.array(f"levels/{name}.{part}.npy"))
        except (ValueError, KeyError) as exc:
            raise self._damaged(f"levels/{name}", exc) from exc

    def segment(self, shard: int, kind: str, levels: Mapping[str, Levels]) -> Segment:
        prefix = prefix_of(shard, kind)
        names = [name for name in self.manifest.files if name.startswith(prefix)]
        arrays = {name.removeprefix(prefix).removesuffix(".npy"): self.array(name) for name in names}
        try:
            return Parts(arrays, levels, self.check).segment(shard, kind)
        except (ValueError, KeyError, TypeError) as exc:
            raise self._damaged(prefix, exc) from exc

    def _damaged(self, place: str, exc: Exception) -> SnapshotError:
        if isinstance(exc, SnapshotError):
            return exc
        return SnapshotError("damaged", str(self.folder / place), f"The arrays do not fit together: {exc}.")


def _wanted(path: Path, manifest: Manifest, shards: Collection[int] | None) -> tuple[tuple[int, str], ...]:
    """Shard and kind of the segments asked for. Raises SnapshotError: missing_shard."""
    for shard in sorted(shards or ()):
        if not 0 <= shard < manifest.edition.shards:
            raise SnapshotError("missing_shard", path.name, f"There is no shard {shard} of {manifest.edition.shards}.")
    wanted = tuple(one for one in manifest.segments if shards is None or one[0] in shards)
    for shard in sorted({shard for shard, _ in wanted}):
        prefixes = tuple(prefix_of(*one) for one in wanted if one[0] == shard)
        if not any((path / name).exists() for name in manifest.files if name.startswith(prefixes)):
            raise SnapshotError("missing_shard", path.name, f"Shard {shard} is not there.")
    return wanted
