"""The service's processes under one roof: started, their words prefixed, started again, stopped."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from pushsvc.cli import procfile
from pushsvc.embedded import Urls
from pushsvc.embedded.keeper import Keeper, Kept, Process, how
from pushsvc.settings import Settings

Say = Callable[[str, str], None]  # the process's name, one line of what it says
_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93)


class ServiceError(RuntimeError):
    """The service cannot be run; `code` names the reason, the text is one sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@contextmanager
def running(settings: Settings, urls: Urls, lines: Mapping[str, str], *, say: Say | None = None) -> Iterator[Keeper]:
    """Runs the line "release" to its end, then all others until the context ends (10 s at most).

    The keeper knows `pids()` by name (e.g. "worker-normal"), and `kill(name)` ends one, which is then started again.
    `lines` come from `service_lines`, `say` takes every line that is said. Raises ServiceError `release`.
    """
    say = say or printer(list(lines))
    environ = child_environ(settings, urls)
    if "release" in lines:
        _release(lines["release"], environ, say)
    staying = [_kept(name, line, environ, say) for name, line in lines.items() if name != "release"]
    keeper = Keeper(staying, lambda text: say("up", text))
    keeper.start()
    try:
        yield keeper
    finally:
        keeper.stop()


def service_lines(*, sandbox: bool) -> dict[str, str]:
    """The Procfile's lines by name; with `sandbox` the counterpart too, first, so that nobody has to wait for it."""
    lines = procfile.read_procfile()
    return {"sandbox": "python -m pushsvc sandbox", **lines} if sandbox else lines


def child_environ(settings: Settings, urls: Urls) -> dict[str, str]:
    """What the children are told: where the servers are, and every setting that has a plain value; keys they read as
    this process did."""
    plain = {name: value for name, value in vars(settings).items() if isinstance(value, str | int | float)}
    unsaid = ("demo", "gateway_keys", "vapid_key", "host_key", "oidc_client_secret")
    known = {f"PUSHSVC_{name.upper()}": str(value) for name, value in plain.items() if name not in unsaid}
    demo = {"PUSHSVC_DEMO": "1"} if settings.demo else {}
    return {**known, **demo, "PUSHSVC_VAR": str(settings.var), **urls.environ()}


def _release(line: str, environ: Mapping[str, str], say: Say) -> None:
    process = procfile.spawn(line, environ)
    _follow("release", process, say).join()
    if code := process.wait():
        raise ServiceError("release", f"The release step failed ({how(code)}); nothing was started.")


def printer(names: list[str], out: IO[str] | None = None) -> Say:
    """Writes lines with the process's name before them, in colour on a terminal."""
    stream = out or sys.stdout
    width = max(map(len, [*names, "up"]))
    colour = stream.isatty() and not os.environ.get("NO_COLOR")
    codes = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(names)}
    lock = threading.Lock()

    def say(name: str, line: str) -> None:
        mark = f"{name:<{width}} |"
        with lock:
            print(
                f"\033[{codes.get(name, 0)}m{mark}\033[0m {line}" if colour else f"{mark} {line}",
                file=stream,
                flush=True,
            )

    return say


def _kept(name: str, line: str, environ: Mapping[str, str], say: Say) -> Kept:
    def start() -> Process:
        process = procfile.spawn(line, environ)
        _follow(name, process, say)
        return process

    return Kept(name=name, spawn=start, stops=procfile.stops())


def _follow(name: str, process: Process, say: Say) -> threading.Thread:
    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                say(name, line.decode(errors="replace").rstrip())

    thread = threading.Thread(target=read, name=f"words of {name}", daemon=True)
    thread.start()
    return thread
