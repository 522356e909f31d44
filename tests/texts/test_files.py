"""Files of every form and encoding: good rows are read, bad rows are reported with line, column and sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from profiles.records import RecordsError, RowError
from pushsvc.texts.files import MAX_TEXT, read_texts
from pushsvc.texts.interpreting import interpret
from pushsvc.texts.lines import MAX_LINE
from pushsvc.texts.raw import RawText
from tests.texts.making import LETTER, TITLE, read

ROW = {"id": "a-1", "标题": TITLE, "content": LETTER, "publish_date": "2021-06-20", "label_kind": "draft"}


def _line(**more: object) -> bytes:
    return json.dumps(ROW | more, ensure_ascii=False).encode() + b"\n"


def test_json_lines_are_read_with_their_line_numbers(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", _line() + b"\n" + b"{broken\n" + _line(id="a-2"))
    assert [(type(row).__name__, row.line) for row in found] == [("RawText", 1), ("RowError", 3), ("RawText", 4)]
    assert found[1].code == "not_json"


def test_a_crawls_own_opinion_stays_apart(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.jsonl", _line(category="ai", policy_type="subsidy"))
    assert row.extra == {"label_kind": "draft", "category": "ai", "policy_type": "subsidy"}
    assert interpret(row).kind == "normative"


@pytest.mark.parametrize(("field", "meant"), [("critera", "criteria"), ("tilte", "title"), ("regoin", "region")])
def test_a_misspelt_field_of_ours_is_an_error_that_names_it(tmp_path: Path, field: str, meant: str) -> None:
    bad, good = read(tmp_path / "a.jsonl", _line(**{field: "x"}) + _line())
    assert (bad.line, bad.column, bad.code) == (1, field, "unknown_field")
    assert meant in bad.sentence
    assert isinstance(good, RawText)


@pytest.mark.parametrize("field", ["titles", "title2", "crawl_time", "requirements", "label", "版本", "pages"])
def test_other_unknown_fields_are_kept_as_provenance(tmp_path: Path, field: str) -> None:
    (row,) = read(tmp_path / "a.jsonl", _line(**{field: "x"}))
    assert row.extra[field] == "x"


def test_an_array_is_read_past_a_broken_element(tmp_path: Path) -> None:
    text = json.dumps([ROW, ROW], ensure_ascii=False, indent=1).replace("},\n", '},\n {"title": tru},\n 7,\n')
    found = read(tmp_path / "a.json", text.encode())
    assert [getattr(row, "code", "good") for row in found] == ["good", "not_json", "not_json", "good"]
    assert found[3].line > found[0].line


def test_one_object_over_several_lines_is_one_policy(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.json", json.dumps(ROW, indent=2).encode())
    assert row.fields["ref"] == "a-1"


def test_csv_holds_line_ends_in_quotes(tmp_path: Path) -> None:
    body = LETTER.replace('"', '""')
    found = read(tmp_path / "a.csv", f'id,标题,正文,备注\n1,{TITLE},"{body}",x\n2,b,c\n3,"b"x,c,d\n4,b,c,d\n'.encode())
    assert found[0].body.strip() == LETTER.strip()
    assert found[0].extra == {"备注": "x"}
    assert [row.code for row in found[1:3]] == ["wrong_cells", "bad_quote"]
    assert found[3].line == LETTER.count("\n") + 5


def test_a_quote_that_is_never_closed_costs_its_own_row(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", '编号,标题\n1,"开\n2,乙文件\n3,丙文件\n'.encode())
    assert [getattr(row, "code", "good") for row in found] == ["open_quote", "good", "good"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt"])
def test_encodings_are_told_by_the_bytes(tmp_path: Path, name: str, encoding: str) -> None:
    content = {
        "a.jsonl": json.dumps(ROW, ensure_ascii=False) + "\n",
        "a.csv": f"标题,正文\n{TITLE},本办法自公布之日起施行\n",
        "a.txt": LETTER,
    }[name]
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    (row,) = read(tmp_path / name, mark + content.encode(encoding))
    assert interpret(row).title == TITLE


def test_a_line_in_another_encoding_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", _line() + json.dumps(ROW, ensure_ascii=False).encode("gbk") + b"\n" + _line())
    assert [getattr(row, "code", "good") for row in found] == ["good", "encoding", "good"]


def test_a_page_that_claims_a_wrong_charset_is_read(tmp_path: Path) -> None:
    page = f'<html><head><meta charset="gb2312"><title>{TITLE}</title></head><body><p>{LETTER}</p></body></html>'
    (row,) = read(tmp_path / "a.html", page.encode())
    assert row.markup == "html"
    assert interpret(row).title == TITLE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 x", "binary"),
        (b"PK\x03\x04..", "binary"),
        (b"a\0b", "binary"),
        (b"", "empty"),
        (b"\x81\xff\xff", "encoding"),
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.html"])
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    with pytest.raises(RecordsError) as caught:
        read(tmp_path / name, content)
    assert caught.value.code == code


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(RecordsError) as caught:
        list(read_texts(tmp_path / "none.jsonl"))
    assert caught.value.code == "unreadable"


def test_too_long_and_too_deep_are_errors_with_a_place(tmp_path: Path) -> None:
    long = b'{"title": "' + b"a" * MAX_LINE + b'"}\n'
    deep = b'{"title": ' + b"[" * 60 + b"]" * 60 + b"}\n"
    bottomless = b'{"title": ' + b"[" * 90_000 + b"]" * 90_000 + b"}\n"
    found = read(tmp_path / "a.jsonl", long + deep + bottomless + _line())
    assert [getattr(row, "code", "good") for row in found] == ["line_too_long", "too_deep", "too_deep", "good"]
    with pytest.raises(RecordsError, match="longer"):
        read(tmp_path / "a.txt", b"a" * (MAX_TEXT + 1))


def test_the_suffix_gives_way_to_the_contents(tmp_path: Path) -> None:
    assert isinstance(read(tmp_path / "a.txt", _line())[0].fields["title"], str)
    assert read(tmp_path / "b.txt", b"<!DOCTYPE html><html><body><p>x</p></body></html>")[0].markup == "html"
    assert len(read(tmp_path / "c.jsonl", b"[" + _line() + b"," + _line() + b"]")) == 2
    assert read(tmp_path / "d.html", LETTER.encode())[0].markup == "plain"


def test_the_same_text_has_the_same_checksum_and_key(tmp_path: Path) -> None:
    first, second = read(tmp_path / "a.txt", LETTER.encode())[0], read(tmp_path / "b.txt", LETTER.encode())[0]
    assert first.checksum == second.checksum
    assert interpret(first).ref == interpret(second).ref
    assert read(tmp_path / "c.txt", LETTER.encode() + b"x")[0].checksum != first.checksum


def test_a_row_without_any_field_of_a_policy_is_an_error(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.jsonl", b'{"x": 1}\n')
    assert isinstance(row, RowError)
    assert row.code == "no_field"
