"""Where a request may go when somebody else chose its URL: server-side request forgery is refused (OWASP, CWE-918).

A URL is read by one strict pattern, so that no two parsers can disagree about its host. The name is resolved once, all
its addresses must be public, and the connection goes to the address that was checked, while TLS still verifies the
name: an answer that changes between check and use (DNS rebinding) changes nothing. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import httpx

from channels.base import ChannelError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
MOST_ADDRESSES = 8
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
# IANA's special-purpose registry of IPv4 (RFC 6890), multicast, and the address that Azure's hosts answer at.
_CLOSED_4 = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
        "240.0.0.0/4",
    )
)  # fmt: skip
# Of IPv6 only global unicast is open: no mapped IPv4, NAT64, unique-local, link-local or multicast; and of it not the
# protocol block with Teredo, documentation, 6to4 (which holds an IPv4 address), AS112.
_OPEN_6 = ipaddress.ip_network("2000::/3")
_CLOSED_6 = tuple(
    ipaddress.ip_network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_WITHIN = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")  # names of somebody's own network
URL_LIMIT = 2048


class Target(NamedTuple):
    """Where a URL leads: its host as it is written (an IPv6 address without brackets), and its port."""

    scheme: str
    host: str
    port: int


class Blocked(httpx.ConnectError):
    """The guard let nothing leave."""


def read_target(url: str, *, allow_local: bool = False) -> Target:
    """The target of `https://name[:port][/path][?query]`: a host name with a dot, port 443 or from 1024.

    `allow_local` also lets through this machine (`http://127.0.0.1:8026`), for rehearsals and tests. Raises
    ChannelError "blocked_address"; the sentence does not repeat the URL.
    """
    found = _URL.fullmatch(url) if len(url) <= URL_LIMIT else None
    if found is None:
        raise _blocked("The URL must be https://name/path: without a sign-in, a fragment or a character out of place.")
    host, port = found["host"].strip("[]").lower(), int(found["port"] or (443 if found["scheme"] == "https" else 80))
    if _is_loopback(host):
        if not allow_local:
            raise _blocked("The URL leads to this machine.")
        return Target(found["scheme"], host, port)
    if found["scheme"] != "https":
        raise _blocked("The URL must begin with https://.")
    if not _is_name(host):
        raise _blocked("The URL's host must be a public name, no number and no name of a local network.")
    if port != 443 and not 1024 <= port <= 65535:
        raise _blocked("The URL's port must be 443, or 1024 and above.")
    return Target("https", host, port)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in block for block in _CLOSED_4)
    return found.scope_id is None and found in _OPEN_6 and not any(found in block for block in _CLOSED_6)


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as this machine resolves it. Raises OSError."""
    rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


async def checked_addresses(target: Target, resolve: Resolve, *, allow_local: bool = False) -> list[str]:
    """The addresses to connect to, at most MOST_ADDRESSES. One that is not public spoils all: a name that also leads
    inside is no mistake. Raises ChannelError "blocked_address", and OSError as `resolve` does."""
    found = [target.host] if _is_loopback(target.host) else list(await resolve(target.host, target.port))
    if not found:
        raise _blocked("The host has no address.")
    if not all(is_public(each) or (allow_local and _is_loopback(each)) for each in found):
        raise _blocked("The host has an address that is not public.")
    return found[:MOST_ADDRESSES]


class Way(NamedTuple):
    """How names become addresses, and whom TLS believes (None: the system's authorities)."""

    resolve: Resolve = look_up
    tls: ssl.SSLContext | None = None


class GuardedTransport(httpx.AsyncBaseTransport):
    """Carries requests only to where they may go, this machine included if `allow_local`."""

    def __init__(self, limits: httpx.Limits, *, way: Way, allow_local: bool = False) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=way.tls or True, limits=limits, trust_env=False)
        self._resolve = way.resolve
        self._allow_local = allow_local

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response of the first address that takes a connection. Raises Blocked, and what httpx raises."""
        host, addresses = await self._addresses(request)
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_aimed(request, address, host))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_aimed(request, addresses[-1], host))

    async def aclose(self) -> None:
        """Closes the kept connections."""
        await self._inner.aclose()

    async def _addresses(self, request: httpx.Request) -> tuple[str, list[str]]:
        seconds = request.extensions.get("timeout", {}).get("connect")
        try:
            target = read_target(str(request.url), allow_local=self._allow_local)
            async with asyncio.timeout(seconds):
                return target.host, await checked_addresses(target, self._resolve, allow_local=self._allow_local)
        except ChannelError as exc:
            raise Blocked(exc.sentence, request=request) from exc
        except TimeoutError as exc:
            raise httpx.ConnectTimeout("the host's name was not resolved in time", request=request) from exc
        except (OSError, UnicodeError) as exc:
            raise httpx.ConnectError("the host's name was not resolved", request=request) from exc


def _aimed(request: httpx.Request, address: str, host: str) -> httpx.Request:
    """The request to an address; its Host header and the name that TLS verifies stay."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


def _is_loopback(text: str) -> bool:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(found.version == block.version and found in block for block in LOOPBACK)


def _is_name(host: str) -> bool:
    """Whether it is a name of the public DNS: two labels or more, the last no number in any base."""
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    last = labels[-1]
    return last[0].isalpha() and not any(host == name or host.endswith(f".{name}") for name in _WITHIN)


def _blocked(sentence: str) -> ChannelError:
    return ChannelError("blocked_address", sentence)
