"""The policies of a file: rows in our own format as objects, everything else as it stands, to be read and judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pushsvc.pipeline.policy_fields import FIELDS
from pushsvc.pipeline.report import RowError
from pushsvc.texts.files import read_texts
from pushsvc.texts.jsonrows import parse_object
from pushsvc.texts.lines import text_lines
from pushsvc.texts.raw import RawText

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".txt", ".html", ".htm")
# Only who writes for this service gives these: such a row is held to our format, field by field.
_OURS = {"ref", "family", "event", "criteria", "mandatory", "sensitive", "window_opens", "window_closes"}
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Ours:
    """A row in our own format: `given` as it was sent."""

    line: int
    given: Mapping[str, Any]
    origin: str


Item = Ours | RawText | RowError


def policy_items(path: Path) -> Iterator[Item]:
    """The file's rows in their order. Raises RecordsError: unreadable, encoding, and what the format refuses."""
    if path.suffix.lower() not in _LINES or _first_byte(path) == b"[":
        yield from map(_ours_or_not, read_texts(path))
        return
    others = _Ahead(read_texts(path))
    for line, text in text_lines(path):
        given = text if isinstance(text, RowError) else parse_object(line, text) if text.strip() else None
        if isinstance(given, RowError):
            yield given
        elif given is not None:
            yield from others.at(line) if _OURS.isdisjoint(given) else [Ours(line, given, path.name)]


def policy_files(folder: Path) -> Iterator[Path]:
    """The regular files below a folder in the order of their names; hidden ones are left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def raw_of(content: Mapping[str, object], given: Mapping[str, Any], *, line: int, origin: str) -> RawText:
    """A row in our own format as a text to be judged: its checked fields, and a checksum of what was sent."""
    fields = {name: _plain(content[name]) for name in FIELDS if name != "body" and content[name] not in (None, [])}
    sent = json.dumps(given, ensure_ascii=True, sort_keys=True, default=str)
    checksum = hashlib.sha256(sent.encode()).hexdigest()
    return RawText(line, fields, {}, str(content["body"]), "plain", origin, checksum)


def _ours_or_not(item: RawText | RowError) -> Item:
    """A row of an array in our format as an object again; under its own names it was already."""
    if isinstance(item, RowError) or (_OURS - {"ref"}).isdisjoint(item.fields):
        return item
    return Ours(item.line, {**item.extra, **item.fields, "body": item.body}, item.origin)


class _Ahead:
    """Rows by line, each line asked for once and in order; a line of wrapped rows has several."""

    def __init__(self, texts: Iterator[RawText | RowError]) -> None:
        self._lines = groupby(texts, key=lambda item: item.line)

    def at(self, line: int) -> Iterator[RawText | RowError]:
        for number, items in self._lines:
            if number == line:
                yield from items
                return
        yield RowError(line, "", "not_read", "The line could not be read as a policy.")


def _first_byte(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            return handle.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    except OSError:
        return b""  # the reader says what is wrong


def _plain(value: object) -> object:
    return value if isinstance(value, (str, bool, list, dict)) else str(value)
