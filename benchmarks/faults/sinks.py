"""The far ends, each a process of its own: the sandbox, and Postfix's smtp-sink where it is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
STARTS_SECONDS = 10.0
# What Postfix's sink can do wrong without counting a mail that it refused: it dumps a mail before it answers its end.
POSTFIX: Mapping[str, Sequence[str]] = {
    "postfix_hangs_up_after_data": ("-q", "."),
    "postfix_hangs_up": ("-q", "data"),
    "postfix_421": ("-Q", "rcpt"),
    "postfix_452": ("-r", "rcpt", "-b", "452 4.3.1 No room now"),
    "postfix_550": ("-f", "rcpt", "-B", "550 5.7.1 Not wanted here"),
    "postfix_slow": ("-w", "3"),
}


def free_ports(n: int) -> list[int]:
    """Ports of the loopback address that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def has_postfix() -> bool:
    """Whether smtp-sink is installed."""
    return shutil.which("smtp-sink", path=PATH) is not None


@dataclass
class Postfix:
    """smtp-sinks that dump each mail into a file of its own in `folder`; none is stopped before `stop`."""

    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, options: Sequence[str] = ()) -> int:
        """One more, with these options; its port once it listens. Raises RuntimeError."""
        (port,) = free_ports(1)
        name = f"s{len(self.running)}."
        where = ["-u", "nobody", "-R", str(self.folder), "-d", name] if not os.geteuid() else []
        if not self.folder.exists():
            self.folder.mkdir()
            if where:  # it will not run as root: it moves into the folder as nobody
                shutil.chown(self.folder, "nobody")
        command = [*(where or ["-d", f"{self.folder}/{name}"]), *options, f"127.0.0.1:{port}", "128"]
        sink = subprocess.Popen([shutil.which("smtp-sink", path=PATH) or "smtp-sink", *command])
        self.running.append(sink)
        until = time.monotonic() + STARTS_SECONDS
        while sink.poll() is None and time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return port
            time.sleep(0.02)
        raise RuntimeError("Postfix's smtp-sink did not start.")

    def stop(self) -> None:
        """Ends them all."""
        for sink in self.running:
            sink.kill()
            sink.wait()
