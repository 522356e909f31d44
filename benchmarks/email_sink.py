"""Postfix's `smtp-sink` and `smtp-source` on loopback: where mails go and are counted, and who sends as fast as it can.

Both come with the package `postfix`; nothing of Postfix itself runs.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
MESSAGE_ID = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE)
OUR_MAIL = re.compile(rb"^To: ", re.MULTILINE)  # what stands before it is the sink's own
SOURCE_HEADERS = 140  # bytes that smtp-source writes above a payload
_PATIENCE = 10.0


@dataclass(frozen=True)
class Sink:
    """A server that takes every mail: its port, and how many it has taken."""

    port: int
    count: Callable[[], int]

    @property
    def url(self) -> str:
        """For the settings."""
        return f"smtp://{HOST}:{self.port}?starttls=no"

    def settled(self, expected: int, patience: float = _PATIENCE) -> int:
        """The count once it is as high as expected, which takes a moment to be written down, or `patience` is over."""
        until = time.monotonic() + patience
        while self.count() < expected and time.monotonic() < until:
            time.sleep(0.01)
        return self.count()


@contextmanager
def postfix_sink(folder: Path, *, keep: Path | None = None) -> Iterator[Sink]:
    """`smtp-sink -c`; with `keep`, each mail is a file there."""
    port, counted = _free_port(), folder / "sink.log"
    user = ["-u", "root"] if os.getuid() == 0 else []  # which root has to say
    dump = ["-d", f"{keep}/%M."] if keep is not None else []
    with counted.open("wb") as log:
        process = subprocess.Popen([program("smtp-sink"), *user, "-c", *dump, f"{HOST}:{port}", "1000"], stdout=log)
        try:
            _wait(port)
            yield Sink(port, lambda: _counted(counted))
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def postfix_source(sink: Sink, *, mails: int, size: int, sessions: int) -> float:
    """Mails a second, of `size` bytes, that `smtp-source` hands in over so many kept sessions, all of them counted."""
    to = ["-f", "policy@jianglan.example", "-t", "reader@city.example", f"inet:{HOST}:{sink.port}"]
    length = ["-l", str(max(1, size - SOURCE_HEADERS))]
    asked = [program("smtp-source"), "-d", "-s", str(sessions), *length, "-m", str(mails), *to]
    expected, start = sink.count() + mails, time.perf_counter()
    subprocess.run(asked, check=True)
    seconds = time.perf_counter() - start
    if sink.settled(expected) != expected:
        raise ValueError(f"The sink counted {sink.count()} mails where smtp-source sent up to {expected}.")
    return mails / seconds


def mail_size(path: Path) -> int:
    """The bytes that a kept mail had on the wire: without the sink's own lines, and with the CRs that it leaves out."""
    kept = path.read_bytes().replace(b"\r\n", b"\n")
    start = OUR_MAIL.search(kept)
    mail = kept[start.start() if start else 0 :]
    return len(mail) + mail.count(b"\n")


def keys_in(folder: Path) -> list[str]:
    """The wire key of every kept mail."""
    found = (MESSAGE_ID.search(path.read_bytes()) for path in folder.iterdir())
    return sorted(match[1].decode() if match else "" for match in found)


def program(name: str) -> str:
    """Where it is. Raises FileNotFoundError with what to install."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError(f"{name} is not installed: it comes with the package postfix.")
    return found


def _counted(log: Path) -> int:
    found = re.findall(rb"mesg=(\d+)", log.read_bytes()[-200:])
    return int(found[-1]) if found else 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
