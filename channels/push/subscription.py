"""A browser's push subscription: where its push service takes messages, and the keys that only the browser opens."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.base import ChannelError
from channels.signers.base64url import decode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

# Where browsers let themselves be reached: Chrome and Edge on Android, Firefox, Edge, Safari. `*.` is any host below.
KNOWN = ("fcm.googleapis.com", "*.push.services.mozilla.com", "*.notify.windows.com", "web.push.apple.com")
LIMIT = 4096  # characters of a subscription; those in use have 300 to 700
PORTS = {"https": 443, "http": 80}
_ENDPOINT = re.compile(r"(https?)://([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?(/[!-\"$-~]{0,2000})", re.ASCII)


class Origin(NamedTuple):
    """A push service: `https`, its host in small letters, its port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """As RFC 6454 writes it, without the usual port."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """As it stands in `Host`."""
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"


class Subscription(NamedTuple):
    """`target` is the path with its query; `public` the browser's key, `point` the same in 65 bytes; `auth` the 16
    bytes that it shares with us."""

    origin: Origin
    target: str
    public: EllipticCurvePublicKey
    point: bytes
    auth: bytes


def read_subscription(text: str, allowed: Sequence[str] = KNOWN) -> Subscription:
    """The subscription that `{"endpoint", "p256dh", "auth"}` describes (the last two in base64url, RFC 8291, 2.1).

    `allowed`: hosts that may be posted to, `*.` before all below one; an origin (`http://127.0.0.1:8026`) allows what
    stands on this machine. Raises ChannelError "bad_subscription" or "host_not_allowed"; neither repeats the text.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

    try:
        told: Any = json.loads(text) if len(text) <= LIMIT else None
        endpoint, point, auth = told["endpoint"], decode(told["p256dh"]), decode(told["auth"])
        found = _ENDPOINT.fullmatch(endpoint)
        if found is None or len(point) != 65 or len(auth) != 16:
            raise ValueError
        public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ChannelError("bad_subscription", "This is no push subscription.") from None
    scheme, host, port, target = found.groups()
    origin = Origin(scheme, host.lower(), int(port or PORTS[scheme]))
    if not is_allowed(origin, tuple(allowed)):
        raise ChannelError("host_not_allowed", "This push service is not one of those that may be used.")
    return Subscription(origin, target, public, point, auth)


@lru_cache(maxsize=4096)
def is_allowed(origin: Origin, allowed: tuple[str, ...]) -> bool:
    """Whether a service may be posted to: a subscription is anybody's text, and must lead to no host of ours."""
    if str(origin) in allowed:
        return is_loopback(origin.host)
    if origin.scheme != "https" or origin.port != 443:
        return False
    return any(origin.host == one or (one[:2] == "*." and origin.host.endswith(one[1:])) for one in allowed)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its number."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
