"""JSON files -> objects: one object a line, an array of objects, or one object; limits on size and depth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from profiles.records import RowError
from pushsvc.texts.lines import MAX_LINE, Line

MAX_DEPTH = 60  # levels; criteria of 20 levels take two of JSON each
_TOKEN = re.compile(r'["\\{}\[\],]|[^\s"\\{}\[\],]+')

Row = tuple[int, dict[str, Any] | RowError]


def json_lines(lines: Iterable[Line]) -> Iterator[Row]:
    """(line number, object or error) for each line that is not blank."""
    for number, line in lines:
        if isinstance(line, RowError):
            yield number, line
        elif line.strip("\ufeff \t\r\n"):
            yield number, parse_object(number, line)


def json_array(lines: Iterable[Line]) -> Iterator[Row]:
    """(line where it begins, object or error) for each element of an array, or for the one object of the file.

    Elements are cut out by their brackets, so a broken one is an error and the next is read.
    """
    for number, element in _elements(lines):
        yield number, element if isinstance(element, RowError) else parse_object(number, element)


def parse_object(number: int, text: str) -> dict[str, Any] | RowError:
    """The object in the text, or what is wrong: not_json, too_deep."""
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except RecursionError:
        whole = text.rstrip().endswith("}")
        return _too_deep(number) if whole else RowError(number, "", "not_json", "An object begins here and never ends.")
    except ValueError as exc:
        why = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
        return RowError(number, "", "not_json", f"The text is not a JSON object: {why[:80]}.")
    if not isinstance(value, dict):
        return RowError(number, "", "not_json", "The text is JSON, but not an object.")
    return _too_deep(number) if _deeper(value, MAX_DEPTH) else value


class _Cutter:
    """Characters go in, whole elements come out: text between brackets of the outermost depth."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.depth = 0
        self.start = 1
        self.in_string = False
        self.escaped = False

    def feed(self, number: int, line: str) -> Iterator[tuple[int, str]]:
        begin = 0 if self.depth else None
        for found in _TOKEN.finditer(line):
            token, at = found.group(), found.start()
            if self.escaped:
                self.escaped = False
            elif self.in_string:
                self.escaped, self.in_string = token == "\\", token != '"'
            elif token == '"' and self.depth:
                self.in_string = True
            elif token in "{[" and (self.depth or token == "{"):
                if not self.depth:
                    begin, self.start = at, number
                self.depth += 1
            elif token in "}]" and self.depth:
                self.depth -= 1
                if not self.depth and begin is not None:
                    yield self.start, "".join(self.parts) + line[begin : found.end()]
                    self.clear()
                    begin = None
            elif not self.depth and token not in "[],":
                yield number, token
        if begin is not None:
            self.parts.append(line[begin:])
            self.size += len(line) - begin

    def clear(self) -> None:
        self.parts, self.size, self.depth = [], 0, 0
        self.in_string = self.escaped = False


def _elements(lines: Iterable[Line]) -> Iterator[tuple[int, str | RowError]]:
    cutter, stray = _Cutter(), 0
    for number, line in lines:
        if isinstance(line, RowError):
            cutter.clear()
            yield number, line
            continue
        for start, element in cutter.feed(number, line.removeprefix("\ufeff")):
            if element.startswith("{"):
                yield start, element
            elif stray != number:  # one error a line says enough of what stands between the elements
                stray = number
                yield number, RowError(number, "", "not_json", "Something that is no object stands in the array.")
        if cutter.size > MAX_LINE:
            yield cutter.start, RowError(cutter.start, "", "line_too_long", f"The object is over {MAX_LINE:,} letters.")
            cutter.clear()
    if cutter.depth:
        yield cutter.start, RowError(cutter.start, "", "not_json", "An object begins here and never ends.")


def _deeper(value: Any, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value
    return [one for one in inner if isinstance(one, dict | list)]


def _too_deep(number: int) -> RowError:
    return RowError(number, "", "too_deep", f"The object is nested deeper than {MAX_DEPTH} levels.")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
