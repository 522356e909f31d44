"""A client of few microseconds: requests over kept connections, at fixed moments (open loop) or one after another.

In an open loop a request's time counts from the moment it was due, whether or not an earlier one was still waited for:
a slow answer cannot make the offered load smaller (Schroeder et al., "Open Versus Closed", NSDI 2006).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Ask:
    """One request, as it goes over the wire, and what kind it is counted as. `status`: what its answer must be."""

    kind: str
    wire: bytes
    status: int = 200


@dataclass
class Answers:
    """Seconds of each kind, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)

    def add(self, ask: Ask, seconds: float, status: int) -> None:
        """One answer."""
        self.seconds.setdefault(ask.kind, []).append(seconds)
        if status != ask.status:
            named = f"{ask.kind} {status}"
            self.wrong[named] = self.wrong.get(named, 0) + 1


def get(host: str, path: str, cookie: str = "") -> bytes:
    """A GET."""
    return _request(f"GET {path} HTTP/1.1", host, cookie, b"")


def post(host: str, path: str, body: bytes, cookie: str = "") -> bytes:
    """A POST of a form."""
    return _request(f"POST {path} HTTP/1.1", host, cookie, body)


def offered(port: int, asks: Sequence[Ask], per_second: float) -> Answers:
    """All requests at even distances, each on a connection that is free then."""
    return asyncio.run(_offered(port, asks, per_second))


def at_full_speed(port: int, asks: Sequence[Ask], connections: int) -> tuple[float, Answers]:
    """Answers a second with so many connections that never rest, and the answers."""
    return asyncio.run(_at_full_speed(port, asks, connections))


class _Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, wire: bytes) -> int:
        """Send it, read the whole answer; its status. A connection that was closed meanwhile is made anew, once."""
        for again in (True, False):
            if self.pair is None:
                self.pair = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
            try:
                return await self._answer(*self.pair, wire)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.pair = None
                if not again:
                    raise
        raise AssertionError("unreachable")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: bytes) -> int:
        writer.write(wire)
        head = (await reader.readuntil(_HEAD_END)).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        if length:
            await reader.readexactly(int(length))
        if b"connection: close" in head or not length:
            writer.close()
            self.pair = None
        return int(head[9:12])


async def _offered(port: int, asks: Sequence[Ask], per_second: float) -> Answers:
    answers, free = Answers(), asyncio.LifoQueue[_Line]()
    start = time.perf_counter() + 0.2

    async def one(ask: Ask, due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        line = free.get_nowait() if not free.empty() else _Line(port)
        status = await line.ask(ask.wire)
        answers.add(ask, time.perf_counter() - due, status)
        free.put_nowait(line)

    await asyncio.gather(*(one(ask, start + n / per_second) for n, ask in enumerate(asks)))
    return answers


async def _at_full_speed(port: int, asks: Sequence[Ask], connections: int) -> tuple[float, Answers]:
    answers, waiting = Answers(), iter(asks)

    async def keep_asking() -> None:
        line = _Line(port)
        for ask in waiting:
            start = time.perf_counter()
            status = await line.ask(ask.wire)
            answers.add(ask, time.perf_counter() - start, status)

    start = time.perf_counter()
    await asyncio.gather(*(keep_asking() for _ in range(connections)))
    return len(asks) / (time.perf_counter() - start), answers


def _request(first: str, host: str, cookie: str, body: bytes) -> bytes:
    lines = [
        first,
        f"Host: {host}",
        "Accept-Language: zh-CN",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "User-Agent: benchmark",
    ]
    lines += [f"Cookie: {cookie}"] if cookie else []
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + _HEAD_END + body
