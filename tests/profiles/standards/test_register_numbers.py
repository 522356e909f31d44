"""Registered numbers and index numbers."""

from __future__ import annotations

import json

import pytest

from profiles.standards.doc_numbers import parse_index_number, parse_normative_number
from profiles.standards.register_numbers import RegisterNumberError
from tests.shared import shared_file


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ZJAC00-2024-0001", "ZJAC00-2024-0001"),
        (" zjac00—2024—0001\n", "ZJAC00-2024-0001"),
        ("ＨＨＣＲ－２０２３－０１００５", "HHCR-2023-01005"),
        ("SDPR-2020-0010001", "SDPR-2020-0010001"),
        ("（ZJAC00-2024-0001）", "ZJAC00-2024-0001"),
        ("统一编号：ZJAC00-2024-0001", "ZJAC00-2024-0001"),
    ],
)
def test_a_normative_number_in_its_shapes(text: str, canonical: str) -> None:
    assert str(parse_normative_number(text)) == canonical


def test_an_index_number_keeps_its_zeros() -> None:
    found = parse_index_number("000014349 / 2019－00006")
    assert (str(found), found.register, found.year) == ("000014349/2019-00006", "000014349", 2019)


@pytest.mark.parametrize("text", ["", "-", "杭政函〔2024〕16号", "ZJAC00-24-1", "000014349/2019", "Z" * 5000])
def test_what_is_no_such_number_is_an_error(text: str) -> None:
    for parse in (parse_normative_number, parse_index_number):
        with pytest.raises(RegisterNumberError):
            parse(text)


def test_index_numbers_in_use_read_as_themselves() -> None:
    if (path := shared_file("policies/gov_cn_2019.jsonl")) is None:
        return
    numbers = [json.loads(line)["index_no"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert [str(parse_index_number(number)) for number in numbers] == numbers
