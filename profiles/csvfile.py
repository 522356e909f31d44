"""A CSV file, surveyed whole before its first row is used: encoding, header, line lengths, NUL bytes, open quotes.

Memory stays bounded whatever the file: a line longer than a megabyte is refused before it is held.
"""

from __future__ import annotations

import csv
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from profiles.errors import ProfilesError

LONGEST_LINE = 1_000_000  # bytes
_BLOCK = 1 << 20  # bytes looked at together
_STRETCH = 1 << 22  # characters read together


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


Cells = list[tuple[int, "list[str] | RowError"]]


@dataclass(frozen=True)
class Lines:
    """Whole rows without a quote, one a line, blank ones left out: `numbers` are the lines they stand on."""

    numbers: list[int]
    texts: list[str]


@dataclass(frozen=True)
class Survey:
    """What a whole pass over the file found."""

    path: Path
    encoding: str
    header: tuple[str, ...]
    rows: int


def survey(path: str | Path, *, required: Sequence[str], known: Container[str]) -> Survey:
    """One pass over the file; `known` tells which columns may stand there. Raises RecordsError with the line."""
    file = Path(path)
    try:
        encoding = _encoding(file)
        header: tuple[str, ...] | None = None
        count = 0
        for stretch in _stretches(file, encoding):
            count += len(stretch.texts) if isinstance(stretch, Lines) else len(stretch)
            if header is None:
                first, cells = _first(stretch)
                header, count = _header(cells, first, required=required, known=known), count - 1
    except OSError as exc:
        raise RecordsError("unreadable", file.name, f"The file cannot be read: {exc.strerror or exc}.") from exc
    if header is None:
        raise RecordsError("empty", file.name, "The file has no header line.")
    return Survey(file, encoding, header, count)


def stretches(found: Survey) -> Iterator[Lines | Cells]:
    """The rows after the header: lines that need only be cut at their commas, and rows that held quotes."""
    headed = True
    for stretch in _stretches(found.path, found.encoding):
        if not headed:
            yield stretch
        elif isinstance(stretch, Lines):
            yield Lines(stretch.numbers[1:], stretch.texts[1:])
        else:
            yield stretch[1:]
        headed = False


def rows(found: Survey) -> Iterator[tuple[int, list[str] | RowError]]:
    """Each row's first line and its cells, or why it has none. Blank lines are passed over."""
    for stretch in stretches(found):
        if isinstance(stretch, Lines):
            pairs = zip(stretch.numbers, stretch.texts, strict=True)
            made: Cells = [(line, text.split(",")) for line, text in pairs]
        else:
            made = stretch
        for line, cells in made:
            if isinstance(cells, list) and len(cells) != len(found.header):
                yield line, wrong_cells(line, len(cells), len(found.header))
            else:
                yield line, cells


def wrong_cells(line: int, cells: int, header: int) -> RowError:
    """A row that is longer or shorter than the header."""
    return RowError(line, "", "wrong_cells", f"The row has {cells} cells, the header {header}.")


def _first(stretch: Lines | Cells) -> tuple[int, list[str] | RowError]:
    return (stretch.numbers[0], stretch.texts[0].split(",")) if isinstance(stretch, Lines) else stretch[0]


def _stretches(file: Path, encoding: str) -> Iterator[Lines | Cells]:
    """The file in stretches of whole rows, none of them empty. Only where quotes stand a row may hold several lines."""
    with file.open(encoding=encoding, newline="") as text:
        line = 1
        made: Lines | Cells
        while batch := text.readlines(_STRETCH):
            if '"' in (joined := "".join(batch)) or len(max(batch, key=len)) > csv.field_size_limit():
                made, used = _quoted(chain(batch, text), line, len(batch))
                line += used
            else:
                made, line = _unquoted(batch, joined, line), line + len(batch)
            if made.texts if isinstance(made, Lines) else made:
                yield made


def _unquoted(batch: list[str], joined: str, line: int) -> Lines:
    texts = joined.split("\n") if "\r" not in joined else [text.rstrip("\r\n") for text in batch]
    numbered = [(line + place, text) for place, text in enumerate(texts) if text and not text.isspace()]
    return Lines([number for number, _ in numbered], [text for _, text in numbered])


def _quoted(source: Iterator[str], line: int, least: int) -> tuple[Cells, int]:
    """The rows of at least so many lines, read on to the end of a row; and how many lines that took."""
    reader = csv.reader(source, strict=True)
    made: Cells = []
    while (before := reader.line_num) < least:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as exc:
            if sentence := _endless(str(exc)):
                raise RecordsError("open_quote", f"line {line + before}", sentence) from exc
            made.append((line + before, RowError(line + before, "", "bad_quote", f"The row is not valid CSV: {exc}.")))
            continue
        if row and (len(row) > 1 or row[0].strip()):
            made.append((line + before, row))
    return made, reader.line_num


def _endless(error: str) -> str:
    """What is wrong where the row has no end that can be found; "" where it is another error of the row."""
    if "field limit" in error:
        return f"A cell is over {csv.field_size_limit():,} characters: is a quote opened here and never closed?"
    return "A quote opened here is never closed." if "unexpected end" in error else ""


def _encoding(file: Path) -> str:
    """UTF-8 (with or without a mark) or GB18030. Mixed bytes count for the one that more lines speak for."""
    if _is_plain_utf8(file):
        return "utf-8-sig"
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


def _is_plain_utf8(file: Path) -> bool:
    """Whether block after block is UTF-8 with lines of a fair length: then no line needs a look of its own."""
    with file.open("rb") as raw:
        while block := raw.read(_BLOCK) + raw.readline(_BLOCK):
            if b"\0" in block or not _decodes(block, "utf-8") or len(max(block.split(b"\n"), key=len)) >= LONGEST_LINE:
                return False
    return True


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
    cells: list[str] | RowError, line: int, *, required: Sequence[str], known: Container[str]
) -> tuple[str, ...]:
    if isinstance(cells, RowError):
        raise RecordsError("wrong_column", f"line {line}", cells.sentence)
    names = tuple(cell.strip() for cell in cells)
    check_columns(names, f"line {line}", required=required, known=known)
    return names


def check_columns(names: Sequence[str], place: str, *, required: Sequence[str], known: Container[str]) -> None:
    """Raises RecordsError where a column is unknown, stands there twice or is missing."""
    for name in names:
        if name not in known:
            raise RecordsError("wrong_column", f"{place}, column {name[:40]!r}", "No such column is known.")
        if names.count(name) > 1:
            raise RecordsError("wrong_column", f"{place}, column {name!r}", "The column stands there twice.")
    for name in required:
        if name not in names:
            raise RecordsError("wrong_column", f"{place}, column {name!r}", "The column is missing.")
