"""The Procfile: what runs, by name; and how one of its lines becomes a child of ours."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pushsvc
from pushsvc.embedded.user import User

# With Ctrl-C the terminal would stop a child behind our back: each leads a session of its own.
_SIGNALS = ((signal.SIGTERM, 6.0), (signal.SIGQUIT, 1.5))
# Celery warns of root because of pickle, which we do not accept; the servers drop to another user by themselves.
_PYTHON = {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}


def read_procfile(path: Path | None = None) -> dict[str, str]:
    """Command lines by name, in the order written."""
    text = (path or procfile()).read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in lines}


def procfile() -> Path:
    """Where it stands: beside the packages."""
    return Path(pushsvc.__file__).resolve().parent.parent / "Procfile"


def command(line: str) -> list[str]:
    """A line as a shell runs it, with this very Python; killed when the calling thread ends, however that comes."""
    if line.startswith("python "):
        line = shlex.quote(sys.executable) + line.removeprefix("python")
    return User(os.geteuid(), os.getegid()).command(["/bin/sh", "-c", f"exec {line}"], death="KILL")


def spawn(line: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts a line; its output is to be read from `stdout`."""
    return subprocess.Popen(
        command(line),
        cwd=procfile().parent,
        env={**os.environ, **_PYTHON, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def stops() -> tuple[tuple[signal.Signals, float], ...]:
    """The signals that end a process of ours, with the seconds it gets after each: below 10 in all."""
    return _SIGNALS
