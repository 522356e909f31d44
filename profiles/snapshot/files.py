"""One array as one .npy file: written with its checksum, mapped back read-only. Never a pickle."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from profiles.snapshot.manifest import Entry, SnapshotError


class _Summed:
    """A file that is hashed as it is written."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self._target.write(data)


def write_array(path: Path, values: NDArray[Any]) -> Entry:
    """Writes the array; what the manifest says of it."""
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as target:
        summed = _Summed(target)
        npy.write_array(summed, np.ascontiguousarray(values), allow_pickle=False)
    return Entry(summed.size, summed.sha256.hexdigest(), values.dtype.str, values.shape)


def map_array(path: Path, entry: Entry) -> NDArray[Any]:
    """The array in the file, read-only, without reading it. Raises SnapshotError: damaged."""
    try:
        if 0 in entry.shape:  # nothing to map
            with path.open("rb") as source:
                values = npy.read_array(source, allow_pickle=False)
        else:
            values = np.asarray(npy.open_memmap(path, mode="r"))
    except Exception as exc:  # what reading a spoilt header raises has no end
        raise SnapshotError("damaged", str(path), "The file is damaged: it holds no array.") from exc
    if values.dtype.str != entry.dtype or values.shape != entry.shape:
        raise SnapshotError("damaged", str(path), "The file is damaged: it holds another array than the manifest says.")
    return values


def check_size(path: Path, entry: Entry) -> None:
    """Raises SnapshotError: cut_short where the file is missing or of another length, damaged where it is no file."""
    try:
        found = path.lstat()
    except FileNotFoundError as exc:
        raise SnapshotError("cut_short", str(path), "The file is missing.") from exc
    if not stat.S_ISREG(found.st_mode):
        raise SnapshotError("damaged", str(path), "This is no file of its own.")
    if found.st_size != entry.size:
        raise SnapshotError("cut_short", str(path), f"The file has {found.st_size} of its {entry.size} bytes.")


def check_sum(path: Path, entry: Entry) -> None:
    """Raises SnapshotError: damaged where the content is not what was written."""
    with path.open("rb") as source:
        if hashlib.file_digest(source, "sha256").hexdigest() != entry.sha256:
            raise SnapshotError("damaged", str(path), "The file is damaged: its checksum differs.")
