"""Providers as the settings name them: one URL, or several with names, weights, rates and keys."""

from __future__ import annotations

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit

# The setting that lists a channel's providers, the channel, and what their URLs may begin with.
CHANNELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "smtp_url": ("email", ("smtp", "smtps")),
    "sms_url": ("sms", ("http", "https", "aliyun", "aliyun+http", "tencent", "tencent+http")),
    "app_url": ("app", ("http", "https")),
}
# What a URL's scheme means: the kind of adapter, and what it speaks through. `+http` is for this machine only.
KINDS = {"smtp": "smtp", "smtps": "smtp", "aliyun": "aliyun_sms", "tencent": "tencent_sms"}
GATEWAY_KINDS = {"sms": "http_sms", "app": "app"}
NAMED = re.compile(r"([^=:/@\s]*)=(.*)")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
OPTIONS = re.compile(r"((?:;[a-z]+=[^;=@/?]*)*)$")
MOST = 1e6


class OfferError(ValueError):
    """A list of providers is malformed or lacks a key; the sentence names the setting and repeats no URL."""


@dataclass(frozen=True)
class Offer:
    """One provider of a channel. `name` is its route; `weight` its share among those of its channel; `rate` messages a
    second (None: as PUSHSVC_RATE_PER_SECOND says); `key` signs requests to it (gateways only); `kind` is its adapter.
    """

    name: str
    channel: str
    setting: str
    url: str = field(repr=False)
    weight: float = 1.0
    rate: float | None = None
    key: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> str:
        """The adapter's name in `channels.registry`."""
        return KINDS.get(urlsplit(self.url).scheme.removesuffix("+http")) or GATEWAY_KINDS[self.channel]

    @property
    def is_vendor(self) -> bool:
        """Whether it signs in with an account of its own, and knows nothing of our keys."""
        return self.kind in ("aliyun_sms", "tencent_sms")


def read_offers(urls: Mapping[str, str], *, key: bytes, keys: str, derived: bool = False) -> tuple[Offer, ...]:
    """All providers, from `urls` by the names in CHANNELS; `keys` holds `name=key` words.

    `key` signs for a gateway that is its channel's only one. One that was `derived`, not given, serves gateways on this
    machine only: nobody elsewhere can know it. Raises OfferError.
    """
    own = _read_keys(keys)
    found: list[Offer] = []
    for setting, text in urls.items():
        several = _read_setting(setting, text)
        found += [_with_key(offer, own, key, alone=len(several) == 1, derived=derived) for offer in several]
    doubled = [name for name, n in Counter(offer.name for offer in found).items() if n > 1]
    if doubled:
        second = [offer for offer in found if offer.name == doubled[0]][1]
        raise OfferError(f"{_env(second.setting)}: two providers are called {doubled[0]!r}.")
    strangers = sorted(own.keys() - {offer.name for offer in found})
    if strangers:
        raise OfferError(f"PUSHSVC_GATEWAY_KEYS: there is no provider {strangers[0]!r}.")
    return tuple(found)


def _read_setting(setting: str, text: str) -> list[Offer]:
    words = text.split()
    offers = [_read_word(setting, word, alone=len(words) == 1) for word in words]
    if not offers:
        raise OfferError(f"{_env(setting)} names no provider.")
    if sum(offer.weight for offer in offers) <= 0:
        raise OfferError(f"{_env(setting)}: the weights are all 0, so that nothing would leave.")
    return offers


def _read_word(setting: str, word: str, *, alone: bool) -> Offer:
    channel, schemes = CHANNELS[setting]
    named = NAMED.fullmatch(word)
    if named is None and not alone:
        raise OfferError(f"{_env(setting)}: each of several providers needs a name: `name=url`.")
    name, rest = (named[1], named[2]) if named else (channel, word)
    if NAME.fullmatch(name) is None or (name in ("app", "sms", "email") and name != channel):
        raise OfferError(f"{_env(setting)}: {name!r} is no name of a provider: small letters, digits, `-` and `_`.")
    tail = OPTIONS.search(rest)
    options = tail[1] if tail else ""
    url = rest.removesuffix(options)
    if url.partition(":")[0] not in schemes:
        raise OfferError(f"{_env(setting)} must begin with {' or '.join(f'{each}:' for each in schemes)}.")
    _check_credentials(setting, name, _split(setting, url))
    told = _read_options(setting, name, options)
    return Offer(name, channel, setting, url, weight=told.get("weight", 1.0), rate=told.get("rate"))


def _read_options(setting: str, name: str, text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for option in text.split(";")[1:]:
        word, _, value = option.partition("=")
        if word not in ("weight", "rate") or word in found:
            raise OfferError(f"{_env(setting)}, {name}: {word!r} is no option or stands twice; there are weight, rate.")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (0 <= number <= MOST) or (word == "rate" and number == 0):
            raise OfferError(f"{_env(setting)}, {name}: the {word} {value!r} is no number it can be.")
        found[word] = number
    return found


def _read_keys(text: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for word in text.split():
        name, equals, key = word.partition("=")
        if not equals or not key or NAME.fullmatch(name) is None or name in found:
            raise OfferError("PUSHSVC_GATEWAY_KEYS must hold `name=key` words, each name once.")
        found[name] = key.encode()
    return found


def _with_key(offer: Offer, own: Mapping[str, bytes], key: bytes, *, alone: bool, derived: bool) -> Offer:
    """The offer with what signs its requests: each of several gateways has a key of its own, so that none can sign
    the receipts of another."""
    if offer.setting == "smtp_url" or offer.is_vendor:
        if offer.name in own:
            what = "a vendor" if offer.is_vendor else "a mail server"
            raise OfferError(f"PUSHSVC_GATEWAY_KEYS: {offer.name!r} is {what}; its password stands in its URL.")
        return offer
    mine = own.get(offer.name, key.strip() if alone else b"")
    if offer.name not in own and alone and derived and not is_here(offer.url):
        mine = b""
    if not mine:
        missing = "PUSHSVC_GATEWAY_KEY" if alone else "PUSHSVC_GATEWAY_KEYS"
        wanted = "" if alone else f" (`{offer.name}=…`)"
        raise OfferError(
            f"{missing} is missing{wanted}: {_env(offer.setting)} names the gateway {offer.name!r}, "
            "and requests to it are signed."
        )
    return replace(offer, key=mine)


def is_here(url: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(setting: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:  # its sentence repeats the account, also in a traceback
        raise OfferError(f"{_env(setting)} holds a URL that cannot be read.") from None
    if not parts.hostname or not port_is_fine:
        raise OfferError(f"{_env(setting)} holds a URL without a host or with a port that is none.")
    return parts


def _check_credentials(setting: str, name: str, parts: SplitResult) -> None:
    """A sign-in has both halves."""
    if bool(parts.username) != bool(parts.password):
        lacks = "password" if parts.username else "user"
        raise OfferError(f"{_env(setting)}, {name}: the URL's sign-in (`user:password@`) has no {lacks}.")
    vendor = KINDS.get(parts.scheme.removesuffix("+http"), "smtp") != "smtp"
    if vendor and not parts.username:
        raise OfferError(f"{_env(setting)}, {name}: the URL has no account (`id:secret@`).")
    if parts.scheme.endswith("+http") and not is_here(parts.geturl()):
        raise OfferError(f"{_env(setting)}, {name}: without TLS a vendor may only be on this machine.")


def _env(setting: str) -> str:
    return f"PUSHSVC_{setting.upper()}"


def of_channel(offers: Sequence[Offer], channel: str) -> list[Offer]:
    """The providers of one channel, in the order of the setting."""
    return [offer for offer in offers if offer.channel == channel]
