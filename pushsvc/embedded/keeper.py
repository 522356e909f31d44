"""Keeps processes running: starts them, starts a dead one again, stops them in the end."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pushsvc.embedded import processes

log = logging.getLogger(__name__)
_STEP = 0.05
_YOUNG = 5.0  # seconds; who dies before that is started again more and more slowly
_SLOWEST = 5.0

Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Kept:
    """One process to keep. `spawn` makes it leader of a session; `ready` returns when it works, or raises.

    `clear` removes what a dead one left behind. `stops` are signals with the seconds to wait after each.
    """

    name: str
    spawn: Callable[[], Process]
    clear: Callable[[], None] = lambda: None
    ready: Callable[[Process], None] = lambda process: None
    stops: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 6.0),)


@dataclass
class _Running:
    kept: Kept
    process: Process
    since: float
    failures: int = 0
    again_at: float | None = None


@dataclass
class Keeper:
    """Runs all from one thread of its own: Linux sends a child its death signal when that thread ends."""

    wanted: Sequence[Kept]
    say: Callable[[str], None] = log.warning
    _stop: threading.Event = field(default_factory=threading.Event)
    _up: threading.Event = field(default_factory=threading.Event)
    _running: list[_Running] = field(default_factory=list)
    _error: Exception | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Returns when all are ready. Raises what made one fail; then none is left running."""
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()
        self._up.wait()
        if self._error:
            self._thread.join()
            raise self._error

    def stop(self) -> None:
        """Stops all and returns when they are gone."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def pids(self) -> dict[str, int]:
        """The number of each process that lives now, by name."""
        return {one.kept.name: one.process.pid for one in self._running if one.process.returncode is None}

    def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> int:
        """Signals one process, which is then started again if that ends it; its number. Raises KeyError."""
        pid = self.pids()[name]
        processes.send(pid, sign)
        return pid

    def _run(self) -> None:
        try:
            for kept in self.wanted:
                kept.clear()
                self._running.append(_Running(kept, kept.spawn(), time.monotonic()))
            for one in self._running:
                one.kept.ready(one.process)
        except Exception as exc:  # handed to the caller of start()
            self._error = exc
            self._stop.set()
        self._up.set()
        while not self._stop.wait(_STEP):
            for one in self._running:
                self._revive(one)
        _end([one for one in self._running if one.process.poll() is None])

    def _revive(self, one: _Running) -> None:
        if one.process.poll() is None:
            return
        now = time.monotonic()
        if one.again_at is None:
            one.failures = one.failures + 1 if now - one.since < _YOUNG else 0
            pause = min(0.5 * one.failures, _SLOWEST)
            one.again_at = now + pause
            self.say(f"{one.kept.name} ended ({how(one.process.returncode)}); it is started again in {pause:.1f} s.")
        if now < one.again_at:
            return
        try:
            one.kept.clear()
            one.process = one.kept.spawn()
        except Exception as exc:  # tried again later: a keeper that dies takes everything with it
            self.say(f"{one.kept.name} could not be started: {exc}")
        one.since, one.again_at = time.monotonic(), None


def how(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    return f"killed by {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"killed by signal {-code}"


def _end(running: Sequence[_Running]) -> None:
    """Each gets its signals one after the other, all side by side; at last the whole session is killed."""
    plans = [(one.process, [*one.kept.stops, (signal.SIGKILL, 5.0)]) for one in reversed(running)]
    for step in range(max((len(plan) for _, plan in plans), default=0)):
        alive = [(process, plan[step]) for process, plan in plans if process.poll() is None and step < len(plan)]
        for process, (sign, _) in alive:
            process.send_signal(sign)
        patience = max((seconds for _, (_, seconds) in alive), default=0.0)
        processes.wait(lambda: all(process.poll() is not None for process, _ in plans), seconds=patience)
    for process, _ in plans:
        try:
            os.killpg(process.pid, signal.SIGKILL)  # what its own children left
        except (ProcessLookupError, PermissionError):
            continue
