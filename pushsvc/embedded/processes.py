"""Processes found by what their command line says, so that a reused number is never signalled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Words = tuple[str, ...]


def find(test: Callable[[Words], bool]) -> list[int]:
    """Numbers of the living processes whose command line passes `test` (zombies have none)."""
    return [pid for pid, words in _all() if pid != os.getpid() and test(words)]


def end(test: Callable[[Words], bool], *, first: signal.Signals, seconds: float) -> bool:
    """Signals all that pass `test` with `first`, after `seconds` with SIGKILL. True when none is left."""
    for sign, patience in ((first, seconds), (signal.SIGKILL, 5.0)):
        for pid in find(test):
            send(pid, sign)
        if wait(lambda: not find(test), seconds=patience):
            return True
    return False


def send(pid: int, sign: signal.Signals) -> None:
    """A signal to one process; one that is gone already is fine."""
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        pass


def wait(condition: Callable[[], bool], *, seconds: float, step: float = 0.02) -> bool:
    """Asks until `condition` holds or the time is over; its last answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(step)
    return condition()


def _all() -> Iterator[tuple[int, Words]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                raw = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if raw:
                yield int(entry.name), tuple(os.fsdecode(word) for word in raw.split(b"\0") if word)
