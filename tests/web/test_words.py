"""Texts, dates and marks as pages write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from babel.messages.pofile import read_po
from flask import Flask, g

from pushsvc.store.access import Person
from pushsvc.web import words
from pushsvc.web.i18n import CATALOGUE, t
from tests.web.texts import all_texts


def entries() -> dict[str, tuple[str, ...]]:
    """Each text of the catalogue with its English, in one or more forms."""
    with CATALOGUE.open("rb") as file:
        read = [message for message in read_po(file, locale="en") if message.id]
    forms = {"".join(one.id[:1]) if one.pluralizable else one.id: one.string for one in read}
    return {text: (form,) if isinstance(form, str) else tuple(form) for text, form in forms.items()}


def test_every_text_has_its_english_and_no_other_is_kept() -> None:
    held = set(entries())
    assert all_texts() - held == set(), "texts without English"
    assert held - all_texts() == set(), "English that nobody shows"


def test_the_english_fills_the_same_holes() -> None:
    for text, forms in entries().items():
        for words_ in forms:
            assert words_, text
            assert set(re.findall(r"{(\w+)}", words_)) <= set(re.findall(r"{(\w+)}", text)), text
            assert not re.search(r"[\u4e00-\u9fff]", words_.replace("适老化", "")), text


def test_no_text_is_held_twice() -> None:
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    ids = [line for line in lines if line.startswith("msgid ")]
    assert len(ids) == len(set(ids))


def test_english_counts(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        said = [t("还剩 {n} 天", n=n) for n in (1, "1", 6, "1,193")]
    assert said == ["1 day left", "1 day left", "6 days left", "1,193 days left"]


def test_a_text_without_english_stays_chinese(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert t("没有这句的英文：{n}%", n=3) == "没有这句的英文：3%"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("云湾区人才安居补贴(第三批)", "云湾区人才安居补贴（第三批）"),
        ("规划(2026—2030)", "规划（2026—2030）"),
        ("非(年龄不少于60岁),登记:1", "非（年龄不少于60岁），登记：1"),
        ("(一)居住在云湾区;", "（一）居住在云湾区；"),
        ("plain (English), as it is", "plain (English), as it is"),
        ("网址:https://a.example/b", "网址：https://a.example/b"),
    ],
)
def test_chinese_takes_full_width_marks(text: str, shown: str) -> None:
    assert words.wide(text) == shown
    assert words.wide(shown) == shown


@pytest.mark.parametrize(
    ("opens", "closes", "answer", "soon"),
    [
        (None, date(2026, 6, 30), "还剩 6 天", True),
        (None, date(2026, 7, 2), "还剩 8 天", False),
        (None, date(2026, 6, 24), "今天截止", True),
        (None, date(2026, 6, 23), "已截止", False),
        (date(2026, 6, 25), date(2026, 7, 1), "1 天后开放", False),
        (date(2026, 1, 1), None, "长期受理", False),
    ],
)
def test_a_deadline_is_said_with_its_date(
    app: Flask, opens: date | None, closes: date | None, answer: str, soon: bool
) -> None:
    with app.test_request_context("/"):
        due = words.deadline(opens, closes)
    assert due is not None
    assert (due.answer, due.soon) == (answer, soon)
    assert due.note


def test_without_a_window_nothing_is_claimed(app: Flask) -> None:
    with app.test_request_context("/"):
        assert words.deadline(None, None) is None


def test_dates_follow_the_language(app: Flask) -> None:
    with app.test_request_context("/"):
        assert (words.day(date(2026, 6, 30)), words.day(date(2027, 1, 2))) == ("6月30日", "2027年1月2日")
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert (words.day(date(2026, 6, 30)), words.day(date(2027, 1, 2))) == ("30 June", "2 January 2027")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Asia", "", "../etc", "tzdata.zi", "x" * 300])
def test_a_zone_this_host_lacks_is_the_citys(app: Flask, zone: str) -> None:
    with app.test_request_context("/"):
        g.person = Person(1, "zh", zone, 1, "citizen")
        assert words.moment(datetime(2026, 6, 24, 16, 10, tzinfo=UTC)) == "6月25日 00:10"


def test_numbers_have_no_needless_zeros() -> None:
    assert [words.number(value) for value in (1193, 0.5, 2.0, 1234.567)] == ["1,193", "0.5", "2", "1,234.57"]
