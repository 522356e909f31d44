"""As much of HTTP/1.1 as a gateway on loopback needs, with the power to break it off half-way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

HEAD_LIMIT = 16 * 1024
BODY_LIMIT = 16 * 1024 * 1024
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Unavailable",
}


@dataclass(frozen=True)
class Request:
    """A request that was read whole; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A JSON answer. `half`: only the first half of its bytes, then the connection is cut."""

    content: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    half: bool = False


Handler = Callable[[Request], Awaitable[Answer | None]]  # None: hang up without a word


async def serve(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one connection's requests until it ends, is cut, or sends what is no request."""
    try:
        while True:
            request = await _read(reader)
            answer = await handler(request)
            if answer is None:
                writer.transport.abort()
                return
            data = _bytes(answer)
            writer.write(data[: len(data) // 2] if answer.half else data)
            await writer.drain()
            if answer.half:
                return
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass
    except ValueError:
        writer.write(_bytes(Answer({"code": "bad_request"}, 400)))
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    """The next request. Raises ValueError for what is no request, IncompleteReadError at the end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head[:-4].split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()) or int(length) > BODY_LIMIT:
        raise ValueError("the body has no usable length")
    return Request(method, path, headers, await reader.readexactly(int(length)))


def _bytes(answer: Answer) -> bytes:
    body = json.dumps(answer.content, ensure_ascii=False, separators=(",", ":")).encode()
    lines = [
        f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Answer')}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
