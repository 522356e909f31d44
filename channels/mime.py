"""Mail as a pre-encoded skeleton with holes: built once for a content, filled for each recipient.

Bodies are base64, so a value can neither end a part nor start a header; the few header values are checked.
Decoded, a filled skeleton equals what the standard library builds from the same texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from html import escape

from channels.any_address import any_mail_address
from channels.base import ChannelError
from channels.mime_encode import Encoded, encode, encode_phrase, fill_part
from channels.mime_frame import Image, frame
from channels.templates import Hole, Template
from channels.text import TextError, mail_address
from channels.wire import Mail

KEY = re.compile(r"[A-Za-z0-9._~-]{1,128}", re.ASCII)
URL = re.compile(r"https?://[!#-;=?-Z\[\]_a-z~%]{1,900}", re.ASCII)  # no space, quote, <, > or backslash
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
URL_HOLES = frozenset({"link"})  # beside the letter's own, which is checked as a header
VALUE_LIMIT = 10_000


class MimeError(ChannelError):
    """A header or value that may not stand in a mail: bad_address, bad_key, bad_url, bad_header, missing_value,
    too_long or naive_date."""


@dataclass(frozen=True)
class Skeleton:
    """A mail's fixed bytes, the bodies between them, and the names of their holes. `domain` ends every Message-ID."""

    head: bytes
    domain: bytes
    bodies: tuple[Encoded, ...]
    end: bytes
    holes: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """What differs from recipient to recipient. `date` is aware; an empty `unsubscribe_url` leaves its headers out."""

    to: str
    key: str
    date: datetime
    unsubscribe_url: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def build_skeleton(
    subject: Template,
    text: Template,
    html: Template | None,
    *,
    sender: str,
    values: Mapping[str, object],
    images: Sequence[Image] = (),
) -> Skeleton:
    """The skeleton for one content: templates rendered with `values`, their holes left open.

    `sender` is `Name <address>`; `images` are what the HTML shows. Raises TemplateError for the templates, MimeError
    for subject and sender.
    """
    line = subject.segments(values)
    if len(line) != 1 or isinstance(line[0], Hole):
        raise MimeError("bad_header", "The subject may not hold a recipient's own value.")
    name, address = parseaddr("" if CONTROLS.search(sender) else sender)
    bodies = [encode(text.segments(values), "plain")]
    if html is not None:
        bodies.append(encode(html.segments(values, html=True), "html"))
    plain = _sender(address)
    fixed = f"From: {_from(name, plain)}\r\nSubject: {_phrase(line[0], 'subject')}\r\n"
    fixed += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
    domain = plain.rpartition("@")[2].encode()
    holes = tuple({name: None for body in bodies for name in body.holes})
    framed = frame(bodies, images)
    return Skeleton(fixed.encode("ascii") + framed.head, domain, framed.bodies, framed.end, holes)


def fill(skeleton: Skeleton, letter: Letter) -> Mail:
    """The complete mail. Raises MimeError, and then nothing is built."""
    given = {**letter.values, "unsubscribe_url": letter.unsubscribe_url}
    values = {name: _value(name, given) for name in skeleton.holes}
    pieces = [_own_head(skeleton, letter), skeleton.head]
    for body in skeleton.bodies:
        fill_part(pieces, body, [(escape(values[n]) if body.html else values[n]).encode() for n in body.holes])
    pieces.append(skeleton.end)
    return Mail(b"".join(pieces))


def clean(value: str) -> str:
    """A recipient's value as one line: control characters and line ends become a space."""
    return value if value.isprintable() else CONTROLS.sub(" ", value)


def _own_head(skeleton: Skeleton, letter: Letter) -> bytes:
    to, key = _address(letter.to), _checked(letter.key, KEY, "bad_key")
    head = b"To: %b\r\nMessage-ID: <%b@%b>\r\nDate: %b\r\n" % (to, key, skeleton.domain, _date(letter.date))
    if letter.unsubscribe_url:
        url = _checked(letter.unsubscribe_url, URL, "bad_url")
        head += b"List-Unsubscribe: <%b>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" % url
    return head


def _value(name: str, values: Mapping[str, str]) -> str:
    value = values.get(name)
    if value is None:
        raise MimeError("missing_value", f"There is no value for {name!r}.")
    if len(value) > VALUE_LIMIT:
        raise MimeError("too_long", f"The value of {name!r} is longer than {VALUE_LIMIT} characters.")
    if name in URL_HOLES and value:
        _checked(value, URL, "bad_url")
    return clean(value)


def _address(value: str) -> bytes:
    """In UTF-8 where its name has other letters than Latin ones (RFC 6532): what is sent so says SMTPUTF8."""
    try:
        return any_mail_address(value).encode()
    except TextError as exc:
        raise MimeError(exc.code, exc.sentence) from exc


def _sender(value: str) -> str:
    try:
        return mail_address(value)
    except TextError as exc:
        raise MimeError(exc.code, exc.sentence) from exc


def _checked(value: str, shape: re.Pattern[str], code: str) -> bytes:
    if shape.fullmatch(value) is None:
        raise MimeError(code, f"A header value is refused as {code}.")  # never the value: it may be an address
    return value.encode("ascii")


@lru_cache(maxsize=64)  # a batch has one date
def _date(date: datetime) -> bytes:
    if date.tzinfo is None:
        raise MimeError("naive_date", "The mail's date has no time zone.")
    return format_datetime(date.astimezone(UTC)).encode()


def _from(name: str, address: str) -> str:
    return f"{_phrase(name, 'sender')} <{address}>" if name else address


def _phrase(text: str, what: str) -> str:
    if CONTROLS.search(text):
        raise MimeError("bad_header", f"The {what} may not hold line ends or control characters.")
    if not text.strip() or len(text) > 500:
        raise MimeError("bad_header", f"The {what} is empty or longer than 500 characters.")
    return encode_phrase(text)
