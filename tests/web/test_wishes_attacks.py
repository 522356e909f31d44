"""Subscriptions under attack: what cannot be kept, words that would run, two tabs, repeated and foreign requests."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Wish, save_wishes
from tests.web.browser import Browser
from tests.web.making import one, person, rows, snapshot
from tests.web.test_preferences import wish
from tests.web.test_wishes import ADD, NEW, post, preview


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A signed-in person, number 1, on the form of a new subscription."""
    browser = Browser(app).sign_in(person=person(ctx, region="990101"))
    browser.open(NEW)
    return browser


@pytest.mark.parametrize(
    ("bad", "said", "kept"),
    [
        ({"industry_q": "I65&H62|I64"}, "竖线和 &amp; 不能同时用", "I65&amp;H62|I64"),
        ({"industry_q": "没有的行业", "industry": "H62"}, "没有这个行业", "没有的行业"),
        ({"keyword": "租房|"}, "竖线两边都要有词", "租房|"),
        ({"keyword": "长" * 61}, "太长了", "长" * 61),
        ({"keyword": "长" * 10_000}, "太长了", "长" * 10_000),
        ({"keyword": "\u200b\u202e"}, "请至少填一项", "想收到什么"),
        ({"agency_q": "没有这样的地方办"}, "没有找到这个机关", "没有这样的地方办"),
        ({"region": "123456"}, "没有这个地区", "想收到什么"),
        ({"theme": "talent", "cadence": "hourly"}, "请选择频率", "想收到什么"),
        ({"theme": [f"题{n}" for n in range(31)]}, "选得太多", "想收到什么"),
        ({}, "请至少填一项", "想收到什么"),
    ],
)
@pytest.mark.parametrize("send", [preview, post])
def test_what_cannot_be_kept_is_told_at_its_field_and_stays(
    ctx: Context, me: Browser, bad: dict[str, object], said: str, kept: str, send: object
) -> None:
    before = snapshot(ctx)
    page = send(me, **bad)  # type: ignore[operator]  # either of the two
    assert (me.status, said in page, kept in page) == (422, True, True)
    assert 'aria-invalid="true"' in page or "请至少填一项" in page or "请选择频率" in page
    assert snapshot(ctx) == before


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x>', "😀👨‍👩‍👧", "مرحبا", "ß&co", "a\u202eb"]
)
def test_any_word_may_be_asked_for_and_none_is_run(ctx: Context, me: Browser, text: str) -> None:
    page = preview(me, keyword=text)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    me.send(ADD)
    assert one(ctx, "select keyword from subscription") == text.replace("\u202e", "")


def test_two_tabs_at_once_make_one(app: Flask, ctx: Context, me: Browser) -> None:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', me.page)[0]
    cookie = {"Cookie": me.client.get_cookie("pushsvc").value}  # type: ignore[union-attr]  # signed in

    def send(_: int) -> int:
        client = app.test_client()
        client.set_cookie("pushsvc", cookie["Cookie"])
        return client.post(ADD, data={"csrf_token": token, "theme": "talent"}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(4))) == {303}
    assert one(ctx, "select count(*) from subscription") == 1


def test_a_hundred_are_enough(ctx: Context, me: Browser) -> None:
    with transaction(ctx.engine) as conn:
        save_wishes(conn, [Wish(1, f"w{n}", keyword=f"词{n}") for n in range(100)], ctx.clock())
    assert "订阅已满" in post(me, theme="talent")
    assert me.status == 422


def test_one_cannot_be_changed_into_another(ctx: Context, me: Browser) -> None:
    number, _ = wish(ctx, 1, "a", keyword="甲"), wish(ctx, 1, "b", keyword="乙")
    assert "另一条订阅已经是这样的内容" in post(me, f"/m/subscriptions/{number}", keyword="乙")
    assert me.status == 422
    assert one(ctx, "select count(distinct keyword) from subscription") == 2


def test_a_stop_is_undone_and_either_twice_is_harmless(ctx: Context, me: Browser) -> None:
    number = wish(ctx, 1)
    for _ in range(2):
        assert "已停止。" in post(me, f"{ADD}/{number}/stop")
        assert rows(ctx, "select ended_at, ended_reason from subscription") == [(ctx.clock(), "person")]
    assert "已经停止" in me.open(f"/m/subscriptions/{number}")
    assert "已经停止" in post(me, f"/m/subscriptions/{number}", keyword="x")
    assert "已经停止" in post(me, f"{ADD}/{number}/cadence", cadence="daily")
    for _ in range(2):
        assert "已恢复" in post(me, f"{ADD}/{number}/resume")
        assert one(ctx, "select ended_at from subscription") is None


def test_what_was_asked_for_anew_is_not_there_twice_after_an_undo(ctx: Context, me: Browser) -> None:
    number = wish(ctx, 1, keyword="租房")
    post(me, f"{ADD}/{number}/stop")
    post(me, keyword="租房")
    post(me, f"{ADD}/{number}/resume")
    assert one(ctx, "select count(*) from subscription where ended_at is null") == 1


def test_nobody_touches_anothers(ctx: Context, me: Browser) -> None:
    number = wish(ctx, person(ctx, 2))
    before = snapshot(ctx)
    for path in (
        f"{ADD}/{number}/stop",
        f"{ADD}/{number}/resume",
        f"{ADD}/{number}/cadence",
        f"/m/subscriptions/{number}",
    ):
        me.open(NEW)
        post(me, path, cadence="weekly", keyword="x")
        assert me.status == 404, path
    assert me.client.get(f"/m/subscriptions/{number}").status_code == 404
    assert snapshot(ctx) == before
