"""What push vendors share: the account in a provider's URL, text that fits, and a few requests at a time."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from channels.text import shorten

Item = TypeVar("Item")
Result = TypeVar("Result")
AT_ONCE = 8  # requests under way; half of the connections that a caller keeps


class Account(NamedTuple):
    """An account at a vendor: `base` is the http(s) URL without it, `options` what follows the question mark."""

    base: str
    user: str
    secret: str
    options: Mapping[str, str]


def read_account(url: str, scheme: str, known: Collection[str] | None = None) -> Account:
    """The account in `scheme://user:secret@host?option=value`; `scheme+http` is for this machine only.

    Raises ValueError for anything else, and for an option that is not `known` (None: any); it repeats no secret.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # its sentence repeats the account
        raise ValueError("the URL cannot be read") from None
    if parts.scheme not in (scheme, f"{scheme}+http"):
        raise ValueError(f"the URL must begin with {scheme}://")
    plain = parts.scheme != scheme
    if not (parts.hostname and parts.username and parts.password):
        raise ValueError(f"the URL must be {scheme}://user:secret@host")
    if plain and not _here(parts.hostname):
        raise ValueError("without TLS a vendor may only be on this machine")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    strange = sorted(options.keys() - known) if known is not None else []
    if strange:
        raise ValueError(f"there is no option {strange[0]!r}")
    host = parts.netloc.rpartition("@")[2]
    base = f"{'http' if plain else 'https'}://{host}{parts.path.rstrip('/')}"
    return Account(base, unquote(parts.username), unquote(parts.password), options)


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def plain(text: str, limit: int, *, marked: bool = True) -> str:
    """The text as a vendor takes it: without control characters and halves of pairs, its white space single, cut to
    `limit` UTF-16 units. `marked`: an ellipsis says that it was cut."""
    kept = " ".join(text.encode("utf-8", "ignore").decode().split())
    kept = "".join(char for char in kept if char.isprintable())
    return shorten(kept, limit) if marked or len(kept) <= limit else kept[:limit]


def stored(value: object, limit: int = 64) -> str:
    """What a vendor said, as a short text that can be stored."""
    if not isinstance(value, str | int) or isinstance(value, bool) or (isinstance(value, int) and abs(value) >> 70):
        return ""
    return plain(str(value)[: limit * 2], limit, marked=False)


async def spread(items: Sequence[Item], call: Callable[[Item], Awaitable[Result]]) -> list[Result]:
    """`call` of each item, AT_ONCE at a time; the results in the items' order."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> Result:
        async with free:
            return await call(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
