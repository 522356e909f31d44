"""Search for the reader: Chinese words, what each policy means to them, and what to do where nothing is found."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import preferences
from pushsvc.pipeline.search import cut
from tests.web.browser import Browser
from tests.web.making import person, publish
from tests.web.test_feed import HOMELESS, OLD, SIXTY, YOUNG


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("租房补贴", ("租房", "补贴")),
        ("租房 租房", ("租房",)),
        ("补贴办法", ("补贴",)),
        ("通知", ("通知",)),
        ("房", ("房",)),
        ("江政发〔2026〕5号", ("江政发〔2026〕5号",)),
        ("R&D 补助", ("R&D", "补助")),
        ("", ()),
        ("  ", ()),
        ("a b c d e f g h", ("a", "b", "c", "d", "e", "f")),
    ],
)
def test_what_is_typed_is_cut_into_words(typed: str, terms: tuple[str, ...]) -> None:
    assert cut(typed) == terms


def test_words_are_found_apart_from_each_other_and_those_of_the_title_come_first(app: Flask, ctx: Context) -> None:
    publish(ctx, "body", 1, title="人才政策", body="第一条 租房的人，给予补贴。")
    publish(ctx, "title", 2, title="租房者补贴")
    publish(ctx, "other", 3, title="养老补贴", body="第一条 养老。")
    page = Browser(app).sign_in(person=person(ctx)).open("/m/search?q=租房补贴")
    assert "找到 2 份政策" in page
    assert page.index("租房者补贴") < page.index("人才政策")
    assert "养老补贴" not in page


def test_each_says_whether_it_fits_where_that_is_wished(app: Flask, ctx: Context) -> None:
    publish(ctx, "a", 1, criteria=SIXTY, title="长者补贴")
    publish(ctx, "b", 2, criteria=HOMELESS, title="住房补贴")
    publish(ctx, "c", 3, kind="plan", criteria=None, title="补贴规划")
    someone = person(ctx, birth_date=YOUNG)
    browser = Browser(app).sign_in(person=someone)
    page = browser.open("/m/search?q=补贴")
    assert [page.count(words) for words in ("目前不符合</span>", "可能符合</span>", "初步符合</span>")] == [1, 1, 0]
    preferences.switch_personalised(ctx, someone, False)
    page = browser.open("/m/search?q=补贴")
    assert not any(words in page for words in ("目前不符合", "可能符合", "初步符合"))


def test_filters_narrow_and_can_be_taken_away(app: Flask, ctx: Context) -> None:
    publish(ctx, "a", 1, title="人才补贴", topic="talent", region="990105")
    publish(ctx, "b", 2, title="养老补贴", topic="elder", region="990101")
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    assert "找到 1 份政策" in browser.open("/m/search?q=补贴&topic=talent")
    assert "找到 1 份政策" in browser.open("/m/search?q=补贴&region=990101&kind=fund")
    page = browser.open("/m/search?q=补贴&topic=talent&region=990101")
    assert "没有找到" in page
    assert 'href="/m/search?q=%E8%A1%A5%E8%B4%B4"' in page


def test_where_all_words_find_nothing_each_that_finds_something_is_offered(app: Flask, ctx: Context) -> None:
    publish(ctx, "a", 1, title="人才补贴")
    page = Browser(app).sign_in(person=person(ctx)).open("/m/search?q=养老补贴")
    assert "只用其中一个词试试" in page
    assert ">补贴</a>" in page
    assert ">养老</a>" not in page


@pytest.mark.parametrize(
    "query",
    [
        "q=%25",
        "q=_",
        "q=%5C",
        "q=" + "长" * 10_000,
        "q=%F0%9F%98%80",
        "q=%E2%80%8B",
        "q=%E2%80%AE%D8%A7",
        "page=-5",
        "page=9999999",
    ],
)
def test_anything_may_be_typed(app: Flask, ctx: Context, query: str) -> None:
    publish(ctx, "a", 1, title="人才补贴")
    browser = Browser(app).sign_in(person=person(ctx))
    browser.open(f"/m/search?{query}")
    assert browser.status == 200


def test_a_draft_is_found_by_nobody(app: Flask, ctx: Context) -> None:
    publish(ctx, "a", 1, title="人才补贴", state="draft")
    assert "没有找到" in Browser(app).sign_in(person=person(ctx)).open("/m/search?q=补贴")


def test_the_feed_has_the_box(app: Flask, ctx: Context) -> None:
    page = Browser(app).sign_in(person=person(ctx)).open("/m/")
    assert 'action="/m/search"' in page
