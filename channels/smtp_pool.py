"""Kept SMTP connections: lent to one message at a time, renewed after so many mails, gone with their loop."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from channels.smtp_envelope import PLAIN, Offers

PLAIN_SECONDS = 600.0
PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Server:
    """Where mail is handed in. `start_tls`: True asks for it, False forbids it, None takes it when offered.
    `pipelining`: whether it is used where it is offered."""

    host: str
    port: int
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    use_tls: bool = False
    start_tls: bool | None = None
    pipelining: bool = True


def parse_server(url: str) -> Server:
    """`smtp[s]://[user:password@]host[:port][?starttls=yes|no][&pipelining=no]`. Raises ValueError with a sentence.

    Without a word on it STARTTLS is taken where it is offered; with a password it must be (RFC 8314, section 4.1): else
    who strips the offer on the way reads the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("the mail server's URL must look like smtp://host:port")
    wishes = parse_qs(parts.query)
    wish, unsaid = wishes.get("starttls", [""])[0], True if parts.username else None
    return Server(
        host=parts.hostname,
        port=parts.port if parts.port is not None else PORTS[parts.scheme],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        start_tls=False if parts.scheme == "smtps" else {"yes": True, "no": False}.get(wish, unsaid),
        pipelining=wishes.get("pipelining", [""])[0] != "no",
    )


@dataclass
class Connection:
    """One connection, what its server offers, and how many mails it has carried."""

    client: aiosmtplib.SMTP
    offers: Offers = PLAIN
    carried: int = 0


class Pool:
    """At most `size` connections on one loop; the last one used is lent first."""

    def __init__(self, server: Server, *, size: int, each: int, timeout: float) -> None:
        self._server = server
        self._size = size
        self._each = each
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle: list[Connection] = []
        self._free = asyncio.Semaphore(size)
        self._plain_until = 0.0  # on the loop's clock

    @property
    def one_by_one(self) -> bool:
        """Whether the server's offer of PIPELINING is not taken now."""
        return not self._server.pipelining or asyncio.get_running_loop().time() < self._plain_until

    def distrust(self) -> None:
        """The server does not keep what it offers, or so it seems: commands go one by one for a while."""
        self._plain_until = asyncio.get_running_loop().time() + PLAIN_SECONDS

    async def take(self, *, fresh: bool = False) -> Connection:
        """A connection that stands. `fresh`: the kept ones are not trusted any more, a new one is opened.

        Raises what aiosmtplib raises when none can be had.
        """
        self._settle_in()
        await self._free.acquire()
        try:
            if fresh:
                self._drop_idle()
            while self._idle:
                kept = self._idle.pop()
                if kept.client.is_connected:
                    return kept
            client = await self._connect()
            return Connection(client, Offers(*map(client.supports_extension, ("pipelining", "smtputf8", "8bitmime"))))
        except BaseException:
            self._free.release()
            raise

    def give(self, connection: Connection, *, broken: bool = False) -> None:
        """Takes a connection back; a broken one or one that has carried enough is closed."""
        if broken or connection.carried >= self._each or not connection.client.is_connected:
            connection.client.close()
        else:
            self._idle.append(connection)
        self._free.release()

    async def close(self) -> None:
        """Says QUIT on every idle connection."""
        idle, self._idle = self._idle, []
        if self._loop is asyncio.get_running_loop():
            await asyncio.gather(*(_quit(connection.client) for connection in idle))

    def _drop_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.client.close()

    def _settle_in(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._plain_until = loop, 0.0
            self._idle = []
            self._free = asyncio.Semaphore(self._size)

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.use_tls,
            start_tls=server.start_tls,
            local_hostname="localhost",  # never a look-up of our own name
            timeout=self._timeout,
            tls_context=_tls() if server.use_tls or server.start_tls is not False else None,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await _greet(client)
        except BaseException:
            client.close()
            raise
        return client


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the machine's certificates takes longer than connecting."""
    return ssl.create_default_context()


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


async def _quit(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=1.0)
    except (aiosmtplib.SMTPException, OSError):
        client.close()
