"""Subscriptions by page: tried out before they are made, made once, changed, stopped, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.store.session import transaction
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows
from tests.web.test_feed import firm_of
from tests.web.test_preferences import toast_form, wish

NEW, ADD = "/m/subscriptions/new", "/m/preferences/subscriptions"
ISSUER = "云湾区人力资源和社会保障局"


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A signed-in person, number 1, on the form of a new subscription."""
    browser = Browser(app).sign_in(person=person(ctx, region="990101"))
    browser.open(NEW)
    return browser


def preview(browser: Browser, **values: object) -> str:
    """The preview of what the form asks for."""
    query = {"step": "preview", **values}
    browser.answer = browser.client.get(NEW, query_string=query)
    return browser.page


def post(browser: Browser, path: str = ADD, **values: object) -> str:
    """Send these fields as a form of ours would."""
    token = {"csrf_token": browser.form("/m/sign-out")["csrf_token"]} if "/m/sign-out" in browser.page else {}
    token = token or {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', browser.page)[0]}
    browser.answer = browser.client.post(path, data=token | values, follow_redirects=True)
    return browser.page


def test_a_subscription_is_tried_out_and_then_made(ctx: Context, me: Browser) -> None:
    publish(ctx, "a", 1, title="人才安居补贴办法", date_published=ctx.clock().date())
    page = preview(me, theme="talent", cadence="daily", agency=ISSUER)
    assert "近90天会收到 1 条" in page
    assert "人才安居补贴办法" in page
    assert rows(ctx, "select 1 from subscription") == []
    before = one(ctx, "select count(*) from consent")
    assert "已订阅" in me.send(ADD)
    (row,) = rows(ctx, "select themes, agencies, cadence from subscription")
    assert (row.themes, row.agencies, row.cadence) == (["talent"], [ISSUER], "daily")
    assert one(ctx, "select count(*) from consent") == before + 1
    assert "近90天会收到 1 条，如“人才安居补贴办法”" in me.page


def test_any_and_all_are_kept_and_shown_in_words(ctx: Context, me: Browser) -> None:
    preview(me, industry=["I65", "H62"], all="industries", keyword="租房 补贴|公租房")
    page = me.send(ADD)
    (row,) = rows(ctx, "select industries, keyword, all_of from subscription")
    assert (row.industries, row.keyword, row.all_of) == (["I65", "H62"], "租房 补贴|公租房", ["industries"])
    assert "软件和信息技术服务业（I65）且餐饮业（H62） · “租房”且“补贴”或“公租房”" in page
    assert "<small>行业、关键词</small>" in page


def test_any_is_shown_in_english_too(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    wish(ctx, someone, themes=("talent", "elder"))
    page = Browser(app).sign_in(person=someone).open("/m/preferences?lang=en")
    assert re.search(r">([\w &]+) or ([\w &]+)<", page)


def test_the_same_again_is_said_so_and_changes_at_most_the_pace(ctx: Context, me: Browser) -> None:
    for cadence, said in (("daily", "已订阅"), ("daily", "已订阅过，没有重复添加"), ("weekly", "频率改为：每周")):
        assert said in post(me, theme="elder|talent", keyword="租房 补贴", cadence=cadence)
    assert "已订阅过，没有重复添加" in post(me, theme="talent|elder", keyword="补贴  租房", cadence="weekly")
    assert [tuple(row) for row in rows(ctx, "select cadence from subscription")] == [("weekly",)]
    assert "已订阅过，不用再添加" in preview(me, theme=["talent", "elder"], keyword="补贴 租房", cadence="weekly")
    assert "确认订阅</button>" not in me.page


def test_a_wish_that_would_bring_nothing_says_so(ctx: Context, me: Browser) -> None:
    publish(ctx, "old", 1, date_published=ctx.clock().date() - timedelta(days=91))
    assert "近90天没有这样的政策。" in preview(me, theme="talent")
    assert "确认订阅</button>" in me.page


def test_at_most_five_are_shown_the_newest_first(ctx: Context, me: Browser) -> None:
    for number in range(1, 8):
        publish(ctx, f"p{number}", number, title=f"第{number}号通知", date_published=date(2026, 6, number))
    page = preview(me, theme="talent")
    assert "近90天会收到 7 条" in page
    assert re.findall(r"第(\d)号通知", page) == list("76543")


def test_an_agency_is_found_by_a_word_and_ticked(ctx: Context, me: Browser) -> None:
    publish(ctx, "a", 1, agency="云湾区人力资源和社会保障局、云湾区财政局")
    page = me.open(f"{NEW}?agency_q=人社局&find=agency&keyword=租房")
    assert "找到 1 个" in page
    assert f'name="agency" value="{ISSUER}"' in page
    assert 'name="keyword" maxlength="60" value="租房"' in page
    page = preview(me, agency=ISSUER, agency_q="人社局")
    assert f'name="agency" value="{ISSUER}"' in page
    assert "没有找到名称里有“市容”的机关" in me.open(f"{NEW}?agency_q=市容&find=agency")


def test_a_short_name_means_the_readers_own_place(ctx: Context, me: Browser) -> None:
    post(me, agency_q="区财政局")
    assert one(ctx, "select agencies from subscription") == ["云湾区财政局"]


def test_the_choosers_are_asked_without_losing_what_was_typed(me: Browser) -> None:
    answer = me.client.get(NEW, query_string={"industry": "H62", "keyword": "租 房", "choose": "industry", "x": "y"})
    assert answer.status_code == 303
    page = me.open(answer.headers["Location"] + "&in=I65")
    back = next(one for one in re.findall(r'href="([^"]+)"', page) if "industry=I651&" in one)
    page = me.open(unescape(back))
    assert 'name="industry" value="I651" checked' in page
    assert 'name="industry" value="H62" checked' in page
    assert 'value="租 房"' in page


def test_one_is_changed_and_the_change_undone(ctx: Context, me: Browser) -> None:
    number = wish(ctx, 1, themes=("talent", "租房"), all_of=("themes",), agencies=("财政部",), cadence="daily")
    page = me.open(f"/m/subscriptions/{number}")
    assert all(f'value="{one}" checked' in page for one in ("talent", "租房", "themes", "财政部", "daily"))
    me.open(f"/m/subscriptions/{number}?theme=elder&cadence=weekly&step=preview")
    me.send(f"/m/subscriptions/{number}")
    query = "select themes, agencies, all_of, cadence from subscription"
    assert tuple(rows(ctx, query)[0]) == (["elder"], [], [], "weekly")
    me.client.post(f"/m/subscriptions/{number}", data=toast_form(me))
    assert tuple(rows(ctx, query)[0]) == (["talent", "租房"], ["财政部"], ["themes"], "daily")


def test_a_pace_is_changed_for_one_and_undone(ctx: Context, me: Browser) -> None:
    number, other = wish(ctx, 1, "a"), wish(ctx, 1, "b", keyword="x")
    me.open("/m/preferences")
    me.send(f"{ADD}/{number}/cadence", {"cadence": "weekly"})
    assert dict(rows(ctx, "select id, cadence from subscription")) == {number: "weekly", other: "immediate"}
    me.client.post(f"{ADD}/{number}/cadence", data=toast_form(me))
    assert one(ctx, "select distinct cadence from subscription") == "immediate"
    post(me, f"{ADD}/{number}/cadence", cadence="hourly")
    assert me.status == 400


def test_a_member_sees_the_firms_and_an_admin_tends_them(app: Flask, ctx: Context) -> None:
    boss, member = person(ctx, 1), person(ctx, 2)
    wish(ctx, boss, "own", keyword="自己的")
    firm = firm_of(ctx, boss, role="admin")
    with transaction(ctx.engine) as conn:
        conn.exec_driver_sql(f"insert into member (profile_id, person_id, role) values ({firm}, {member}, 'member')")
    number = wish(ctx, firm, "firm", keyword="企业的")
    page = Browser(app).sign_in(person=boss, acting=firm).open("/m/preferences")
    assert ("企业的" in page, "自己的" in page, f"{ADD}/{number}/stop" in page) == (True, False, True)
    other = Browser(app).sign_in(person=member, acting=firm)
    page = other.open("/m/preferences")
    assert ("企业的" in page, ADD in page, NEW in page) == (True, False, False)
    for path in (NEW, f"/m/subscriptions/{number}"):
        assert other.client.get(path).status_code == 403


def test_ready_ones_suit_the_reader_and_take_one_tap(app: Flask, ctx: Context) -> None:
    someone = person(ctx, region="990101", stages=["养老", "就医"])
    publish(ctx, "a", 1, topic="elder", region="990101", date_published=ctx.clock().date())
    me = Browser(app).sign_in(person=someone)
    page = me.open(NEW)
    assert "养老与医保 · 云湾区" in page
    assert "近90天会收到 1 条" in page
    post(me, theme="elder", region="990101")
    assert tuple(rows(ctx, "select themes, regions from subscription")[0]) == (["elder"], ["990101"])
    assert 'aria-label="订阅：养老与医保 · 云湾区"' not in me.open(NEW)
