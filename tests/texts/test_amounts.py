"""Sums of money in words: every shape, exact, there and back."""

from __future__ import annotations

import math
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.texts.amounts import amount_of, amounts_in, bare_number, sum_and_number_disagree
from pushsvc.texts.numerals import WRITTEN, decimal_of, whole_number
from tests.draws import draws
from tests.texts.fuzzing import MANY, batches

CASES = [
    ("最高1000万元", [("1000", "cap")]),
    ("最高补助 ３００ 万元", [("300", "cap")]),
    ("不超过3,000万元", [("3000", "cap")]),
    ("补助20万元，所得税按15%征收", [("20", "fixed"), ("15", "percent")]),
    ("二十万元", [("20", "fixed")]),
    ("两千元", [("0.2", "fixed")]),
    ("一百零五元", [("0.0105", "fixed")]),
    ("壹佰贰拾万元整", [("120", "fixed")]),
    ("三万五千元", [("3.5", "fixed")]),
    ("1亿5000万元", [("15000", "fixed")]),
    ("一亿五千万元", [("15000", "fixed")]),
    ("1.5亿元", [("15000", "fixed")]),
    ("3百万元、2千万元", [("300", "fixed"), ("2000", "fixed")]),
    ("每人5000元", [("0.5", "per_unit")]),
    ("500元/平方米", [("0.05", "per_unit")]),
    ("10万元至50万元", [("10", "fixed"), ("50", "fixed")]),
    ("10-50万元", [("10", "fixed"), ("50", "fixed")]),
    ("10万—50万元", [("10", "fixed"), ("50", "fixed")]),
    ("三万元以上十万元以下罚款", [("3", "fixed"), ("10", "cap")]),
    ("100万元以内", [("100", "cap")]),
    ("奖励50万。", [("50", "fixed")]),
    ("奖励最高50万以内的企业", [("50", "cap")]),
    ("百分之五十，0.5‰", [("50", "percent"), ("0.05", "percent")]),
    ("2019年50万元", [("50", "fixed")]),
    ("奖励企业，50万元", [("50", "fixed")]),
    ("補助五十萬元", [("50", "fixed")]),
    ("100万美元", []),
    ("补助5万人", []),
    ("服务人口5万，覆盖3亿", []),
    ("二元结构，多元化，元旦", []),
    ("13812345678，1:1配套，2019-2020年", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_sum_is_read_in_every_shape(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.exact, one.kind) for one in amounts_in(text)] == [(Decimal(sum_), kind) for sum_, kind in expected]


def test_a_span_marks_the_words_and_a_percentage_is_no_sum() -> None:
    money, percent = amounts_in("给予二十万元，按50%")
    assert (money.span, money.wan) == ((2, 6), 20.0)
    assert percent.span == (8, 11)
    assert math.isnan(percent.wan)


def in_words(number: int) -> str:
    """A whole number below 10^12 as Chinese numerals."""
    if number == 0:
        return "零"
    words, gap = "", False
    for unit, sign in ((10**8, "亿"), (10**4, "万"), (1, "")):
        section = number // unit % 10_000
        if section:
            words += ("零" if words and (gap or section < 1000) else "") + _section(section) + sign
        gap = bool(words) and not section
    return words


def _section(section: int) -> str:
    words, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = section // unit % 10
        words += ("零" if gap and digit and words else "") + ("零一二三四五六七八九"[digit] + sign if digit else "")
        gap = not digit
    return words


@given(st.integers(1, 10**12 - 1))
@settings(max_examples=draws(3000), deadline=None)
def test_chinese_numerals_come_back(number: int) -> None:
    assert whole_number(in_words(number)) == number
    assert [one.exact for one in amounts_in(in_words(number) + "元")] == [Decimal(number) / 10_000]


@given(st.integers(1, 10**11), st.integers(0, 4), st.sampled_from(["元", "万元", "亿元", " 万元"]), st.booleans())
@settings(max_examples=draws(3000), deadline=None)
def test_written_numbers_come_back(number: int, places: int, unit: str, grouped: bool) -> None:
    value = Decimal(number).scaleb(-places)
    size = {"元": 1, "万元": 10**4, "亿元": 10**8}[unit.strip()]
    text = f"给予{value:,f}{unit}的" if grouped else f"给予{value:f}{unit}的"
    assert [one.exact for one in amounts_in(text)] == [value * size / 10_000]


def test_words_and_a_number_are_held_together() -> None:
    assert sum_and_number_disagree("补助20万元", 10)
    assert not sum_and_number_disagree("补助20万元", 20)
    assert not sum_and_number_disagree("按规定补助", 20)
    assert amount_of("补助 20万元", None) == ("补助 20万元", 20.0)
    assert amount_of("最高5000元", 5000) == ("最高5000元", 0.5)
    assert amount_of(None, "1,000") == (None, 1000.0)
    assert amount_of(None, True) == (None, None)


SIGNS = WRITTEN + "0123456789.,元%至-最高每人 年。\n百分之以下"
FIELDS = (*"1 ,.万元x9", -1, 10**400, 0.5, math.nan, math.inf, None, True, [])


@MANY
@given(batches(30, lambda drawn: "".join(SIGNS[place % len(SIGNS)] for place in drawn)))
def test_any_text_is_read(texts: list[str]) -> None:
    for text in texts:
        for one in amounts_in(text):
            assert 0 <= one.span[0] < one.span[1] <= len(text)
            assert one.exact.is_finite()


@MANY
@given(batches(12, bytes))
def test_any_field_is_read(many: list[bytes]) -> None:
    for drawn in many:
        _field_is_read(drawn)


def _field_is_read(drawn: bytes) -> None:
    signs = [FIELDS[place % len(FIELDS)] for place in drawn]
    value = signs[0] if len(signs) == 1 else "".join(sign for sign in signs if isinstance(sign, str))
    _, wan = amount_of(value, value)
    assert wan is None or math.isfinite(wan)
    assert bare_number(value) is None or wan is not None
    number = decimal_of(value) if isinstance(value, str) else None
    assert number is None or number >= 0


@pytest.mark.parametrize(
    "piece", ["1", "一", "1,", "1万", "1 ", "百分之", "十万至", "1亿", "1,111", "元", "最高", "9.", "一元"]
)
def test_a_megabyte_of_one_thing_takes_no_time(piece: str) -> None:
    begin = time.process_time()
    amounts_in(piece * (300_000 // len(piece)))
    assert time.process_time() - begin < 3
