"""Which encoding a file is in: UTF-8, UTF-16 with its mark, GB18030; a page's own claim is believed last."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from profiles.records import RecordsError

BLOCK = 1 << 16
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAGIC = (
    b"%PDF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z",
)
_CLAIM = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,20})""", re.I)
_CLAIMED = {"big5": "big5hkscs", "big5-hkscs": "big5hkscs", "utf-16": "utf-16"}


def file_encoding(path: Path) -> str:
    """`utf-8-sig`, `utf-16` or `gb18030`: the one most lines speak for, in bounded memory.

    Lines of another encoding are the reader's to report. Raises RecordsError: unreadable, binary, encoding.
    """
    counts = {"utf-8-sig": 0, "gb18030": 0}
    first_bad = 0
    try:
        with path.open("rb") as handle:
            head = handle.read(BLOCK)
            if head.startswith(_MARKS):
                return "utf-16"
            _refuse_binary(head)
            handle.seek(0)
            for number, line in enumerate(_pieces(handle), start=1):
                if not line.isascii():
                    encoding = line_encoding(line)
                    if encoding:
                        counts[encoding] += 1
                    else:
                        first_bad = first_bad or number
    except OSError as exc:
        raise RecordsError("unreadable", path.name, f"The file cannot be read: {exc.strerror or exc}.") from exc
    if first_bad and not any(counts.values()):
        raise RecordsError("encoding", f"line {first_bad}", "The file is neither UTF-8 nor GB18030 text.")
    return max(counts, key=lambda encoding: counts[encoding])


def line_encoding(line: bytes) -> str | None:
    """`utf-8-sig` or `gb18030`, whichever the bytes are; a letter cut at either end is forgiven."""
    for encoding in ("utf-8-sig", "gb18030"):
        if readable(line, encoding):
            return encoding
    return None


def readable(line: bytes, encoding: str) -> bool:
    """Whether every byte is of this encoding (the last letter may be cut)."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(line)
    except UnicodeDecodeError:
        return False
    return True


def decoded(raw: bytes) -> str:
    """A whole text's bytes as text: what the bytes say goes before what the page claims.

    Raises RecordsError: binary, encoding.
    """
    if raw.startswith(_MARKS):
        candidates = ["utf-16"]
    else:
        _refuse_binary(raw)
        claim = _CLAIM.search(raw[:4096])
        claimed = _CLAIMED.get(claim.group(1).decode().lower()) if claim else None
        candidates = ["utf-8-sig", *([claimed] if claimed else []), "gb18030"]
    for encoding in candidates:
        try:
            return raw.decode(encoding)
        except UnicodeError:
            continue
    raise RecordsError("encoding", "", "The file is neither UTF-8, UTF-16 nor GB18030 text.")


def _refuse_binary(head: bytes) -> None:
    if head.startswith(_MAGIC) or b"\0" in head:
        raise RecordsError("binary", "", "The file is not text: save it as UTF-8 text, CSV, JSON or HTML.")


def _pieces(handle: BinaryIO) -> Iterator[bytes]:
    """Lines that are whole where they are short; a longer one is weighed by its beginning alone."""
    while line := handle.readline(BLOCK):
        yield line
        while len(line) == BLOCK and not line.endswith(b"\n"):
            line = handle.readline(BLOCK)
