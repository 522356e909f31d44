"""One request over kept connections, its bounded reply, and what its failure proves about the request.

`Poster` signs JSON for a gateway of our own kind; `Caller` carries what a vendor's adapter made: any method, path,
headers and body. Trouble of any kind is a Failure with the same meaning in both.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from channels.base import Clock
from channels.signing import signed_headers

if TYPE_CHECKING:
    import httpx

REPLY_LIMIT = 4 * 1024 * 1024
# No provider keeps a message longer than a day: one whose own clock is a year off, or that says "next month", must not
# let messages go stale unseen, and asking once a day costs it one call.
RETRY_LIMIT = 86_400.0
# The three forms of RFC 9110, 5.6.7; the library alone would also read "1 may" as a date.
_HTTP_DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})",
    re.ASCII,
)
PLAIN = {"Accept-Encoding": "identity"}  # no small reply that unpacks into a large one
UNSENT = frozenset({401, 403, 404, 405, 408, 413, 421, 425, 429, 503})  # refused before anything was read as a send


@dataclass(frozen=True)
class Reply:
    """A reply that could be read. `found` is its JSON, or None when it is short or garbled.

    `status` other than 200 and `retry_after` (seconds) come from a Caller only: a vendor says why in the body.
    """

    found: Any
    status: int = 200
    retry_after: float | None = None


@dataclass(frozen=True)
class Failure:
    """No usable reply. `unsent` says whether that proves that nothing went out; `retry_after` is in seconds."""

    unsent: bool
    code: str
    retry_after: float | None = None


Read = Callable[["httpx.Response"], Awaitable[Reply | Failure]]


class _Line:
    """Kept connections to one server, which live as long as the asyncio loop of the first request."""

    def __init__(self, url: str, *, clock: Clock, timeout: float) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"the URL must begin with http:// or https://, not {url[:20]!r}")
        self._url = url.rstrip("/")
        self._clock = clock
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def close(self) -> None:
        """Closes the connections; the next request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, make: Callable[[httpx.AsyncClient], httpx.Request], read: Read) -> Reply | Failure:
        """Sends what `make` makes and reads the reply. Only cancelling raises."""
        import httpx

        try:
            async with asyncio.timeout(self._timeout):  # httpx's own limits begin anew with every byte
                client = self._connected()
                response = await client.send(make(client), stream=True)
                try:
                    return await read(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            return Failure(False, "total_timeout")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            return Failure(True, _name(exc))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as exc:
            return Failure(False, _name(exc))

    def _connected(self) -> httpx.AsyncClient:
        """The kept client; a new one when the loop is another, for connections die with their loop."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            import httpx

            limits = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=30.0)
            # Connecting gets half the time: a time-out there is told apart, and proves that nothing was sent.
            timeout = httpx.Timeout(self._timeout, connect=self._timeout / 2, pool=self._timeout / 2)
            carrier = self._transport(limits)
            self._client = httpx.AsyncClient(timeout=timeout, limits=limits, transport=carrier, trust_env=False)
            logging.getLogger("httpx").addFilter(_bare)
            self._loop = loop
        return self._client

    def _transport(self, limits: httpx.Limits) -> httpx.AsyncBaseTransport | None:
        """What carries the bytes; None: httpx's own."""
        return None


class Poster(_Line):
    """Signed POSTs to a gateway of our own kind, which answers 200 or not at all."""

    def __init__(self, url: str, *, key: bytes, clock: Clock, timeout: float) -> None:
        super().__init__(url, clock=clock, timeout=timeout)
        if not key:
            raise ValueError("the key is empty")
        self._key = key

    async def post(self, path: str, content: object) -> Reply | Failure:
        """POSTs `content` as JSON to `path`. Trouble of any kind is a Failure; only cancelling raises."""
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        headers = {"Content-Type": "application/json", **PLAIN, **signed_headers(self._key, body, self._clock())}
        url = self._url + path
        return await self._ask(
            lambda client: client.build_request("POST", url, content=body, headers=headers), self._read
        )

    async def _read(self, response: httpx.Response) -> Reply | Failure:
        if response.status_code != 200:
            return refused(Reply(None, response.status_code, _retry_after(response, self._clock())))
        body = await _body(response)
        return Failure(False, "oversized_reply") if body is None else Reply(_json(body))


class Caller(_Line):
    """Requests as an adapter made them: `await caller.call("POST", "/v3/push", body=…, headers=…)`.

    A reply of any status is read, because vendors put their code in the body of a 400: `Reply.status` tells it, and
    `refused(reply)` turns a status that is none of the vendor's answers into the Failure that it is. A Failure means
    that no reply was read: `unsent` is True where no connection was had. Redirects are not followed.
    """

    async def call(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None, host: str = ""
    ) -> Reply | Failure:
        """One request to `path`, its query included, under the caller's URL. Only cancelling raises.

        `host`: the name in the Host header that the server's certificate must bear, for a caller whose URL holds an
        address that was looked up and checked before.
        """
        named = {"Host": host} if host else {}
        sent = {**PLAIN, **(headers or {}), **named}
        more = {"sni_hostname": host.partition(":")[0]} if host else None
        url = self._url + path

        def make(client: httpx.AsyncClient) -> httpx.Request:
            return client.build_request(method, url, content=body, headers=sent, extensions=more)

        return await self._ask(make, self._read)

    async def _read(self, response: httpx.Response) -> Reply | Failure:
        import httpx

        try:
            body = await _body(response)
        except httpx.HTTPError:
            if response.is_success:
                raise
            body = b""  # the status stands, though its words broke off
        if body is None and response.is_success:
            return Failure(False, "oversized_reply")
        return Reply(_json(body or b""), response.status_code, _retry_after(response, self._clock()))


def refused(reply: Reply) -> Failure:
    """What a status that is no answer proves: `http_404`, and whether nothing was read as a send."""
    unsent = reply.status in UNSENT or 300 <= reply.status < 400
    return Failure(unsent, f"http_{reply.status}", reply.retry_after)


def _bare(record: logging.LogRecord) -> bool:
    """httpx writes each request's address into the log; vendors want numbers and tokens in its query."""
    return "?" not in record.getMessage()


async def _body(response: httpx.Response) -> bytes | None:
    """The body as it came, None for one that is too large."""
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > REPLY_LIMIT:
            return None
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    named = response.headers.get("Retry-After")
    if named is None and response.status_code == 429:
        named = response.headers.get("X-Rate-Limit-Reset")  # JPush: seconds until its minute is over
    return retry_seconds(named, now)


def retry_seconds(text: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After asks for, held within RETRY_LIMIT: a number of them, or an HTTP-date (RFC 9110,
    10.2.3) counted from `now`, 0 once it has passed. None for nonsense."""
    text = "" if text is None else text.strip(" \t")
    if text.isascii() and text.isdigit() and len(text) <= 9:  # ten digits are three centuries
        return min(float(text), RETRY_LIMIT)
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)  # the oldest form names no zone, and means GMT
    return min(max((found - now).total_seconds(), 0.0), RETRY_LIMIT)


def _name(exc: Exception) -> str:
    """`ReadTimeout` → `read_timeout`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in type(exc).__name__).lstrip("_")
