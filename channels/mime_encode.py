"""Base64 around holes: fixed text is encoded once at each of its three alignments, a value only where it stands."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from channels.templates import Hole

LINE = 76  # characters of base64
WORD_BYTES = 42  # an encoded word may have 75 characters
PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 ]{1,60}", re.ASCII)


class Aligned(NamedTuple):
    """A fixed text after 0, 1 or 2 bytes: `head` fills the group of three, `lines` are ready, `tail` is left over."""

    head: bytes
    lines: bytes
    tail: bytes


@dataclass(frozen=True)
class Encoded:
    """A body part: its headers and the fixed text before the first hole (`left` of it is not encoded yet), its holes'
    names, and the fixed text behind each at each alignment. `ended` says of each fixed text, the first too, whether it
    ends with a line end; None when it is empty."""

    head: bytes
    left: bytes
    html: bool
    holes: tuple[str, ...]
    texts: tuple[tuple[Aligned, Aligned, Aligned], ...]
    ended: tuple[bool | None, ...]
    fixed: bytes


def encode(segments: Sequence[str | Hole], subtype: str) -> Encoded:
    """The part for a text cut at its holes; line ends become CRLF, as mail wants it."""
    texts: list[str] = [""]
    holes: list[str] = []
    for segment in segments:
        if isinstance(segment, Hole):
            holes.append(segment.name)
            texts.append("")
        else:
            texts[-1] += segment
    lined = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    ready = [text.replace("\n", "\r\n").encode(errors="replace") for text in lined]
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    first = _aligned(ready[0], 0)
    return Encoded(
        head=head.encode() + first.lines,
        left=first.tail,
        html=subtype == "html",
        holes=tuple(holes),
        texts=tuple(_all_aligned(text) for text in ready[1:]),
        ended=tuple(text.endswith(b"\n") if text else None for text in ready),
        fixed=b"\0".join(ready),
    )


def fill_part(pieces: list[bytes], part: Encoded, values: Sequence[bytes]) -> None:
    """Appends the part, its base64 with `values` (UTF-8 without line ends, one for each hole) in their places. The
    last line gets a line end if it has none."""
    pieces.append(part.head)
    left = part.left
    for value, text in zip(values, part.texts, strict=True):
        left += value
        head, lines, tail = text[len(left) % 3]
        left += head
        if lines:  # else the fixed text is too short to stand alone, and may not even fill the group
            pieces.append(_lines(left))
            pieces.append(lines)
            left = tail
        else:
            left += tail
    pieces.append(_lines(left if _has_line_end(part, values) else left + b"\r\n"))


def encode_phrase(text: str) -> str:
    """A header text: as it is when plain, else folded encoded words (RFC 2047), cut between characters."""
    if PLAIN_PHRASE.fullmatch(text) and text == text.strip():
        return text
    words: list[bytes] = [b""]
    for char in text:
        encoded = char.encode(errors="replace")
        if len(words[-1]) + len(encoded) > WORD_BYTES:
            words.append(b"")
        words[-1] += encoded
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def _has_line_end(part: Encoded, values: Sequence[bytes]) -> bool:
    """Whether the filled text ends with a line end: the last piece that is not empty decides."""
    if part.ended[-1] is not None:
        return part.ended[-1]
    for value, ended in zip(reversed(values), reversed(part.ended[:-1]), strict=True):
        if value or ended is not None:
            return not value and bool(ended)
    return False


def _all_aligned(text: bytes) -> tuple[Aligned, Aligned, Aligned]:
    return _aligned(text, 0), _aligned(text, 2), _aligned(text, 1)


def _aligned(text: bytes, head: int) -> Aligned:
    rest = text[head:]
    whole = len(rest) - len(rest) % 3
    return Aligned(text[:head], _lines(rest[:whole]), rest[whole:])


def _lines(data: bytes) -> bytes:
    """Base64 lines, each ended by CRLF; nothing for nothing."""
    if len(data) <= LINE // 4 * 3:
        return b2a_base64(data, newline=False) + b"\r\n" if data else b""
    made = b2a_base64(data, newline=False)
    return b"".join([made[at : at + LINE] + b"\r\n" for at in range(0, len(made), LINE)])
