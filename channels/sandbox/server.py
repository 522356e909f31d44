"""The sandbox put together: its lock, journals and two servers on loopback, in this process or as one of its own."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from channels.base import ChannelError, Clock
from channels.sandbox.faults import Faults
from channels.sandbox.gateway import Gateway
from channels.sandbox.journal import CHANNELS, Journal
from channels.sandbox.posting import Receipts
from channels.sandbox.wire import HEAD_LIMIT, serve

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP

log = logging.getLogger(__name__)
HOST = "127.0.0.1"


def real_clock() -> datetime:
    """The machine's clock: the sandbox is a program of its own and stands for the world outside."""
    return datetime.now(UTC)


def kill_self() -> None:
    """Ends this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


class Sandbox:
    """A running sandbox: its two ports, faults to be told, receipts to wait for."""

    def __init__(
        self, root: Path, *, key: bytes, clock: Clock, hooks_url: str | None, die: Callable[[], None] = kill_self
    ) -> None:
        if not key:
            raise ChannelError("no_key", "The sandbox needs the key that signs requests.")
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _locked(root / "lock")
        self.journals = {channel: Journal(root, channel) for channel in CHANNELS}
        self.faults = Faults(root)
        self.receipts = Receipts(hooks_url, key=key, clock=clock) if hooks_url else None
        self.gateway = Gateway(root, self.journals, self.faults, key, clock, self._notify, die)
        self.smtp_port = self.http_port = 0
        self._key = key
        self._clock = clock
        self._die = die
        self.loop = asyncio.get_running_loop()
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[Any]] = set()
        self._mail: WeakSet[SMTP] = WeakSet()

    @property
    def smtp_url(self) -> str:
        """Where mail goes."""
        return f"smtp://{HOST}:{self.smtp_port}"

    @property
    def http_url(self) -> str:
        """Where SMS and pushes go."""
        return f"http://{HOST}:{self.http_port}"

    async def start(self, smtp_port: int, http_port: int) -> None:
        """Listens on both ports, 0 for any free one. Raises OSError when one is taken."""
        from channels.sandbox.mail import MailHandler, mail_server

        loop = asyncio.get_running_loop()

        def talk() -> asyncio.BaseProtocol:
            handler = MailHandler(self.journals["email"], self.faults, key=self._key, clock=self._clock, die=self._die)
            protocol = mail_server(handler, loop)
            self._mail.add(protocol)
            return protocol

        self._servers.append(await loop.create_server(talk, HOST, smtp_port))
        self._servers.append(await asyncio.start_server(self._serve, HOST, http_port, limit=HEAD_LIMIT))
        self.smtp_port, self.http_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    def stop_listening(self) -> None:
        """Closes both ports; what is connected stays."""
        for server in self._servers:
            server.close()

    async def stop(self) -> None:
        """Stops listening and posting, cuts what is still open, gives the lock back."""
        self.stop_listening()
        for protocol in self._mail:
            if protocol.transport is not None:
                protocol.transport.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self.receipts is not None:
            await self.receipts.close()
        for journal in self.journals.values():
            journal.close()
        os.close(self._lock)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        await serve(self.gateway.handle, reader, writer)

    def _notify(self, channel: str, receipts: list[dict[str, Any]]) -> None:
        if self.receipts is not None:
            self.receipts.add(channel, receipts)


@asynccontextmanager
async def open_sandbox(
    root: Path,
    *,
    key: bytes,
    smtp_port: int = 0,
    http_port: int = 0,
    hooks_url: str | None = None,
    clock: Clock = real_clock,
) -> AsyncIterator[Sandbox]:
    """A sandbox in this process. `hooks_url` is the service's own URL; receipts go to `/hooks/<channel>` under it."""
    sandbox = Sandbox(Path(root), key=key, clock=clock, hooks_url=hooks_url)
    try:
        await sandbox.start(smtp_port, http_port)
        yield sandbox
    finally:
        await sandbox.stop()


def run_sandbox(
    root: Path,
    *,
    smtp_port: int,
    http_port: int,
    key: bytes,
    hooks_url: str | None = None,
    clock: Clock = real_clock,
) -> None:
    """Runs until SIGINT or SIGTERM; prints one JSON line with the two addresses once it listens."""
    opened = open_sandbox(
        Path(root), key=key, smtp_port=smtp_port, http_port=http_port, hooks_url=hooks_url, clock=clock
    )
    asyncio.run(_run(opened))


async def _run(opened: AbstractAsyncContextManager[Sandbox]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with opened as sandbox:
        print(json.dumps({"smtp": sandbox.smtp_url, "http": sandbox.http_url}), flush=True)
        await ended.wait()


def _locked(path: Path) -> int:
    """The lock, which ends with this process. Raises ChannelError "in_use" when another sandbox holds it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(file)
        raise ChannelError("in_use", f"Another sandbox keeps its journals in {path.parent}.") from exc
    return file
