"""Vendors that reach devices, as PUSHSVC_PUSH_URLS names them: at most one for each platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from pushsvc.offers import OfferError, is_here

SETTING = "PUSHSVC_PUSH_URLS"
# What a URL's scheme means: the platform, and the adapter's name in `channels.registry`.
VENDORS = {"jpush": ("jpush", "jpush"), "wechat": ("wechat", "wechat_mp"), "webhook": ("webhook", "webhook")}
SCHEMES = ("jpush", "jpush+http", "wechat", "wechat+http", "webhook+https", "webhook+http")


@dataclass(frozen=True)
class PushOffer:
    """The vendor of a platform; `kind` is its adapter. `key` signs requests to a webhook, others sign in by the URL."""

    platform: str
    kind: str
    url: str = field(repr=False)
    key: bytes = field(default=b"", repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it stands on this machine."""
        return is_here(self.url)


def read_push_offers(text: str, *, key: bytes, derived: bool = False) -> tuple[PushOffer, ...]:
    """The vendors in `text`, URLs apart by spaces. `key` and `derived` as for `read_offers`. Raises OfferError."""
    found: dict[str, PushOffer] = {}
    for word in text.split():
        offer = _read(word, key.strip(), derived=derived)
        if offer.platform in found:
            raise OfferError(f"{SETTING}: there are two vendors for {offer.platform}.")
        found[offer.platform] = offer
    return tuple(found.values())


def _read(url: str, key: bytes, *, derived: bool) -> PushOffer:
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES:
        raise OfferError(f"{SETTING} must begin with {' or '.join(f'{each}:' for each in SCHEMES)}.")
    platform, kind = VENDORS[scheme.partition("+")[0]]
    parts = _split(url, platform)
    if scheme.endswith("+http") and not is_here(url):
        raise OfferError(f"{SETTING}, {platform}: without TLS a vendor may only be on this machine.")
    if platform == "webhook":
        if not key or (derived and not is_here(url)):
            raise OfferError(
                f"PUSHSVC_GATEWAY_KEY is missing: {SETTING} names a webhook, and requests to it are signed."
            )
        return PushOffer(platform, kind, url, key)
    if not (parts.username and parts.password):
        raise OfferError(f"{SETTING}, {platform}: the URL has no account (`id:secret@`).")
    if platform == "wechat" and not parse_qs(parts.query).get("template"):
        raise OfferError(f"{SETTING}, wechat: the URL names no template (`?template=ID`).")
    return PushOffer(platform, kind, url)


def _split(url: str, platform: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:  # its sentence repeats the account, also in a traceback
        raise OfferError(f"{SETTING}, {platform}: the URL cannot be read.") from None
    if not parts.hostname or not port_is_fine:
        raise OfferError(f"{SETTING}, {platform}: the URL has no host, or a port that is none.")
    return parts
