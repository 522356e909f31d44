"""A kept HTTP/1.1 line to one push service: a request at a time, and what a failure of it proves."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import h11

from channels.base import ChannelError
from channels.push.answers import Answer, Reading
from channels.push.subscription import Origin, is_loopback

if TYPE_CHECKING:
    from channels.guard import Resolve

IDLE = 30.0  # seconds that a line is kept unused: services cut theirs after a minute or more


class LineError(Exception):
    """No answer. `sent` is False where that proves that the request never left."""

    def __init__(self, code: str, *, sent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.sent = sent


class Line:
    """One connection, opened by the first request on it and again whenever it was cut, or unused for IDLE seconds.

    `tls`: another context than the system's authorities; `resolve`: another look-up of names than the system's.
    """

    def __init__(self, origin: Origin, *, tls: ssl.SSLContext | None = None, resolve: Resolve | None = None) -> None:
        self._origin = origin
        self._tls = tls
        self._resolve = resolve
        self._talk: _Talk | None = None
        self._used = 0.0

    async def post(self, target: bytes, head: Iterable[bytes], body: bytes, *, until: float) -> Answer:
        """The answer to a POST, waited for `until` a moment of the loop's clock. `head`: the request's fields, each
        `name: value` without a line end; those of the host and the length are not among them. Raises LineError."""
        loop = asyncio.get_running_loop()
        if self._talk is None or not self.is_open():
            self.close()
            self._talk = await self._open(loop.time() / 2 + until / 2)  # half the time: the other half is the answer's
        if loop.time() >= until:
            raise LineError("expired", sent=False)
        own = (
            b"POST %b HTTP/1.1" % target,
            b"host: " + self._origin.netloc.encode(),
            b"content-length: %d" % len(body),
        )
        try:
            async with asyncio.timeout_at(until):
                return await self._talk.ask(b"\r\n".join((*own, *head, b"", body)))
        except TimeoutError:
            raise LineError("total_timeout", sent=True) from None
        except (OSError, h11.ProtocolError):
            raise LineError("read_error", sent=True) from None
        finally:
            self._used = loop.time()
            if not self._talk.kept:
                self.close()

    def is_open(self) -> bool:
        """Whether the next request may go by it as it stands."""
        fresh = asyncio.get_running_loop().time() - self._used <= IDLE
        return self._talk is not None and fresh and not self._talk.transport.is_closing()

    def close(self) -> None:
        """Cuts the line; the next request opens another."""
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.transport.close()

    async def _open(self, until: float) -> _Talk:
        """To an address that the guard let pass; the name is still what TLS verifies."""
        try:
            async with asyncio.timeout_at(until):
                talk = await self._connect()
        except TimeoutError:
            raise LineError("connect_timeout", sent=False) from None
        except (OSError, UnicodeError):  # refused, no such host, a certificate of somebody else's
            raise LineError("connect_error", sent=False) from None
        except ChannelError as exc:
            raise LineError(exc.code, sent=False) from None
        self._used = asyncio.get_running_loop().time()
        return talk

    async def _connect(self) -> _Talk:
        from channels.guard import Target, checked_addresses, look_up

        scheme, host, port = self._origin
        local = is_loopback(host)  # read_subscription lets it through only where it is named
        found = await checked_addresses(Target(scheme, host, port), self._resolve or look_up, allow_local=local)
        secure: dict[str, Any] = {"ssl": self._tls or _tls(), "server_hostname": host} if scheme == "https" else {}
        loop = asyncio.get_running_loop()
        for address in found[:-1]:
            try:
                return (await loop.create_connection(_Talk, address, port, **secure))[1]
            except OSError:
                continue
        return (await loop.create_connection(_Talk, found[-1], port, **secure))[1]


class _Talk(asyncio.Protocol):
    """One connection at work. `kept`: the last answer ended as it should."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.kept = True
        self._reading = Reading()
        self._waiting: asyncio.Future[Answer] | None = None

    def ask(self, data: bytes) -> asyncio.Future[Answer]:
        """Writes a request; its answer, or OSError or h11.ProtocolError."""
        self.kept, self._reading = False, Reading()
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(data)
        return self._waiting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """More of the answer; what nobody asked for ends the line."""
        waiting = self._waiting
        if waiting is None or waiting.done():
            self.transport.close()
            return
        try:
            answer = self._reading.feed(data)
        except h11.ProtocolError as exc:
            waiting.set_exception(exc)
            return
        if answer is not None:
            self.kept = self._reading.kept
            waiting.set_result(answer)

    def eof_received(self) -> None:
        """The other side has said all."""
        if self._waiting is not None and not self._waiting.done():
            self.data_received(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more can come."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("cut"))


@cache
def _tls() -> ssl.SSLContext:
    """Certificates and names are checked as browsers do."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
