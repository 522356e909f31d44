"""Lines of a file in bounded memory, each with its number; a line that cannot be held or read is a named error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from profiles.records import RowError
from pushsvc.texts.encodings import BLOCK, file_encoding

MAX_LINE = 2_000_000  # bytes
MAX_LINES = 2_000_000

Line = tuple[int, str | RowError]


def text_lines(path: Path, *, max_line: int = MAX_LINE) -> Iterator[Line]:
    """(number, line with its end, or error). Raises RecordsError: unreadable, binary, encoding."""
    encoding = file_encoding(path)
    if encoding == "utf-16":
        with path.open(encoding=encoding, newline="", errors="replace") as text:
            yield from _wide_lines(text, max_line)
    else:
        with path.open("rb") as raw:
            yield from _byte_lines(raw, max_line, encoding)


def _byte_lines(raw: BinaryIO, max_line: int, encoding: str) -> Iterator[Line]:
    number = 0
    while line := raw.readline(max_line + 1):
        number += 1
        if number > MAX_LINES:
            yield number, RowError(number, "", "too_many_lines", f"The file has more than {MAX_LINES:,} lines.")
            return
        if len(line) > max_line:
            _skip_line(raw, line)
            yield number, _too_long(number, max_line)
            continue
        try:
            yield number, line.decode(encoding if number == 1 else encoding.removesuffix("-sig"))
        except UnicodeDecodeError:
            name = encoding.removesuffix("-sig").upper()
            yield number, RowError(number, "", "encoding", f"The line is not {name}, which the file is written in.")


def _wide_lines(text: TextIO, max_line: int) -> Iterator[Line]:
    number = 0
    while line := text.readline(max_line + 1):
        number += 1
        if number > MAX_LINES:
            yield number, RowError(number, "", "too_many_lines", f"The file has more than {MAX_LINES:,} lines.")
            return
        if len(line) > max_line:
            while line and not line.endswith(("\n", "\r")):
                line = text.readline(BLOCK)
            yield number, _too_long(number, max_line)
        else:
            yield number, line


def _too_long(number: int, max_line: int) -> RowError:
    return RowError(number, "", "line_too_long", f"The line is longer than {max_line:,} bytes.")


def _skip_line(handle: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = handle.readline(BLOCK)
