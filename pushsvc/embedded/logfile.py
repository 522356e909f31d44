"""A server whose words go to a file: started, and waited for with the file's last word when it fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from pushsvc.embedded.errors import EmbeddedError
from pushsvc.embedded.processes import wait

_START_SECONDS = 60.0
_MOST_BYTES = 10_000_000


def spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Starts a server that writes to `log`; a log that grew large makes room for a new one."""
    if log.exists() and log.stat().st_size > _MOST_BYTES:
        log.replace(log.with_suffix(".old"))
    env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    with log.open("ab") as out:
        # A session of its own: Ctrl-C in our terminal is for us, we stop the servers when we are done with them.
        return subprocess.Popen(
            command, cwd="/", env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )


def await_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    """Returns when the server works. Raises EmbeddedError `not_started` with what it said."""
    wait(lambda: process.poll() is not None or is_ready(), seconds=_START_SECONDS)
    if process.poll() is not None or not is_ready():
        raise EmbeddedError("not_started", f"A server did not start: {_last_word(log)} (see {log})")


def _last_word(log: Path) -> str:
    lines = log.read_bytes()[-4000:].decode(errors="replace").strip().splitlines()
    complaints = [line for line in lines if "FATAL" in line or "rror" in line]
    return (complaints or lines or ["it said nothing"])[-1]
