"""Worker processes of a benchmark: each sends slices of a lane with the service's own sender until none is left."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from benchmarks.databases import KEYS
from pushsvc.context import Context, make_context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.outside import make_sender
from pushsvc.settings import Settings, read_settings
from pushsvc.store.session import transaction
from pushsvc.store.tables import delivery, slice_

UNBOUND = 1e9  # messages a second: how much a provider allows is not what is measured
_PLAIN = (
    "database_url",
    "redis_url",
    "broker_url",
    "sms_url",
    "app_url",
    "push_urls",
    "smtp_url",
    "rate_per_second",
    "slice_size",
)


@dataclass(frozen=True)
class Crew:
    """The running workers."""

    processes: tuple[subprocess.Popen[str], ...]

    def pids(self) -> list[int]:
        """Their process numbers."""
        return [process.pid for process in self.processes]

    def drain(self, lane: str = "bulk") -> None:
        """Returns when all have seen that the lane is empty. Raises RuntimeError when one has died."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(f"{lane}\n")
            process.stdin.flush()
        for process in self.processes:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "done":
                raise RuntimeError(f"A worker of the benchmark died with {process.wait()}.")


def environ(settings: Settings) -> dict[str, str]:
    """What makes another process read the same settings."""
    told = {f"PUSHSVC_{name.upper()}": str(value) for name in _PLAIN if (value := getattr(settings, name)) is not None}
    return {**os.environ, **KEYS, **told, "PUSHSVC_VAR": str(settings.var)}


@contextmanager
def crew(settings: Settings, workers: int) -> Iterator[Crew]:
    """So many workers on the settings' servers, for as long as the block runs."""
    given = {"env": environ(settings), "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    line = [sys.executable, "-m", "benchmarks.sending"]
    processes = tuple(subprocess.Popen(line, **given) for _ in range(workers))  # type: ignore[call-overload]  # as above
    try:
        yield Crew(processes)
    finally:
        for process in processes:
            process.stdin.close()
        for process in processes:
            process.wait(timeout=30)
            process.stdout.close()


def drain(ctx: Context, sender: Sender, lane: str) -> None:
    """Send until no slice of the lane is left, those of other workers included."""
    while True:
        while deliver_next(ctx, sender, lane):
            pass
        with transaction(ctx.engine) as conn:
            mine = select(slice_.c.id).where(slice_.c.lane == lane, slice_.c.state.in_(("ready", "leased")))
            if conn.execute(mine.limit(1)).first() is None:
                return
        time.sleep(0.005)


def accepted(ctx: Context) -> int:
    """How many deliveries a provider took."""
    with transaction(ctx.engine) as conn:
        return conn.scalar(select(func.count()).where(delivery.c.state == "accepted")) or 0


def main() -> None:
    """Drains each lane that is named on standard input."""
    ctx = make_context(read_settings())
    with asyncio.Runner() as runner:
        sender = make_sender(ctx, runner)
        for line in sys.stdin:
            drain(ctx, sender, line.strip())
            print("done", flush=True)


if __name__ == "__main__":
    main()
