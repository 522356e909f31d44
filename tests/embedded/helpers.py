"""Other commands and their servers, seen from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from pushsvc.embedded import processes
from pushsvc.embedded.places import find_places
from pushsvc.embedded.user import User
from pushsvc.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]


@dataclass
class Command:
    """A running `tests.embedded.owner`."""

    process: subprocess.Popen[str]
    said: dict[str, str]

    def release(self) -> None:
        """It may go when it likes."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def finish(self) -> int:
        """Lets it end by itself; its exit code."""
        self.release()
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait(timeout=60)


def settings_for(var: Path) -> Settings:
    """Settings with embedded servers under `var`, whatever the environment says."""
    return read_settings({"PUSHSVC_VAR": str(var)})


@contextmanager
def begun(var: Path, *, user: User | None = None, words: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """The command, started but not waited for; ended with the context."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PUSHSVC_")}
    argv = [sys.executable, "-m", "tests.embedded.owner", *words]
    with subprocess.Popen(
        user.command(argv, death="KILL") if user else argv,
        cwd=ROOT,
        env={**environ, "PUSHSVC_VAR": str(var), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@contextmanager
def command(var: Path, *, user: User | None = None, words: Sequence[str] = ()) -> Iterator[Command]:
    """A command that has its servers; ended with the context."""
    with begun(var, user=user, words=words) as process:
        try:
            yield listen(process)
        finally:
            process.kill()


def listen(process: subprocess.Popen[str]) -> Command:
    """Waits for what it says."""
    assert process.stdout is not None
    return Command(process, json.loads(process.stdout.readline()))


def server_pids(var: Path) -> list[int]:
    """Every process of the servers of `var`, PostgreSQL's children included."""
    places = find_places(var)
    marks = (str(places.data), places.tag, str(places.valkey_socket))
    programs = ("/postgres", "postgres: ", "valkey-server")
    return processes.find(
        lambda words: any(name in words[0] for name in programs) and any(mark in " ".join(words) for mark in marks)
    )


def kill_all(var: Path) -> None:
    """`kill -9` of every server process at once."""
    for pid in server_pids(var):
        processes.send(pid, signal.SIGKILL)


def gone(var: Path) -> bool:
    """Whether nothing of the servers is left after a while."""
    return processes.wait(lambda: not server_pids(var), seconds=15)


def ask(url: str, statement: str) -> object:
    """One statement on a connection of its own, committed; the first value of its first row."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None
