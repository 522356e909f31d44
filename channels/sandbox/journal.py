"""Append-only journals: a message is written down before it is acknowledged, and read again after any kill."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from channels.base import Known

CHANNELS = ("email", "sms", "app")
Row = dict[str, Any]


class Journal:
    """One channel's journal, `root/<channel>.jsonl`, and what it knows by key. One process writes it."""

    def __init__(self, root: Path, channel: str) -> None:
        self.channel = channel
        path = journal_path(root, channel)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._end = _whole(self._file)
        self._known: dict[str, Known] = {row["key"]: _state(row) for row in rows(path)}

    def append(self, new: list[Row]) -> None:
        """Writes rows, each with a `key`, in one go. When it returns they outlive a kill of this process.

        Raises OSError, and then none of them is in the journal.
        """
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in new).encode(errors="replace")
        try:
            _write(self._file, data)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(data)
        self._known.update((row["key"], _state(row)) for row in new if not row.get("repeat"))

    def known(self, key: str) -> bool:
        """Whether a message of this key was taken."""
        return key in self._known

    def state(self, key: str) -> Known:
        """What became of it: delivered, rejected, or absent."""
        return self._known.get(key, "absent")

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)


def journal_path(root: Path, channel: str) -> Path:
    """Where a channel's journal lies."""
    return root / f"{channel}.jsonl"


def rows(path: Path) -> Iterator[Row]:
    """The rows that were written whole; a torn last line was never acknowledged and is left out."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


def count(root: Path) -> dict[str, dict[str, int | bool]]:
    """What arrived, by channel, from the journals alone: `distinct` keys, `total` arrivals, `duplicates`, `repeats`
    (known keys that the push gateway dropped), and whether duplicates kept their Message-ID."""
    return {channel: _count(rows(journal_path(Path(root), channel))) for channel in CHANNELS}


def _count(journal: Iterable[Row]) -> dict[str, int | bool]:
    ids: dict[str, str] = {}
    total = repeats = 0
    equal = True
    for row in journal:
        if row.get("repeat"):
            repeats += 1
            continue
        total += 1
        message_id = row.get("message_id", "")
        equal = ids.setdefault(row["key"], message_id) == message_id and equal
    return {
        "distinct": len(ids),
        "total": total,
        "duplicates": total - len(ids),
        "repeats": repeats,
        "message_ids_equal": equal,
    }


def _state(row: Row) -> Known:
    return "rejected" if row.get("bounced") else "delivered"


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _whole(file: int) -> int:
    """Cuts a torn last line off, so that the next one begins afresh; the length that is left."""
    end = os.fstat(file).st_size
    while end and os.pread(file, 1, end - 1) != b"\n":
        start = max(0, end - 65536)
        found = os.pread(file, end - start, start).rfind(b"\n")
        end = start + found + 1 if found >= 0 else start
    os.ftruncate(file, end)
    return end
