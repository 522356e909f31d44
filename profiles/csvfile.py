"""A CSV file, surveyed whole before its first row is used: encoding, header, line lengths, NUL bytes, open quotes.

Memory stays bounded whatever the file: a line longer than a megabyte is refused before it is held.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from profiles.errors import ProfilesError

LONGEST_LINE = 1_000_000  # bytes


class RecordsError(ProfilesError):
    """A file cannot be read at all: `unreadable`, `empty`, `nul_byte`, `line_too_long`, `encoding`, `wrong_column`
    or `open_quote`. Nothing of it has been used."""


@dataclass(frozen=True)
class RowError:
    """One row that is left out, and why. `line` counts from 1, the header's line."""

    line: int
    column: str
    code: str
    sentence: str


@dataclass(frozen=True)
class Survey:
    """What a whole pass over the file found."""

    path: Path
    encoding: str
    header: tuple[str, ...]
    rows: int


def survey(path: str | Path, *, required: Sequence[str], known: Sequence[str]) -> Survey:
    """One pass over the file. Raises RecordsError with the line as its place."""
    file = Path(path)
    try:
        encoding = _encoding(file)
        header: tuple[str, ...] | None = None
        count = 0
        for line, cells in _cells(file, encoding):
            if header is None:
                header = _header(cells, line, required=required, known=known)
            else:
                count += 1
    except OSError as exc:
        raise RecordsError("unreadable", file.name, f"The file cannot be read: {exc.strerror or exc}.") from exc
    if header is None:
        raise RecordsError("empty", file.name, "The file has no header line.")
    return Survey(file, encoding, header, count)


def rows(found: Survey) -> Iterator[tuple[int, list[str] | RowError]]:
    """Each row's first line and its cells, or why it has none. Blank lines are passed over."""
    cells = _cells(found.path, found.encoding)
    next(cells)
    for line, row in cells:
        if isinstance(row, RowError):
            yield line, row
        elif len(row) != len(found.header):
            sentence = f"The row has {len(row)} cells, the header {len(found.header)}."
            yield line, RowError(line, "", "wrong_cells", sentence)
        else:
            yield line, row


def _cells(file: Path, encoding: str) -> Iterator[tuple[int, list[str] | RowError]]:
    with file.open(encoding=encoding, newline="") as text:
        reader = csv.reader(text, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                if sentence := _endless(str(exc)):
                    raise RecordsError("open_quote", f"line {line}", sentence) from exc
                yield line, RowError(line, "", "bad_quote", f"The row is not valid CSV: {exc}.")
                continue
            if row and (len(row) > 1 or row[0].strip()):
                yield line, row


def _endless(error: str) -> str:
    """What is wrong where the row has no end that can be found; "" where it is another error of the row."""
    if "field limit" in error:
        return f"A cell is over {csv.field_size_limit():,} characters: is a quote opened here and never closed?"
    return "A quote opened here is never closed." if "unexpected end" in error else ""


def _encoding(file: Path) -> str:
    """UTF-8 (with or without a mark) or GB18030. Mixed bytes count for the one that more lines speak for."""
    broken: list[int] = []
    chinese_utf8 = others = 0
    gb = True
    with file.open("rb") as raw:
        for number, line in enumerate(iter(lambda: raw.readline(LONGEST_LINE + 1), b""), start=1):
            _check_line(line, number)
            if line.isascii():
                continue
            if _decodes(line, "utf-8"):
                chinese_utf8 += 1
            else:
                others += 1
                broken = broken or [number]
            gb = gb and _decodes(line, "gb18030")
    if not others:
        return "utf-8-sig"
    if gb and others > chinese_utf8:
        return "gb18030"
    raise RecordsError(
        "encoding", f"line {broken[0]}", "The line is neither UTF-8 nor GB18030: save the file as UTF-8."
    )


def _check_line(line: bytes, number: int) -> None:
    if len(line) > LONGEST_LINE:
        raise RecordsError("line_too_long", f"line {number}", f"The line is over {LONGEST_LINE:,} bytes.")
    if b"\0" in line:
        raise RecordsError("nul_byte", f"line {number}", "The line holds a NUL byte: save the file as UTF-8 CSV.")


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _header(
    cells: list[str] | RowError, line: int, *, required: Sequence[str], known: Sequence[str]
) -> tuple[str, ...]:
    if isinstance(cells, RowError):
        raise RecordsError("wrong_column", f"line {line}", cells.sentence)
    names = tuple(cell.strip() for cell in cells)
    for name in names:
        if name not in known:
            raise RecordsError("wrong_column", f"line {line}, column {name[:40]!r}", "No such column is known.")
        if names.count(name) > 1:
            raise RecordsError("wrong_column", f"line {line}, column {name!r}", "The column stands there twice.")
    for name in required:
        if name not in names:
            raise RecordsError("wrong_column", f"line {line}, column {name!r}", "The column is missing.")
    return names
