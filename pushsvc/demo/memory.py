"""How much memory the whole service takes: the PSS of a process and all below it, shared pages counted once."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")
EVERY_SECONDS = 1.0


class Peak:
    """The largest figure seen, in MB; None where the kernel does not tell."""

    def __init__(self) -> None:
        self.mb: float | None = None

    def look(self, pid: int) -> None:
        """Measure now."""
        now = tree_pss(pid)
        if now is not None:
            self.mb = round(max(self.mb or 0.0, now), 1)


@contextmanager
def watched(pid: int | None = None) -> Iterator[Peak]:
    """The peak of this process (or `pid`) and its descendants, looked at every second until the context ends."""
    peak, over, root = Peak(), threading.Event(), pid or os.getpid()

    def look() -> None:
        while not over.wait(EVERY_SECONDS):
            peak.look(root)

    thread = threading.Thread(target=look, name="memory", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def give_back() -> None:
    """Hands memory that is free in this process to the system: what loading a city took is not needed afterwards.

    Only glibc can be asked so (malloc_trim(3)); elsewhere nothing happens.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def tree_pss(root: int) -> float | None:
    """MB of proportional set size (proc(5), smaps_rollup) of `root` and everything below it."""
    sizes = [size for pid in descendants(root) if (size := _pss(pid)) is not None]
    return sum(sizes) / 1024 if sizes else None


def descendants(root: int) -> list[int]:
    """`root` and all processes below it."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def _pss(pid: int) -> int | None:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), None)
