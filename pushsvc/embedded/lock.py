"""Who owns the embedded servers: `flock` on `var/lock`, where the owner writes their URLs for everybody else.

A guest holds a shared lock on `var/guests`, so that a lone command that became the owner can wait for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pushsvc.embedded.errors import EmbeddedError
from pushsvc.embedded.places import make_var

_STEP = 0.05


@dataclass(frozen=True)
class Claim:
    """Our place at the servers. `urls` is None for the owner, who is to publish them."""

    lock: int
    guests: int
    urls: Mapping[str, str] | None
    service: bool = False

    def publish(self, urls: Mapping[str, str]) -> None:
        """The owner tells the others; an empty mapping says that the servers are going."""
        os.ftruncate(self.lock, 0)
        if urls:
            known = {**urls, "pid": str(os.getpid()), "service": "yes" if self.service else ""}
            os.pwrite(self.lock, json.dumps(known).encode(), 0)

    def wait_for_guests(self) -> None:
        """Returns once no other command uses the servers; none can come after. The service waits for nobody."""
        while not self.service and not _try(self.guests, fcntl.LOCK_EX):
            time.sleep(_STEP)


@contextmanager
def claim(var: Path, *, service: bool = False, seconds: float = 120.0) -> Iterator[Claim]:
    """Ownership, or what the owner published; the `service` waits until it is the owner.

    Raises EmbeddedError `busy` when neither comes in time, `already_up` for a second service.
    """
    make_var(var)
    lock, guests = _open(var / "lock"), _open(var / "guests")
    try:
        yield _claim(lock, guests, service=service, until=time.monotonic() + seconds)
    finally:
        os.close(lock)
        os.close(guests)


def owner(var: Path) -> int | None:
    """The process that owns the servers of `var` now; None where nobody does."""
    try:
        lock = os.open(var / "lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        free = _try(lock, fcntl.LOCK_SH)
        return None if free else int(str((_published(lock) or {}).get("pid", 0)))
    finally:
        os.close(lock)


def _claim(lock: int, guests: int, *, service: bool, until: float) -> Claim:
    while time.monotonic() < until:
        fcntl.flock(guests, fcntl.LOCK_SH)  # waits only while an owner is closing
        if _try(lock, fcntl.LOCK_EX):
            fcntl.flock(guests, fcntl.LOCK_UN)
            os.ftruncate(lock, 0)
            return Claim(lock, guests, None, service)
        found = _published(lock)
        if found and not service:
            return Claim(lock, guests, found)
        fcntl.flock(guests, fcntl.LOCK_UN)  # the owner is still starting, or just going
        if found and found["service"]:
            raise EmbeddedError("already_up", f"The service already runs here, as process {found['pid']}.")
        time.sleep(_STEP)
    raise EmbeddedError("busy", "Another command holds the embedded servers and does not let go of them.")


def _published(lock: int) -> dict[str, str] | None:
    try:
        found = json.loads(os.pread(lock, 65536, 0))
    except ValueError:
        return None
    # What a killed owner left stands there for an instant after the next one took the lock.
    return found if Path(f"/proc/{found.get('pid')}").exists() else None


def _try(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise EmbeddedError("var_not_writable", f"{path} cannot be opened: {exc.strerror}; run as its owner.") from exc
