"""Choosing an industry or a place: by word, by code, down the tree; the code goes back, and nowhere else."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from pushsvc.context import Context
from tests.web.browser import Browser
from tests.web.making import person

BACK = "/m/facts/correct?fact=industry&claimed=H62&year=2025"


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A resident of 西湖区 in Hangzhou, whose streets are in the table."""
    return Browser(app).sign_in(person=person(ctx, region="330106"))


def look(me: Browser, what: str, **query: str) -> str:
    """The chooser, asked by a correction."""
    me.answer = me.client.get(f"/m/choose/{what}", query_string={"next": BACK, "field": "claimed", **query})
    return me.page


def picks(me: Browser) -> dict[str, dict[str, str]]:
    """What may be chosen on the page: the name, and with which arguments it leads back."""
    found = re.findall(r'href="([^"]+)" aria-label="选择：([^"]+)"', me.page)
    assert {urlsplit(unescape(link)).path for link, _ in found} <= {"/m/facts/correct"}
    return {name: dict(parse_qsl(urlsplit(unescape(link)).query)) for link, name in found}


@pytest.mark.parametrize(
    ("typed", "name", "code"),
    [
        ("软件", "软件和信息技术服务业", "I65"),
        ("i65", "软件开发", "I651"),
        ("6513", "应用软件开发", "I6513"),
        ("Ｉ", "信息传输、软件和信息技术服务业", "I"),
        ("开奶茶店", "饮料及冷饮服务", "H623"),
        ("茶叶 种植", "茶叶种植", "A0164"),
    ],
)
def test_an_industry_is_found_and_taken_back_with_what_was_filled_in(
    me: Browser, typed: str, name: str, code: str
) -> None:
    look(me, "industry", q=typed, reason="写了一半", q2="")
    chosen = picks(me)[name]
    assert chosen == {"claimed": code, "fact": "industry", "year": "2025", "reason": "写了一半"}


def test_the_tree_of_industries_is_walked_down(me: Browser) -> None:
    assert "农、林、牧、渔业" in look(me, "industry")
    assert "软件和信息技术服务业" in look(me, "industry", **{"in": "I"})
    page = look(me, "industry", **{"in": "I6513"})
    assert "就选：应用软件开发" in page
    assert re.findall(r'lang="zh-CN">([^<]+)</a> <span aria-hidden', page) == [
        "全部行业",
        "信息传输、软件和信息技术服务业",
        "软件和信息技术服务业",
        "软件开发",
    ]


def test_places_begin_at_ones_own_city_and_go_down_to_streets(me: Browser) -> None:
    assert "西湖区" in look(me, "region")
    look(me, "region", **{"in": "330106"})
    assert picks(me)["转塘街道"]["claimed"] == "330106011"
    assert "就选：西湖区" in me.page
    assert "河北省" in look(me, "region", **{"in": "000000"})
    assert "就选：全国" not in me.page


@pytest.mark.parametrize(
    ("typed", "name", "code"),
    [
        ("西湖区", "浙江省杭州市西湖区", "330106"),
        ("西湖区", "江西省南昌市西湖区", "360103"),
        ("杭州西湖区", "浙江省杭州市西湖区", "330106"),
        ("江干区", "浙江省杭州市上城区", "330102"),
        ("转塘", "浙江省杭州市西湖区转塘街道", "330106011"),
        ("330106000000", "浙江省杭州市西湖区转塘街道", "330106011"),
        ("990101", "江澜省(示例)江澜市云湾区", "990101"),
    ],
)
def test_a_place_is_found_by_name_or_code(me: Browser, typed: str, name: str, code: str) -> None:
    look(me, "region", q=typed)
    assert picks(me)[name]["claimed"] == code


def test_what_is_not_held_is_said(me: Browser) -> None:
    assert "没有街道数据" in look(me, "region", **{"in": "990101"})
    assert "没有找到" in look(me, "region", q="没有这个地方")
    assert "没有找到" in look(me, "industry", q="😀\u202e\u200b")
    assert "列出前 60 个" in look(me, "industry", q="制造")


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/m/\r\nx: y"]
)
@pytest.mark.parametrize("what", ["industry", "region"])
def test_it_leads_nowhere_else(me: Browser, what: str, path: str) -> None:
    answer = me.client.get(f"/m/choose/{what}", query_string={"next": path, "field": "claimed", "q": "软件"})
    assert answer.status_code == 400
    assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("field", ["", "next", "q", "in", "field", "A", "a b", "x" * 41, "a&b=c"])
def test_only_a_plain_field_is_filled(me: Browser, field: str) -> None:
    assert me.client.get("/m/choose/region", query_string={"next": "/m/", "field": field}).status_code == 400


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "长" * 10_000, "%", "'", "☃"])
def test_words_and_values_are_shown_as_they_are(me: Browser, text: str) -> None:
    for what in ("industry", "region"):
        page = look(me, what, q=text, reason=text)
        assert me.status == 200
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize("code", ["Z", "I99999", "000001", "330103", "../..", "<b>"])
def test_an_unknown_place_in_the_tree_is_none(me: Browser, code: str) -> None:
    assert me.client.get(f"/m/choose/industry?next=/m/&field=a&in={code}").status_code == 404
    found = me.client.get(f"/m/choose/region?next=/m/&field=a&in={code}")
    assert found.status_code == (200 if code == "330103" else 404)  # a place that is no more: nothing lies below


def test_a_stranger_is_asked_to_sign_in(browser: Browser) -> None:
    assert browser.client.get("/m/choose/industry?next=/m/&field=a").status_code == 303
