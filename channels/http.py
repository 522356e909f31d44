"""One signed POST to a gateway, its bounded reply, and what its failure proves about the request."""

from __future__ import annotations

import asyncio
import json
import re
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
    """A reply that could be read. `found` is its JSON, or None when it is short or garbled."""

    found: Any


@dataclass(frozen=True)
class Failure:
    """No usable reply. `unsent` says whether that proves that nothing went out; `retry_after` is in seconds."""

    unsent: bool
    code: str
    retry_after: float | None = None


class Poster:
    """Signed POSTs over kept connections, which live as long as the asyncio loop of the first one."""

    def __init__(self, url: str, *, key: bytes, clock: Clock, timeout: float) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"the URL must begin with http:// or https://, not {url[:20]!r}")
        if not key:
            raise ValueError("the key is empty")
        self._url = url.rstrip("/")
        self._key = key
        self._clock = clock
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def post(self, path: str, content: object) -> Reply | Failure:
        """POSTs `content` as JSON to `path`. Trouble of any kind is a Failure; only cancelling raises."""
        import httpx

        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        headers = {"Content-Type": "application/json", **PLAIN, **signed_headers(self._key, body, self._clock())}
        try:
            async with asyncio.timeout(self._timeout):  # httpx's own limits begin anew with every byte
                return await self._stream(self._url + path, body, headers)
        except TimeoutError:
            return Failure(False, "total_timeout")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            return Failure(True, _name(exc))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as exc:
            return Failure(False, _name(exc))

    async def close(self) -> None:
        """Closes the connections; the next post opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _stream(self, url: str, body: bytes, headers: dict[str, str]) -> Reply | Failure:
        async with self._connected().stream("POST", url, content=body, headers=headers) as response:
            return await _read(response, self._clock)

    def _connected(self) -> httpx.AsyncClient:
        """The kept client; a new one when the loop is another, for connections die with their loop."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            import httpx

            limits = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=30.0)
            # Connecting gets half the time: a time-out there is told apart, and proves that nothing was sent.
            timeout = httpx.Timeout(self._timeout, connect=self._timeout / 2, pool=self._timeout / 2)
            self._client = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)
            self._loop = loop
        return self._client


async def _read(response: httpx.Response, clock: Clock) -> Reply | Failure:
    if response.status_code != 200:
        code = f"http_{response.status_code}"
        unsent = response.status_code in UNSENT or response.is_redirect
        return Failure(unsent, code, retry_seconds(response.headers.get("Retry-After"), clock()))
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > REPLY_LIMIT:
            return Failure(False, "oversized_reply")
    try:
        return Reply(json.loads(body))
    except (ValueError, RecursionError):
        return Reply(None)


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
