"""What the demo plays on: every process of the service with the counterpart, and a voice that stamps its lines."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from tqdm import tqdm

from pushsvc.cli.supervisor import running, service_lines
from pushsvc.context import Context, make_context, utc_now
from pushsvc.embedded import servers, with_servers
from pushsvc.embedded.keeper import Keeper
from pushsvc.pipeline.days import CITY_ZONE
from pushsvc.settings import Settings, read_settings

# Short enough that a killed worker's messages are settled while somebody watches; a call never outlives its lease.
LEASE_SECONDS, REQUEST_SECONDS, SLICE_SIZE = 8.0, 5.0, 100
BUFFERS_MB = 32  # a city of 20,000 needs no more, and it plays on small machines
DAYTIME = range(9, 21)  # hours of the city in which the demo plays: by night, what is recommended would wait
AHEAD = "ahead"  # the file in `var` that keeps by how much
AUTHOR, REVIEWER = "limeng", "zhoulan"


class DemoError(RuntimeError):
    """The demo cannot go on; `code` names the reason, the text is one sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Stage:
    """`say` prints a line with the seconds since `started` (monotonic) before it."""

    ctx: Context
    keeper: Keeper
    say: Callable[[str], None]
    started: float

    @property
    def sandbox(self) -> Path:
        """Where the counterpart keeps its journals."""
        return self.ctx.settings.var / "sandbox"

    def seconds(self) -> float:
        """Since the demo began."""
        return time.monotonic() - self.started


@contextmanager
def open_stage(out: IO[str], started: float) -> Iterator[Stage]:
    """The service running on servers of its own; everything ends with the context."""
    given = read_settings()
    given.var.mkdir(parents=True, exist_ok=True)
    settings = demo_settings(replace(given, ahead_seconds=_earlier(given.var)))
    (given.var / AHEAD).write_text(str(settings.ahead_seconds), encoding="ascii")
    with (
        (settings.var / "demo.log").open("a", encoding="utf-8") as log,
        servers(settings, service=True) as urls,
        running(settings, urls, service_lines(sandbox=True), say=lambda name, line: _note(log, name, line)) as keeper,
    ):
        ctx = make_context(with_servers(settings, urls))
        try:
            yield Stage(ctx, keeper, speaker(out, started), started)
        finally:
            ctx.engine.dispose()


def demo_settings(given: Settings) -> Settings:
    """The settings with short leases, the sign-in links opened, ports that are free, and nobody outside: what the
    environment says of vendors, mailboxes and trials is for the service, not for a play."""
    taken: set[int] = set()
    web, mail, gateway = (free_port(wanted, taken) for wanted in (given.web_port, 0, 0))
    return replace(
        given,
        lease_seconds=LEASE_SECONDS,
        request_seconds=REQUEST_SECONDS,
        ahead_seconds=daylight(utc_now(), given.ahead_seconds),
        slice_size=SLICE_SIZE,
        buffers_mb=min(given.buffers_mb, BUFFERS_MB),
        demo=True,
        web_port=web,
        public_url=f"http://127.0.0.1:{web}",
        smtp_url=f"smtp://127.0.0.1:{mail}",
        sms_url=f"http://127.0.0.1:{gateway}",
        app_url=f"http://127.0.0.1:{gateway}",
        gateway_keys="",
        push_urls="",
        mailbox_url="",
        trial="",
    )


def daylight(now: datetime, ahead: float) -> float:
    """Seconds by which the demo's clock must be ahead for it to be day in the city, from `ahead` on by half days.

    Never less than in an earlier run, whose rows would then lie in the future.
    """
    half_day = timedelta(hours=12)
    while (now + timedelta(seconds=ahead)).astimezone(CITY_ZONE).hour not in DAYTIME:
        ahead += half_day.total_seconds()
    return ahead


def _earlier(var: Path) -> float:
    try:
        return float((var / AHEAD).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0.0


def free_port(wanted: int, taken: set[int]) -> int:
    """The wanted port of the loopback address, or another one where somebody has it; noted in `taken`."""
    for port in (wanted, 0, 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
        if found not in taken:
            taken.add(found)
            return found
    raise DemoError("no_port", f"No port is free near {wanted}.")


def speaker(out: IO[str], started: float) -> Callable[[str], None]:
    """Writes lines as `[mm:ss] text`, clear of the progress bars; what follows a line break is indented."""

    def say(text: str) -> None:
        seconds = int(time.monotonic() - started)
        stamp = f"[{seconds // 60:02d}:{seconds % 60:02d}] "
        with tqdm.external_write_mode(file=out):
            print(stamp + text.replace("\n", "\n" + " " * len(stamp)), file=out, flush=True)

    return say


def wait_until(done: Callable[[], bool], *, seconds: float, step: float = 0.15) -> bool:
    """Looks again and again until it is so; False when it is not within `seconds`."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(step)
    return True


def require(done: bool, what: str, stage: Stage) -> None:
    """Raises DemoError `stuck` where something did not happen in time."""
    if not done:
        log = stage.ctx.settings.var / "demo.log"
        raise DemoError("stuck", f"{what} did not happen in time; what the processes said is in {log}.")


def _note(log: IO[str], name: str, line: str) -> None:
    log.write(f"{name} | {line}\n")
    log.flush()
