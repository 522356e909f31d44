"""JSON lines, read in bounded memory: each line is an object or a named error with its number."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from profiles.records import RecordsError, RowError

MAX_LINE = 2_000_000  # bytes
_BLOCK = 1 << 16

Line = tuple[int, dict[str, Any] | RowError]


def json_lines(path: Path, *, max_line: int = MAX_LINE) -> Iterator[Line]:
    """(line number, object or error) for each line that is not blank. Raises RecordsError: unreadable, encoding."""
    encoding = text_encoding(path)
    with path.open("rb") as handle:
        number = 0
        while raw := handle.readline(max_line + 1):
            number += 1
            if len(raw) > max_line:
                _skip_line(handle, raw)
                yield number, RowError(number, "", "line_too_long", f"The line is longer than {max_line:,} bytes.")
            elif raw.strip():
                yield number, _parse(number, raw.decode(encoding))


def text_encoding(path: Path) -> str:
    """`utf-8-sig` or `gb18030`, whichever the whole file is. Raises RecordsError: unreadable, encoding."""
    for encoding in ("utf-8-sig", "gb18030"):
        line = _bad_line(path, encoding)
        if line is None:
            return encoding
    raise RecordsError("encoding", f"line {line}", "The file is neither UTF-8 nor GB18030 text.")


def _bad_line(path: Path, encoding: str) -> int | None:
    """The first line that this encoding cannot read, None if there is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    try:
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                decoder.decode(block)
                lines += block.count(b"\n")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as exc:
        return lines + exc.object[: exc.start].count(b"\n")
    except OSError as exc:
        raise RecordsError("unreadable", str(path), f"The file cannot be read: {exc.strerror}.") from exc
    return None


def _skip_line(handle: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = handle.readline(_BLOCK)


def _parse(number: int, text: str) -> dict[str, Any] | RowError:
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        why = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
        return RowError(number, "", "not_json", f"The line is not a JSON object: {why[:80]}.")
    if not isinstance(value, dict):
        return RowError(number, "", "not_json", "The line is JSON, but not an object.")
    return value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
