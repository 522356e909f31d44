"""A wire of our own before a sink: it chooses the sink for each connection, and is cut at the worst moments."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class Relay:
    """Forwards what comes in on `port` to the `targets` in turn. Its methods may be called from any thread."""

    targets: Sequence[int]
    port: int = 0
    _swallow: int = 0
    _turn: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _ready: threading.Event = field(default_factory=threading.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Listens on a free port from a thread of its own."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="relay", daemon=True)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Cuts everything and stops listening."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()

    def turn_to(self, targets: Sequence[int]) -> None:
        """Sends new connections to these sinks, and cuts the old ones."""
        self.targets = targets
        self.cut()

    def cut(self) -> None:
        """Cuts every connection."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cut)

    def swallow(self, answers: int) -> None:
        """Cuts the next so many connections when their sink has answered: the request left, no word of it came back."""
        self._swallow = answers

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        self._cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._turn += 1
        self._open.add(writer)
        try:
            theirs, ours = await asyncio.open_connection(HOST, self.targets[self._turn % len(self.targets)])
            self._open.add(ours)
            await asyncio.gather(self._pass(reader, ours), self._pass(theirs, writer, answers=True))
            self._open.discard(ours)
        except OSError:  # the sink is away: so is the wire
            pass
        finally:
            writer.transport.abort()
            self._open.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False) -> None:
        try:
            while data := await reader.read(65536):
                if answers and self._swallow > 0:
                    self._swallow -= 1
                    return
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
