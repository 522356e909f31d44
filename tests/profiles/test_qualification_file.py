"""An operator's own qualifications as a file, and in force for the whole process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from profiles.criteria import CriteriaError, parse
from profiles.criteria.phrases import qualification_words
from profiles.csvfile import RecordsError
from profiles.errors import ProfilesError
from profiles.qualification_file import read_qualification_file
from profiles.standards.qualifications import adopt, default_until, parse_qualification
from tests.texts.fuzzing import MANY, batches

HEADER = "key,zh,en,level,valid_years,basis,names\n"
OURS = "green_shop,绿色商场,Green shop,city,2,市商务局,绿色门店|绿商"


@pytest.fixture(autouse=True)
def _nothing_adopted() -> Iterator[None]:
    yield
    adopt(())


def read(tmp_path: Path, *lines: str) -> tuple[list[str], list[tuple[int, str, str]]]:
    path = tmp_path / "ours.csv"
    path.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    kept, errors = read_qualification_file(path)
    return [one.key for one in kept], [(error.line, error.column, error.code) for error in errors]


def test_what_is_adopted_is_known_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(HEADER + OURS, encoding="utf-8")
    adopt(read_qualification_file(path)[0])
    assert parse({"qualification": "绿商"}) == parse({"qualification": "green_shop"})
    assert qualification_words("green_shop") == ("绿色商场", "Green shop")
    assert default_until("green_shop", date(2026, 3, 1)) == date(2028, 3, 1)
    assert parse_qualification("高企") == "national_hnte"


def test_without_a_file_a_strange_key_is_refused() -> None:
    with pytest.raises(CriteriaError) as caught:
        parse({"qualification": "green_shop"})
    assert caught.value.code == "unknown_qualification"


def test_a_row_that_is_no_use_is_named_with_its_line(tmp_path: Path) -> None:
    rows = [
        OURS,
        "green_shop,另一个,,city,,,",
        "Big Key,名称,,city,,,",
        "two,,,city,,,",
        "three,三,,planet,,,",
        "four,四,,city,0,,",
        "five,五,,city,1.5,,",
        "six,高新技术企业,,city,,,",
        "seven,绿色门店,,city,,,",
        "eight,八,,district,,,",
    ]
    assert read(tmp_path, *rows) == (
        ["green_shop", "eight"],
        [
            (3, "key", "told_twice"),
            (4, "key", "bad_key"),
            (5, "zh", "missing"),
            (6, "level", "unknown_level"),
            (7, "valid_years", "out_of_range"),
            (8, "valid_years", "not_whole"),
            (9, "key", "taken"),
            (10, "key", "taken"),
        ],
    )


def test_a_file_without_its_columns_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text("key,zh\na,b\n", encoding="utf-8")
    with pytest.raises(RecordsError):
        read_qualification_file(path)


SIGNS = 'key,zhen_"\n12绿城店\0|\u3000city'


@MANY
@given(noises=batches(60, lambda raw: "".join(SIGNS[byte % len(SIGNS)] for byte in raw)))
def test_no_file_crashes_it(tmp_path_factory: pytest.TempPathFactory, noises: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "qualifications.csv"
    for noise in noises:
        path.write_text(HEADER + noise, encoding="utf-8")
        try:
            kept, errors = read_qualification_file(path)
        except ProfilesError:  # a refusal, with a code and a sentence
            continue
        assert all(row.line > 1 and row.code and row.sentence for row in errors)
        assert all(one.key and one.zh for one in kept)
