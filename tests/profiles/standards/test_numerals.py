"""Chinese numerals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards.numerals import DIGITS, chinese_number


def written(number: int) -> str:
    """A number below 10,000 as it is read out."""
    text, rest = "", number
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十")):
        digit, rest = divmod(rest, unit)
        gap = bool(text) and not digit and rest and not text.endswith("零")
        text += DIGITS[digit - 1] + sign if digit else "零" if gap else ""
    return text + (DIGITS[rest - 1] if rest else "")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("九十一", 91),
        ("十", 10),
        ("十六", 16),
        ("一百二十", 120),
        ("一百零五", 105),
        ("一百十六", 116),
        ("两百", 200),
        ("廿三", 23),
        ("二〇二一", 2021),
        ("二○二一", 2021),
        ("九一", 91),
        ("〇", 0),
        ("一千九百三十三", 1933),
    ],
)
def test_numerals_are_read(text: str, number: int) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "百", "一百二", "一百零", "十百", "一十一百", "一二十", "十十", "甲", "12", "一" * 13]
)
def test_what_is_no_numeral_is_none(text: str) -> None:
    assert chinese_number(text) is None


@given(st.integers(1, 9999))
def test_every_number_reads_back(number: int) -> None:
    assert chinese_number(written(number)) == number
    assert chinese_number("".join(f"〇{DIGITS}"[int(digit)] for digit in str(number))) == number
