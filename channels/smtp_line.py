"""A conversation of `smtp_pipe` on a connection that aiosmtplib has opened, and patience with its silence."""

from __future__ import annotations

import asyncio
from typing import cast

from channels.smtp_pipe import Talk
from channels.smtp_pool import Connection
from channels.smtp_talk import Limit


async def converse(connection: Connection, talk: Talk, *, left: Limit, timeout: float) -> None:
    """Holds the conversation to its end. aiosmtplib reads one reply for each write, so for that long the transport is
    taken from its protocol; between conversations it is its again. `left`: the seconds until nothing may leave."""
    transport, home = connection.client.transport, connection.client.protocol
    if transport is None or home is None:
        talk.begin()
        talk.lose()
        return
    line = _Line(talk, cast(asyncio.Transport, transport), left, timeout)
    transport.set_protocol(line)
    try:
        line.begin()
        await line.done
    finally:
        line.end()
        transport.set_protocol(home)
        connection.carried += talk.carried


class _Line(asyncio.Protocol):
    """Passes bytes to and fro; `done` when the conversation is over."""

    def __init__(self, talk: Talk, transport: asyncio.Transport, left: Limit, timeout: float) -> None:
        self._talk = talk
        self._transport = transport
        self._left = left
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self.done: asyncio.Future[None] = self._loop.create_future()

    def begin(self) -> None:
        """Writes the first group and looks at the clock from now on."""
        self._go_on(self._talk.begin())
        self._look()

    def end(self) -> None:
        """No look any more."""
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        self._heard = self._loop.time()
        self._go_on(self._talk.receive(data))

    def eof_received(self) -> bool:
        """As asyncio calls it; False: the transport closes."""
        self._give_up()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        self._give_up()

    def _go_on(self, written: bytes) -> None:
        if written:
            self._transport.write(written)
        if self._talk.over and not self.done.done():
            self.done.set_result(None)

    def _give_up(self, *, silent: bool = False) -> None:
        self._talk.lose(silent=silent)
        self._go_on(b"")

    def _look(self) -> None:
        """Ends a silence that is longer than `timeout` or than the time left."""
        if self._talk.over:
            return
        wait = min(self._timeout - (self._loop.time() - self._heard), self._left())
        if wait <= 0:
            self._give_up(silent=True)
        else:
            self._timer = self._loop.call_later(wait, self._look)
