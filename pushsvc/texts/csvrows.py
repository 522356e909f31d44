"""CSV -> rows with the line they begin on: quotes may hold line ends; an unclosed quote costs its own row alone."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from profiles.records import RecordsError, RowError
from pushsvc.texts.aliases import field_of
from pushsvc.texts.lines import MAX_LINE, Line

MAX_COLUMNS = 200
_SEPARATORS = ",\t;|"
_TOLD = re.compile(r"sep=(.)\s*")  # how a spreadsheet says which separator follows
_TITLES = 3  # lines of a table's title above its header

Row = tuple[int, dict[str, Any] | RowError]


def csv_rows(lines: Iterable[Line]) -> Iterator[Row]:
    """(line, cells by column that are not blank, or error).

    Raises RecordsError of the header: empty, wrong_column, open_quote.
    """
    records = _records(lines)
    first = list(islice(records, _TITLES + 1))
    place, separator = _where(first)
    number, head = first[place] if first else (1, "")
    if isinstance(head, RowError):
        raise RecordsError(head.code, f"line {head.line}", head.sentence)
    names = _header(number, head.removeprefix("\ufeff"), separator)
    for line, record in chain(first[place + 1 :], records):
        yield line, record if isinstance(record, RowError) else _row(line, record, names, separator)


def _where(first: list[Line]) -> tuple[int, str]:
    """Which line is the header, below a table's title or `sep=;`, and the sign that separates its cells."""
    heads = [line.removeprefix("\ufeff") if isinstance(line, str) else "" for _, line in first]
    told = _TOLD.fullmatch(heads[0]) if heads else None
    if told and len(heads) > 1:
        return 1, told[1]
    filled = []
    for head in heads:
        separator = max(_SEPARATORS, key=head.count)
        filled.append((sum(1 for cell in _cells(head, separator) or () if cell.strip()), separator))
    for place in range(len(filled) - 1):
        if filled[place][0] != 1 or filled[place + 1][0] < 2:
            continue
        if all(count == 1 for count, _ in filled[: place + 1]) and field_of(heads[place].strip().strip('"')) is None:
            return place + 1, filled[place + 1][1]
    return 0, filled[0][1] if filled else ","


def _header(number: int, head: str, separator: str) -> list[str]:
    names = _cells(head, separator)
    if not names or not any(names):
        raise RecordsError("empty", f"line {number}", "The file has no header line.")
    names = [name.strip() for name in names]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice or len(names) > MAX_COLUMNS:
        why = f"The column {twice[:40]!r} stands there twice." if twice else f"There are over {MAX_COLUMNS} columns."
        raise RecordsError("wrong_column", f"line {number}", why)
    return names


def _row(line: int, record: str, names: list[str], separator: str) -> dict[str, Any] | RowError:
    cells = _cells(record, separator)
    if cells is None:
        return RowError(line, "", "bad_quote", "The row is not valid CSV: something follows a closing quote.")
    if len(cells) != len(names):
        return RowError(line, "", "wrong_cells", f"The row has {len(cells)} cells, the header {len(names)}.")
    return {name: cell for name, cell in zip(names, cells, strict=True) if name and cell.strip()}


def _records(lines: Iterable[Line]) -> Iterator[Line]:
    """Physical lines put together until every quote is closed."""
    source, waiting = iter(lines), deque[Line]()
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        number, text = line
        if isinstance(text, RowError):
            yield line
        elif text.count('"') % 2:
            yield _closed(number, text, source, waiting)
        elif text.strip():
            yield line


def _closed(number: int, text: str, source: Iterator[Line], waiting: deque[Line]) -> Line:
    """The record that begins with this line; what was read in vain is read again."""
    taken: list[Line] = []
    parts, size = [text], len(text)
    while size <= MAX_LINE:
        following = waiting.popleft() if waiting else next(source, None)
        if following is None:
            break
        taken.append(following)
        if isinstance(following[1], RowError):
            break
        parts.append(following[1])
        size += len(following[1])
        if following[1].count('"') % 2:
            return number, "".join(parts)
    waiting.extendleft(reversed(taken))
    return number, RowError(number, "", "open_quote", "A quote opened here is never closed.")


def _cells(record: str, separator: str) -> list[str] | None:
    """The cells of one record; None where something follows a closing quote."""
    record = record.rstrip("\r\n")
    pattern = re.compile(rf'"((?:[^"]|"")*)"|([^{re.escape(separator)}"][^{re.escape(separator)}]*|)')
    cells, at = [], 0
    while True:
        found = pattern.match(record, at)
        if found is None:
            return None
        quoted, plain = found.groups()
        cells.append(quoted.replace('""', '"') if quoted is not None else plain)
        at = found.end()
        if at == len(record):
            return cells
        if record[at] != separator:
            return None
        at += 1
