"""Files of policies -> raw texts and row errors: a bad row is a reported row, the good ones go on.

The format is told by the suffix, and by the contents where they contradict it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

from profiles.records import RecordsError, RowError
from pushsvc.texts.aliases import field_of, renamed
from pushsvc.texts.csvrows import csv_rows
from pushsvc.texts.encodings import decoded
from pushsvc.texts.jsonrows import json_array, json_lines, parse_object
from pushsvc.texts.lines import text_lines
from pushsvc.texts.raw import Markup, RawText

MAX_TEXT = 8_000_000  # bytes of a file that is one text
_HEAD = 4096
_WRAPPINGS = 3  # levels that an interface puts around its rows
_TEXT = {"title", "body", "html"}
_JSON = (".json", ".jsonl", ".ndjson")
_TABLE = (".csv", ".tsv")
_PAGE = (".html", ".htm", ".xhtml", ".shtml")
_TAG = re.compile(r"<(?:!doctype|html|head|body|meta|title|div|p|table|h1|article|section|span|br)\b", re.I)
_ESCAPED = re.compile(r"&lt;/(?:p|div|span|td|table|h[1-6]|body)\s{0,3}&gt;", re.I)
_MARKUP = re.compile(r"</(?:p|div|span|td|table|h[1-6]|strong|html|body|a|li)\s*>|<(?:p|div|br|table)\b[^<>]*>", re.I)


def read_texts(path: Path) -> Iterator[RawText | RowError]:
    """Every policy of a file: JSON lines, a JSON array, CSV, one plain text or one page.

    Raises RecordsError with nothing read: unreadable, empty, binary, encoding, too_long, wrong_column,
    open_quote.
    """
    form = _form(path)
    if form in ("plain", "html"):
        yield _whole(path)
        return
    lines = text_lines(path)
    rows = csv_rows(lines) if form == "table" else json_lines(lines) if form == "lines" else json_array(lines)
    for line, row in rows:
        for one in [row] if isinstance(row, RowError) else _wrapped(row):
            yield one if isinstance(one, RowError) else _of_row(one, line, path.name)


def _wrapped(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an interface's answer ({"code": 0, "data": {"list": […]}}); any other row as it is."""
    level: list[Any] = [row]
    for _ in range(_WRAPPINGS):
        inside = [value for one in level if isinstance(one, dict) for value in one.values()]
        lists = [value for value in inside if isinstance(value, list) and value and isinstance(value[0], dict)]
        rows = [one for one in max(lists, key=len, default=[]) if isinstance(one, dict)]
        if any(_TEXT & {field_of(name) for name in one} for one in rows):
            return [row] if _TEXT & {field_of(name) for name in row} else rows
        level = inside
    inner = [one for one in row.values() if isinstance(one, dict) and len(_TEXT & {field_of(name) for name in one}) > 1]
    return inner if len(inner) in (1, len(row)) and not _TEXT & {field_of(name) for name in row} else [row]


def _form(path: Path) -> str:
    head = _head(path)
    start = head.lstrip("\ufeff \t\r\n")
    suffix = path.suffix.lower()
    if not start:
        raise RecordsError("empty", path.name, "The file is empty.")
    if start.startswith("<") and _TAG.search(start):
        return "html"
    if start.startswith("{") and (suffix not in _TABLE or '"' in start):
        return "lines" if _starts_with_object(start) or suffix == ".jsonl" else "array"
    if re.match(r"\[\s*[{\]]", start):
        return "array"
    if suffix in _JSON:
        return "lines"
    if suffix in _TABLE:
        return "table"
    return "html" if suffix in _PAGE and _TAG.search(head) else "plain"


def _head(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            raw = handle.read(_HEAD)
    except OSError as exc:
        raise RecordsError("unreadable", path.name, f"The file cannot be read: {exc.strerror or exc}.") from exc
    return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace")


def _starts_with_object(start: str) -> bool:
    """Whether the first line is a whole object (or too long to tell), as in JSON lines."""
    first, ended, _ = start.partition("\n")
    return not ended or not isinstance(parse_object(1, first), RowError)


def _whole(path: Path) -> RawText:
    with path.open("rb") as handle:
        raw = handle.read(MAX_TEXT + 1)
    if len(raw) > MAX_TEXT:
        raise RecordsError("too_long", path.name, f"The text is longer than {MAX_TEXT:,} bytes.")
    body = decoded(raw)
    markup: Markup = "html" if _TAG.search(body[:_HEAD]) and body.lstrip("\ufeff \t\r\n").startswith("<") else "plain"
    return RawText(1, {}, {}, body, markup, path.name, hashlib.sha256(raw).hexdigest())


def _of_row(row: Mapping[str, Any], line: int, origin: str) -> RawText | RowError:
    found = renamed(row, line)
    if isinstance(found, RowError):
        return found
    fields, extra = found
    page, body = fields.pop("html", None), fields.pop("body", "")
    for name, value in (("html", page), ("body", body)):
        if value is not None and not isinstance(value, str):
            return RowError(line, name, "wrong_type", "Text is expected here.")
    if not fields and not page and not body:
        return RowError(line, "", "no_field", "The row has no field that a policy has.")
    text = page or body
    if _ESCAPED.search(text) and not _MARKUP.search(text):
        text = unescape(text)
    markup: Markup = "html" if _MARKUP.search(text) else "plain"
    return RawText(line, fields, extra, text, markup, origin, _checksum(row))


def _checksum(row: Mapping[str, Any]) -> str:
    told = json.dumps(row, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()
