"""Servers for the tests, each on its own loop in its own thread, as if in another process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from channels.sandbox import Sandbox, open_sandbox
from channels.sandbox.wire import Handler, serve

T = TypeVar("T")
HOST = "127.0.0.1"


@contextmanager
def in_thread(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Enters `server` on a new loop in a thread, leaves it in the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(_leave(server), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _leave(server: AbstractAsyncContextManager[T]) -> None:
    await server.__aexit__(None, None, None)
    for _ in range(5):  # closed transports say goodbye on the loop's next rounds
        await asyncio.sleep(0)


def sandbox_server(
    root: Path, *, key: bytes, clock: Callable[[], datetime], hooks_url: str | None = None
) -> AbstractAsyncContextManager[Sandbox]:
    """A sandbox on free ports."""
    return open_sandbox(root, key=key, clock=clock, hooks_url=hooks_url)


@asynccontextmanager
async def raw_server(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]) -> AsyncIterator[str]:
    """A server that does whatever `talk` does; yields its http URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        try:
            await talk(reader, writer)  # type: ignore[misc]
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, HOST, 0)
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def http_server(handler: Handler) -> AbstractAsyncContextManager[str]:
    """A function as the server."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(handler, reader, writer)

    return raw_server(talk)


def reply_server(reply: bytes) -> AbstractAsyncContextManager[str]:
    """A server that reads one request and answers with these bytes, whatever they are."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l"))
        await reader.readexactly(length)
        writer.write(reply)
        await writer.drain()

    return raw_server(talk)
