"""Anything at all goes in: no parser breaks, hangs, or answers with something else than it promises."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given

from profiles.records import RecordsError, RowError
from pushsvc.texts.aliases import renamed
from pushsvc.texts.amounts import amounts_in
from pushsvc.texts.csvrows import csv_rows
from pushsvc.texts.days import find_days, parse_day
from pushsvc.texts.encodings import decoded
from pushsvc.texts.families import family_of
from pushsvc.texts.files import read_texts
from pushsvc.texts.headings import own_numbers, title_in
from pushsvc.texts.interpreting import interpret
from pushsvc.texts.jsonrows import json_array, json_lines
from pushsvc.texts.kinds import KINDS, kind_of
from pushsvc.texts.labels import page_labels
from pushsvc.texts.links import links_of
from pushsvc.texts.plain_pages import without_surroundings
from pushsvc.texts.raw import RawText
from pushsvc.texts.sanitise import safe_html, without_markup
from pushsvc.texts.scope import code_of
from pushsvc.texts.script import half_width, simplified
from pushsvc.texts.signatures import signatures
from pushsvc.texts.validity import force_of
from tests.texts.fuzzing import MANY, batches
from tests.texts.making import raw

_PIECES = (
    *(
        "《",
        "》",
        "（",
        "）",
        "〔2021〕3号",
        "根据",
        "同时废止",
        "自",
        "2021年6月17日",
        "二〇二一年六月十七日",
        "起施行",
    ),
    *(
        "有效期5年",
        "索引号：",
        "发布日期： 2021- 08- 04",
        "来源:",
        "国务院",
        "人民政府",
        "关于",
        "的通知",
        "，",
        "。",
        "：",
    ),
    *(
        "第一条 本办法",
        "云州市",
        "杭州",
        "首页 > ",
        "查询",
        "ICP备",
        "<p>",
        "</div>",
        "<table",
        "&nbsp;",
        "１",
        "發",
        "令",
    ),
    *(
        "\n",
        "\n",
        " ",
        "\0",
        "\ud800",
        "\u3000",
        '{"title":"',
        '"}',
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        "\\",
        "<html>",
        "<script>",
    ),
)
# One byte is one piece or one letter.
_TABLE = ((_PIECES * 5)[:180] + tuple(map(chr, range(33, 127))))[:256]


def _text(raw: bytes) -> str:
    return "".join(_TABLE[byte] for byte in raw)


TEXTS = batches(14, _text)
_NAMES = (
    *("title", "标题", "body", "doc_no", "agency", "themes", "region", "date_written", "url", "events", "critera"),
    *("amount", "x", "tilte", "", "发布日期"),
)
_BYTES = (
    b'{"title":"',
    b'"}',
    b"[",
    b"\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xb9\xfa",
    b"\xe5\x9b\xbd",
    b'"',
    b",",
    b"<html>",
)


def _content(raw: bytes) -> bytes:
    return b"".join(_BYTES[n] if n < len(_BYTES) else bytes((n,)) for n in raw)


BYTES = batches(24, _content)


def _row(raw: bytes) -> dict[str, object]:
    """A row of anything: each two bytes are a field's name and what kind of value stands in it."""
    words = "".join(_TABLE[byte] for byte in raw)
    kinds: tuple[object, ...] = (None, True, 7, float("nan"), words, [words, None], {"a": words}, words[::-1], "", "-")
    pairs = zip(raw[::2], raw[1::2], strict=False)
    return {_NAMES[name % len(_NAMES)] + words[: name // 200]: kinds[kind % 10] for name, kind in pairs}


ROWS = batches(12, _row)
REFUSALS = ("", "unreadable", "empty", "binary", "encoding", "too_long", "wrong_column", "open_quote")


def _refused(work: Callable[[], object]) -> str:
    """The code under which a file is refused, "" where it is read."""
    try:
        work()
    except RecordsError as error:
        return error.code
    return ""


def _rows_only(lines: list[tuple[int, str]]) -> None:
    assert all(isinstance(row, dict | RowError) for _, row in csv_rows(iter(lines)))


def _read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert all(isinstance(row, RawText | RowError) for row in read_texts(path))


@MANY
@given(TEXTS)
def test_days_numbers_and_names_of_anything(texts: list[str]) -> None:
    for text in texts:
        parse_day(text)
        assert all(text[found.start : found.end] for found in find_days(text))
        assert kind_of(text, text, "")[0] in KINDS
        assert len(family_of(text)[0]) <= 200
        amounts_in(text)
        code_of(text)


@MANY
@given(TEXTS)
def test_links_validity_and_signatures_of_anything(texts: list[str]) -> None:
    for text in texts:
        links_of(text, text)
        force_of(text, written=None, published=None)
        signatures(text)
        own_numbers(text, title_in(text))


@MANY
@given(TEXTS)
def test_pages_of_anything(texts: list[str]) -> None:
    for text in texts:
        whole = text.replace("\ud800", "")
        assert 0 <= page_labels(text).end <= len(text)
        without_surroundings(text, text[:3])
        simplified(half_width(whole))
        assert "<script" not in safe_html(whole)
        without_markup(whole)


@MANY
@given(ROWS)
def test_rows_of_anything(rows: list[dict[str, object]]) -> None:
    for row in rows:
        found = renamed(row, 7)
        assert isinstance(found, RowError) or len(found[0]) + len(found[1]) <= len(row)


@MANY
@given(TEXTS)
def test_lines_of_anything(texts: list[str]) -> None:
    for text in texts:
        numbered = list(enumerate((f"{line}\n" for line in text.split("\n")), start=1))
        for reader in (json_lines, json_array):
            assert all(isinstance(row, dict | RowError) for _, row in reader(iter(numbered)))
        refused = _refused(partial(_rows_only, numbered))
        assert refused in ("", "empty", "wrong_column", "open_quote")


@MANY
@given(BYTES)
def test_bytes_of_anything(contents: list[bytes]) -> None:
    for content in contents:
        assert _refused(partial(decoded, content)) in ("", "binary", "encoding")


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".txt", ".html", ""])
@MANY
@given(contents=BYTES)
def test_files_of_anything(contents: list[bytes], suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"anything{suffix}"
        for content in contents:
            assert _refused(partial(_read, path, content)) in REFUSALS


@MANY
@given(ROWS, TEXTS)
def test_texts_of_anything(rows: list[dict[str, object]], bodies: list[str]) -> None:
    for row, body in zip(rows, bodies, strict=True):
        found = renamed({name: value for name, value in row.items() if name != "critera"}, 1)
        if not isinstance(found, RowError):
            text = interpret(RawText(1, found[0], found[1], body, "plain", "x", "0" * 64))
            assert text.kind in KINDS


@MANY
@given(TEXTS)
def test_markup_of_anything(bodies: list[str]) -> None:
    for body in bodies:
        text = interpret(RawText(1, {}, {}, f"<p>{body}", "html", "x", "0" * 64))
        assert "<script" not in text.html


@pytest.mark.parametrize(
    "piece", ["\n", " ", "《", "（", "2021年", "自", "号", "局 ", "索引号：", "《一》", "<div>", "局\n", "：", "["]
)
def test_a_hundred_thousand_of_one_thing_take_no_time(piece: str) -> None:
    begun = time.process_time()
    body = piece * (100_000 // len(piece))
    interpret(raw(body, markup="html" if "<" in piece else "plain", title=body[:900]))
    assert time.process_time() - begun < 5
