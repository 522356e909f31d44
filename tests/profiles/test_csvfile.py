"""Files that cannot be read are refused whole, with the line, before a single row is used."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.csvfile import LONGEST_LINE, RecordsError, rows, survey
from profiles.records import read_profiles
from tests.draws import DRAWS
from tests.profiles.making import refusal

HEADER = "ref,kind,name\n"


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(RecordsError) as caught:
        read_profiles(path)
    assert caught.value.sentence
    return caught.value.code, caught.value.place


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"", "empty", "people.csv"),
        (b"\n\n", "empty", "people.csv"),
        (b"ref,name\n", "wrong_column", "line 1, column 'kind'"),
        (b"ref,kind,shoe\n", "wrong_column", "line 1, column 'shoe'"),
        (b"ref,kind,ref\n", "wrong_column", "line 1, column 'ref'"),
        (b"ref;kind\n", "wrong_column", "line 1, column 'ref;kind'"),
        (b"ref,kind,name\nc1,citizen,a\0b\n", "nul_byte", "line 2"),
        ("ref,kind,name\n".encode("utf-16"), "nul_byte", "line 1"),
        (b"ref,kind,name\nc1,citizen,\xff\xff\n", "encoding", "line 2"),
        (b'ref,kind,name\nc1,citizen,a\nc2,citizen,"open\nc3,citizen,b\n', "open_quote", "line 3"),
        (b'ref,kind,name\nc1,citizen,"' + b"x\n" * 200_000, "open_quote", "line 2"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, content: bytes, code: str, place: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    assert refused(path) == (code, place)


def test_a_line_of_a_hundred_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    with path.open("wb") as file:
        file.write(HEADER.encode() + b"c1,citizen,a\n")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
    assert refused(path) == ("line_too_long", "line 3")


def test_a_line_just_short_enough_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + "c1,citizen," + "," * (LONGEST_LINE - 12) + "\n")
    (found,) = list(rows(survey(path, required=(), known=("ref", "kind", "name"))))
    assert not isinstance(found[1], list)
    assert found[1].code == "wrong_cells"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.csv")[0] == "unreadable"
    assert refused(tmp_path)[0] == "unreadable"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + "c1,citizen,李雷\nc2,citizen,韩梅梅\n", encoding=encoding)
    (chunk,) = read_profiles(path)
    assert [record.name for record in chunk.records] == ["李雷", "韩梅梅"]


def test_one_damaged_byte_in_a_utf8_file_is_not_read_as_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    lines = [f"c{i},citizen,李雷".encode() for i in range(5)]
    lines[3] = "c3,citizen,李".encode() + b"\xc0\xeb"
    path.write_bytes(HEADER.encode() + b"\n".join(lines) + b"\n")
    assert refused(path) == ("encoding", "line 5")


def test_a_row_with_a_bad_quote_is_reported_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + 'c1,citizen,"a"b\nc2,citizen,b\n')
    (chunk,) = read_profiles(path)
    assert [(e.line, e.code) for e in chunk.errors] == [(2, "bad_quote")]
    assert [record.ref for record in chunk.records] == ["c2"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(HEADER.encode() + content)
    error = refusal(lambda: list(read_profiles(path)))
    assert error is None or isinstance(error, RecordsError)
    if error is None:
        assert all(bad.line > 1 for chunk in read_profiles(path) for bad in chunk.errors)


@settings(max_examples=DRAWS // 100, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_none_of_20_000_rows_crashes_the_reader(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], draw: Random
) -> None:
    marks = [*pieces, ",", ",", ",", '"', "c1", "citizen", "\r", "\n", "李"]
    lines = ["".join(draw.choices(marks, k=6)).replace("\0", "") for _ in range(100)]
    path = tmp_path_factory.getbasetemp() / "rows.csv"
    path.write_bytes((HEADER + "\n".join(lines)).encode("utf-8", "replace"))
    error = refusal(lambda: list(read_profiles(path)))
    assert error is None or isinstance(error, RecordsError)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["a", ",", "\n", "\r\n", "\r", " ", "李", '"b,c"', '"d\n"', "\n\n"]), max_size=60))
def test_lines_cut_at_commas_are_what_a_csv_reader_reads(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.csv"
    path.write_bytes((HEADER + "".join(pieces)).encode())
    with path.open(encoding="utf-8", newline="") as text:
        try:
            whole = [row for row in csv.reader(text, strict=True) if len(row) > 1 or (row and row[0].strip())][1:]
        except csv.Error:
            return
    found = [cells for _, cells in rows(survey(path, required=(), known=("ref", "kind", "name")))]
    assert [cells for cells in found if isinstance(cells, list)] == [row for row in whole if len(row) == 3]
    assert len(found) == len(whole)
