"""An SMS vendor's account, and our messages in the words that vendors share: a template, its values, a number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from channels.base import ChannelError, Message

NO_TEMPLATE, BAD_PARAMS, BAD_NUMBER = "no_template", "bad_params", "bad_number"
MAINLAND = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})", re.ASCII)
WORDS = 200
_LONG_NUMBER = re.compile(r"\d{7,}", re.ASCII)


class Account(NamedTuple):
    """Where a vendor is reached (`base`, and `host` as it is signed), as whom (id, secret), and what the URL adds."""

    base: str
    host: str
    key: tuple[str, str]
    options: Mapping[str, str]


class Text(NamedTuple):
    """A message as vendors take it. `place` is its index in the batch, `number` eleven digits; `values` are the
    template's variables in its own order."""

    place: int
    number: str
    sign: str
    template: str
    values: tuple[tuple[str, str], ...]


def read_account(url: str, scheme: str, options: Iterable[str]) -> Account:
    """The account in `scheme://ID:SECRET@host[:port][?option=…]`, or `scheme+http://…` without TLS.

    Raises ValueError, which repeats no secret, for anything else.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # its sentence repeats the account
        raise ValueError("the URL cannot be read") from None
    if parts.scheme not in (scheme, f"{scheme}+http") or not parts.hostname:
        raise ValueError(f"the URL must be {scheme}://ID:SECRET@host")
    if not parts.username or not parts.password:
        raise ValueError("the URL has no account (ID:SECRET@)")
    key = (unquote(parts.username), unquote(parts.password))
    if not all(word.isascii() and word.isprintable() for word in key):  # the id stands in a header
        raise ValueError("the URL's account holds a letter that no account has")
    found = dict(parse_qsl(parts.query))
    if strange := found.keys() - set(options):
        raise ValueError(f"the URL's option {min(strange)!r} is not known")
    host = parts.netloc.rpartition("@")[2]
    base = f"{'http' if parts.scheme.endswith('+http') else 'https'}://{host}"
    return Account(base, host, key, found)


def read_text(place: int, message: Message) -> Text:
    """The message in a vendor's words: `meta` holds `sign`, `template`, `params` (a JSON object of the template's
    values) and, where their order counts, `order` (a JSON list of their names).

    Raises ChannelError "no_template", "bad_params" or "bad_number" (no mainland mobile number).
    """
    meta = message.meta
    if not meta.get("template"):
        raise ChannelError(NO_TEMPLATE, "The message names no template of the vendor.")
    number = national(message.to)
    if not number:
        raise ChannelError(BAD_NUMBER, "The address is no mainland mobile number.")
    values = _values(meta.get("params") or "{}", meta.get("order") or "")
    return Text(place, number, meta.get("sign", ""), meta["template"], values)


def national(value: Any) -> str:
    """The eleven digits of a mainland mobile number written in any of the vendors' ways, "" for anything else."""
    found = MAINLAND.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else ""


def international(value: Any) -> str:
    """The number as addresses are kept, `+86` and eleven digits; "" for anything else."""
    number = national(value)
    return f"+86{number}" if number else ""


def said(value: Any, limit: int = WORDS) -> str:
    """A vendor's word as a text that can be stored: no NUL, no half of a pair; "" for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:limit].replace("\0", "").encode(errors="replace").decode()


def unnumbered(text: str) -> str:
    """The text without what could be a telephone number."""
    return _LONG_NUMBER.sub("…", text)


def apart(texts: Iterable[Text]) -> Iterator[tuple[int, Text]]:
    """Each text with how many before it have its number: a vendor's call bears every number once, for its answer and
    its receipts name messages by their number."""
    seen: dict[tuple[str, str], int] = {}
    for text in texts:
        turn = seen.get((text.template, text.number), 0)
        seen[text.template, text.number] = turn + 1
        yield turn, text


def _values(params: str, order: str) -> tuple[tuple[str, str], ...]:
    try:
        found, names = json.loads(params), json.loads(order) if order else None
        if not isinstance(found, dict):
            raise TypeError
        values = tuple((name, found[name]) for name in (list(found) if names is None else names))
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise ChannelError(BAD_PARAMS, "The template's values are no JSON object, or one of them is missing.") from exc
    if not all(isinstance(word, str) for pair in values for word in pair):
        raise ChannelError(BAD_PARAMS, "A template's values are texts.")
    return values
