"""A snapshot as a folder: written under a name that nobody opens, and renamed when all of it is on the disk.

What people are lies in it as it is: only who wrote it may look into the folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from profiles.facts import FACTS
from profiles.snapshot.files import map_array, write_array
from profiles.snapshot.finishing import Finished
from profiles.snapshot.manifest import EXTRAS, NAME, VERSIONS, Edition, Entry, Manifest, SnapshotError, manifest_bytes
from profiles.snapshot.shelves import shelved
from profiles.snapshot.vocabulary import described, fingerprint

_UNFINISHED = ".writing-"
_SCRATCH = "scratch"


class Draft:
    """A folder being written. `scratch`: for what is not part of the snapshot; it goes when the folder is published."""

    def __init__(self, folder: Path, edition: Edition) -> None:
        self._folder, self._edition = folder, edition
        self._files: dict[str, Entry] = {}
        self.scratch = folder / _SCRATCH

    def keep(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        """Writes one array; gives it back mapped."""
        file = f"{name}.npy"
        self._files[file] = write_array(self._folder / file, values)
        return map_array(self._folder / file, self._files[file])

    def publish(self, finished: Finished, extra: Mapping[str, NDArray[Any]]) -> Path:
        """Writes the rest, waits until all is on the disk, and gives the folder its name.

        Raises SnapshotError: exists, bad_name (of an extra array).
        """
        for name, levels in finished.levels.items():
            for part, values in shelved(levels).items():
                self.keep(f"levels/{name}.{part}", values)
        for name, values in extra.items():
            if not EXTRAS.fullmatch(name):
                raise SnapshotError("bad_name", name, "An array's name is letters, digits, points, dashes.")
            self.keep(f"extra/{name}", values)
        shutil.rmtree(self.scratch, ignore_errors=True)
        (self._folder / NAME).write_bytes(manifest_bytes(self._manifest(finished)))
        _settle(self._folder)
        return self._renamed()

    def _manifest(self, finished: Finished) -> Manifest:
        return Manifest(
            self._edition,
            sum(len(one) for one in finished.segments),
            fingerprint(FACTS),
            described(FACTS),
            {name: levels.kind for name, levels in finished.levels.items()},
            tuple((one.shard, one.kind) for one in finished.segments),
            self._files,
        )

    def _renamed(self) -> Path:
        final = self._folder.with_name(self._edition.version)
        try:
            self._folder.rename(final)
        except OSError as exc:
            if not final.exists():
                raise
            raise SnapshotError("exists", self._edition.version, "There is a snapshot of this version.") from exc
        _sync(final.parent)
        return final


@contextmanager
def draft(folder: Path, edition: Edition) -> Iterator[Draft]:
    """A new draft beside the snapshots of a folder; gone afterwards unless it was published.

    Raises SnapshotError: bad_name.
    """
    if not VERSIONS.fullmatch(edition.version):
        raise SnapshotError("bad_name", edition.version, "A version is letters, digits, points, dashes.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}{edition.version}-", dir=folder))
    try:
        yield Draft(unfinished, edition)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def sweep_leftovers(folder: Path, *, before: datetime) -> list[str]:
    """Removes what was left half written and not touched since `before`; the names of the folders removed."""
    found = [path for path in folder.glob(f"{_UNFINISHED}*") if _touched(path) < before.timestamp()]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return sorted(path.name for path in found)


def _touched(folder: Path) -> float:
    try:
        return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:
        return inf  # files go while we look: somebody is at work


def _settle(folder: Path) -> None:
    """Waits until every file of the folder is on the disk."""
    paths = [folder, *folder.rglob("*")]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(_sync, paths))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
