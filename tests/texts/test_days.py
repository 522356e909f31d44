"""Days in every written shape, and the corrections of a header's days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.texts.days import day_in_address, find_days, parse_day
from pushsvc.texts.interpreting import interpret
from tests.texts.making import LETTER, TITLE, raw

DAYS = st.dates(date(1949, 10, 1), date(2100, 12, 31))
_DIGITS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
_NUMERALS = ["", *"一二三四五六七八九", "十", *(f"十{n}" for n in "一二三四五六七八九"), "二十"]
_NUMERALS += [*(f"二十{n}" for n in "一二三四五六七八九"), "三十", "三十一"]


def _chinese(day: date) -> str:
    year = "".join(_DIGITS[letter] for letter in str(day.year))
    return f"{year}年{_NUMERALS[day.month]}月{_NUMERALS[day.day]}日"


SHAPES = (
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year} 年 {day.month:02} 月 {day.day:02} 日",
    _chinese,
    str,
    lambda day: f"{day.year}- {day.month:02}- {day.day:02}",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
)


@settings(max_examples=300, deadline=None)
@given(DAYS, st.sampled_from(SHAPES))
def test_every_shape_means_its_day(day: date, shape: object) -> None:
    assert callable(shape)
    assert parse_day(shape(day)) == day
    assert [found.day for found in find_days(f"自{shape(day)}起施行")] == [day]


@pytest.mark.parametrize("text", ["2021-13-01", "2021年2月30日", "1.2.3", "12021-01-02", "", "-", "3月5日", None, True])
def test_what_is_no_day_is_none(text: object) -> None:
    assert parse_day(text) is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://www.gov.cn/zhengce/content/2019-02/15/content_5365945.htm", date(2019, 2, 15)),
        ("http://x.gov.cn/zwgk/202104/t20210415_123.html", date(2021, 4, 15)),
        ("https://x.gov.cn/art/2021/4/5/art_1229_1.html", date(2021, 4, 5)),
        ("https://x.gov.cn/detail?id=20210405", None),
    ],
)
def test_an_address_may_carry_the_day_of_publication(url: str, day: date | None) -> None:
    assert day_in_address(url) == day


@pytest.mark.parametrize(
    ("written", "words"),
    [("2021-05-17", "count from zero"), ("2021-07-17", "a month late"), ("2020-06-17", "in the header.")],
)
def test_a_header_that_is_a_month_off_is_told_exactly(written: str, words: str) -> None:
    text = interpret(raw(title=TITLE, date_written=written))
    assert text.date_written == date(2021, 6, 17)
    (note,) = [note for note in text.notes if note.code == "date_corrected"]
    assert note.place == "date_written"
    assert words in note.en


def test_one_clock_made_both_days_of_a_header() -> None:
    text = interpret(raw(title=TITLE, date_written="2021-05-17", date_published="2021-05-20"))
    assert text.date_published == date(2021, 6, 20)
    assert [note.code for note in text.notes] == ["date_corrected", "date_inferred"]


def test_the_pages_own_line_and_the_address_outrank_the_header() -> None:
    page = f"索引号：123 发布日期： 2021- 08- 04 17: 34 浏览次数：3\n{LETTER}"
    assert interpret(raw(page, date_published="2021-07-04")).date_published == date(2021, 8, 4)
    url = "https://x.gov.cn/zwgk/2021-06/21/content_1.htm"
    assert interpret(raw(url=url, date_published="2021-05-21")).date_published == date(2021, 6, 21)


def test_a_day_that_cannot_be_read_is_left_out_and_said() -> None:
    text = interpret(raw("没有日期的正文", title="云州市小微企业融资服务办法", date_published="2021-02-31"))
    assert text.date_published is None
    assert [note.code for note in text.notes] == ["date_unreadable"]
