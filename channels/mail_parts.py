"""A mail that anybody may have written, as its parts: bytes, depth, parts and charsets are bounded, nothing raises.

The standard library reads the headers. It does not walk the body: its parser calls itself for each part inside another,
and makes a message of every blank line of a delivery status.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

MAIL_LIMIT = 1024 * 1024  # bytes of a mail that are looked at
HEAD_LIMIT = 64 * 1024
VALUE_LIMIT = 2000  # characters of one header
DEPTH = 4
PARTS = 20
BLOCKS = 40
BLANK = re.compile(rb"\n[ \t]*\n")
NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
# What people's mail is written in. Others are read as UTF-8: some of Python's codecs take minutes over a megabyte.
CHARSETS = re.compile(
    r"(us-)?ascii|utf-?8|gb2312|gbk|gb18030|big5(-hkscs)?|hz-gb-2312|iso-?8859-\d{1,2}|windows-125\d|koi8-[ru]"
    r"|iso-2022-(jp|kr)|shift_jis|euc-(jp|kr)",
    re.IGNORECASE,
)
CHINESE = re.compile("gb2312|gbk", re.IGNORECASE)


class Part(NamedTuple):
    """A part that has none inside: its type ("text/plain"), its headers, its body with the transfer encoding undone."""

    kind: str
    head: Message
    body: bytes


class Mail(NamedTuple):
    """A mail's own headers, its type, and its innermost parts in order; a message inside it is one part."""

    head: Message
    kind: str
    parts: tuple[Part, ...]


def read_parts(raw: bytes) -> Mail:
    """The parts of the first MAIL_LIMIT bytes; what cannot be read is a part of plain text."""
    data = raw[:MAIL_LIMIT].replace(b"\r\n", b"\n")
    head, body = _split(data)
    return Mail(head, kind_of(head), tuple(_parts(head, body, DEPTH, [PARTS])))


def read_head(data: bytes) -> Message:
    """The headers at the beginning of `data`; none where there are none to be read."""
    return _split(data[: 2 * HEAD_LIMIT].replace(b"\r\n", b"\n"))[0]


def read_blocks(data: bytes) -> list[Message]:
    """The groups of fields between blank lines (RFC 3464, 2.1)."""
    found = BLANK.split(data.replace(b"\r\n", b"\n").strip(b"\n"), maxsplit=BLOCKS)[:BLOCKS]
    return [_head(block) for block in found]


def field(head: Message, name: str) -> str:
    """A header in one line, "" where it is not there: printable, cut to VALUE_LIMIT."""
    return printable(str(head.get(name) or "")[:VALUE_LIMIT])


def fields(head: Message, name: str) -> list[str]:
    """All headers of a name, each as `field` gives it."""
    return [printable(str(value)[:VALUE_LIMIT]) for value in (head.get_all(name) or [])[:PARTS]]


def words(head: Message, name: str) -> str:
    """A header that people read, its encoded words decoded (RFC 2047)."""
    try:
        pieces = decode_header(str(head.get(name) or "")[:VALUE_LIMIT])
    except (MessageError, ValueError):
        return field(head, name)
    return printable("".join(one if isinstance(one, str) else decoded(one, charset or "") for one, charset in pieces))


def printable(text: str) -> str:
    """The text without NUL, halves of pairs and other controls, each run of blanks one space."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def decoded(data: bytes, charset: str) -> str:
    """Text in a charset that mail is written in, else read as UTF-8; what does not fit it is replaced."""
    name = charset if CHARSETS.fullmatch(charset) else "utf-8"
    try:
        return data.decode("gb18030" if CHINESE.fullmatch(name) else name, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def text_of(part: Part) -> str:
    """A text part's words, its line ends kept."""
    return decoded(part.body, _param(part.head, "charset"))


def kind_of(head: Message) -> str:
    """The type in small letters; text/plain where none can be read."""
    return str(_guarded(head.get_content_type, "text/plain"))


def _parts(head: Message, body: bytes, depth: int, left: list[int]) -> Iterator[Part]:
    boundary = _boundary(head) if head.get("Content-Type") and kind_of(head).startswith("multipart/") else b""
    if not boundary or depth == 0:
        left[0] -= 1
        yield Part(kind_of(head), head, _undone(field(head, "Content-Transfer-Encoding"), body))
        return
    for piece in _pieces(boundary, body):
        if left[0] <= 0:
            return
        yield from _parts(*_split(piece), depth - 1, left)


def _pieces(boundary: bytes, body: bytes) -> Iterator[bytes]:
    """What stands between the lines of a boundary; a mail that was cut has no last one."""
    start = -1
    for line in re.finditer(rb"^--%b(--)?[ \t]*$" % re.escape(boundary), body, re.MULTILINE):
        if start >= 0:
            yield body[start : line.start()].removesuffix(b"\n")
        start = line.end() + 1
        if line[1]:
            return
    if start >= 0:
        yield body[start:]


def _split(data: bytes) -> tuple[Message, bytes]:
    if data.startswith(b"\n"):
        return _head(b""), data[1:]
    end = data.find(b"\n\n")
    return (_head(data), b"") if end < 0 else (_head(data[: end + 1]), data[end + 2 :])


def _head(data: bytes) -> Message:
    return BytesHeaderParser().parsebytes(data[:HEAD_LIMIT])


def _undone(encoding: str, body: bytes) -> bytes:
    if encoding.lower() == "base64":
        bare = NO_BASE64.sub(b"", body)
        return binascii.a2b_base64(bare[: len(bare) // 4 * 4] + _tail(bare))
    return quopri.decodestring(body) if encoding.lower() == "quoted-printable" else body


def _tail(bare: bytes) -> bytes:
    """The last letters of base64 with the `=` that belong to them."""
    rest = bare[len(bare) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _boundary(head: Message) -> bytes:
    return _param(head, "boundary")[:200].rstrip().encode(errors="replace")


def _param(head: Message, name: str) -> str:
    if len(str(head.get("Content-Type") or "")) > VALUE_LIMIT:  # reading it takes the square of its length
        return ""
    found = _guarded(lambda: head.get_param(name), "")
    if isinstance(found, tuple):  # RFC 2231: charset, language, value
        found = found[-1]
    return str(found or "")


def _guarded(call: Callable[[], object], otherwise: str) -> object:
    """What the standard library reads in a header; it has many ways to fail on what no program writes."""
    try:
        return call()
    except Exception:
        return otherwise
