"""The registry in the console: written, filed, answered, by whose role; and the cost beside a campaign's words."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.plan import plan
from pushsvc.store.access import Operator
from tests.apps import open_app
from tests.making import send_to
from tests.pipeline.vendors import ALIYUN, POLICY, TENCENT, approved, filed, with_routes, write
from tests.web.browser import Browser
from tests.web.making import AUDITOR, REVIEWER, one, operators, rows, snapshot
from tests.web.test_english import unmarked

PAGE = "/console/sms-templates"
WRITER = Operator("limeng", "李萌", ("author",))
KEEPER = Operator("keeper", "何青", ("sender",))


@pytest.fixture
def ctx(ctx: Context) -> Context:
    """A context with two vendors, and operators."""
    operators(ctx, WRITER, KEEPER, REVIEWER, AUDITOR)
    return with_routes(ctx, aliyun=ALIYUN, tencent=TENCENT)


@pytest.fixture
def app(ctx: Context) -> Flask:
    """The application on it."""
    return open_app(ctx)


def come(app: Flask, name: str, path: str = PAGE) -> Browser:
    """An operator who has the page open."""
    browser = Browser(app).sign_in(operator=name)
    browser.open(path)
    return browser


def force(browser: Browser, path: str, **values: object) -> int:
    """Send a form that the page does not have."""
    token = browser.form("/console/sign-out")["csrf_token"]
    return browser.client.post(path, data={"csrf_token": token} | values).status_code


def test_a_template_goes_its_way(app: Flask, ctx: Context) -> None:
    writer = come(app, "limeng")
    assert "还没有短信模板" in writer.page
    page = writer.send(PAGE, {"name": "policy", "locale": "zh", "kind": "notice", "body": POLICY})
    assert ("第 1 版" in page, "未报备" in page, f"{PAGE}/1/file" in page) == (True, True, False)
    keeper = come(app, "keeper")
    typed = {
        "route": "aliyun",
        "code": "SMS_1",
        "signature": "江澜政策",
        "limit-title": "20",
        "expected_at": "2026-07-01",
    }
    page = keeper.send(f"{PAGE}/1/file", typed)
    assert ("审批中" in page, "预计 7月1日 答复" in page, "title ≤ 20" in page, "SMS_1" in page) == (True,) * 4
    page = keeper.send(f"{PAGE}/filings/1/refused", {"reason": "签名<未>报备"})
    assert ("未通过" in page, "签名&lt;未&gt;报备" in page) == (True, True)
    assert f"{PAGE}/filings/1/approved" not in page  # it is filed anew first
    keeper.send(f"{PAGE}/1/file", {**typed, "code": "SMS_2"})
    page = keeper.send(f"{PAGE}/filings/1/approved", {"expires_at": "2027-06-30"})
    assert ("有效至2027年6月30日" in page, f"{PAGE}/filings/1/expired" in page) == (True, True)
    assert "已过期" in keeper.send(f"{PAGE}/filings/1/expired")
    assert [tuple(row) for row in rows(ctx, "select actor, action from audit order by id")] == [
        ("limeng", "sms_template.add"),
        ("keeper", "sms_template.file"),
        ("keeper", "sms_template.refused"),
        ("keeper", "sms_template.file"),
        ("keeper", "sms_template.approved"),
        ("keeper", "sms_template.expired"),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": "${title}。请看https://a.example"}, "短信里不放链接"),
        ({"body": "【江澜】${title}"}, "正文不能有【】"),
        ({"body": "${title"}, "变量写成 ${title} 的样子"),
        ({"body": "${title}更新", "kind": "marketing"}, "推广短信要写明"),
        ({"name": "Policy"}, "名称用小写字母"),
        ({"locale": "fr"}, "有一项不在可选的范围内"),
        ({"body": "<script>alert(1)</script>${bad}"}, "没有这个变量"),
    ],
)
def test_what_cannot_be_a_template_comes_back_as_it_was_typed(
    app: Flask, ctx: Context, changes: dict[str, str], said: str
) -> None:
    typed = {"name": "policy", "locale": "zh", "kind": "notice", "body": POLICY} | changes
    writer = come(app, "limeng")
    before = snapshot(ctx)
    page = writer.send(PAGE, typed)
    assert (writer.status, said in page, "<script>alert" in page) == (422, True, False)
    assert typed["body"].replace("<", "&lt;").replace(">", "&gt;") in page
    assert snapshot(ctx) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "SMS 1"}, "服务商的模板编号是"),
        ({"signature": "江"}, "签名 2 到 12 个字"),
        ({"limit-title": "１２"}, "变量的字数上限不对"),
        ({"limit-check": "5"}, "变量的字数上限不对"),
        ({"expected_at": "2026-06-01"}, "日期已过或不是日期"),
        ({"expected_at": "soon"}, "日期已过或不是日期"),
        ({"route": "sms"}, "没有这个短信服务商"),
    ],
)
def test_what_cannot_be_filed_is_said_and_changes_nothing(
    app: Flask, ctx: Context, changes: dict[str, str], said: str
) -> None:
    write(ctx)
    keeper = come(app, "keeper")
    before = snapshot(ctx)
    typed = {"route": "aliyun", "code": "SMS_1", "signature": "江澜政策"} | changes
    assert force(keeper, f"{PAGE}/1/file", **typed) == 303
    assert said in keeper.open(PAGE)
    assert snapshot(ctx) == before


@pytest.mark.parametrize("who", ["limeng", "keeper", "zhoulan", "shenqi"])
def test_a_role_does_only_its_own(app: Flask, ctx: Context, who: str) -> None:
    filed(ctx, write(ctx))
    before = snapshot(ctx)
    browser = come(app, who)
    page = browser.page
    assert "第 1 版" in page  # every operator sees how it stands
    form = {"name": "policy", "locale": "zh", "kind": "notice", "body": "新：${title}"}
    barred = {PAGE: form} if who != "limeng" else {}
    if who != "keeper":
        barred |= {f"{PAGE}/1/file": {"route": "tencent", "code": "1", "signature": "江澜政策"}}
        barred |= {f"{PAGE}/filings/1/{answer}": {"reason": "x"} for answer in ("approved", "refused", "expired")}
    for path, values in barred.items():
        assert force(browser, path, **values) == 403
        assert f'action="{path}"' not in page
    assert snapshot(ctx) == before


def test_without_a_token_nothing_is_done(app: Flask, ctx: Context) -> None:
    filed(ctx, write(ctx))
    before = snapshot(ctx)
    for who, path in (("limeng", PAGE), ("keeper", f"{PAGE}/1/file"), ("keeper", f"{PAGE}/filings/1/approved")):
        browser = come(app, who)
        assert browser.client.post(path, data={"name": "x"}).status_code == 403
        assert browser.client.post(path, data={"csrf_token": "wrong"}).status_code == 403
        assert Browser(app).client.post(path).status_code == 403
    assert snapshot(ctx) == before


def test_what_is_not_there_is_not_found(app: Flask, ctx: Context) -> None:
    filed(ctx, write(ctx))
    keeper = come(app, "keeper")
    paths = ("9/file", "filings/9/approved", "filings/1/filed", "filings/1/destroy", "filings/0/approved")
    assert [force(keeper, f"{PAGE}/{path}") for path in paths] == [404] * 5
    assert "状态已变" in (force(keeper, f"{PAGE}/filings/1/expired"), keeper.open(PAGE))[1]


def test_a_campaign_is_told_when_its_template_is_expected(app: Flask, ctx: Context) -> None:
    filed(ctx, write(ctx), expected=date(2026, 7, 1))
    send_to(ctx, 1, state="draft", author="limeng")
    writer = come(app, "limeng", "/console/campaigns/1")
    page = writer.send("/console/campaigns/1/submit")
    assert "短信模板“policy”第 1 版还没有服务商批准：aliyun：审批中，预计 7月1日 答复；tencent：未报备" in page
    english = writer.open("/console/campaigns/1?lang=en")
    assert unmarked(english) == []
    assert one(ctx, "select state from campaign") == "draft"


def test_the_cost_stands_beside_the_words_before_and_after_the_plan(app: Flask, ctx: Context) -> None:
    approved(ctx, write(ctx))
    sent = send_to(ctx, 3, sms_words={"zh": 1}, state="running")
    rows(ctx, "update profile set locale = 'en' where ref = 'p3' returning id")
    writer = come(app, "limeng", f"/console/campaigns/{sent.campaign_id}")
    assert (
        "【江澜政策】云湾区人才安居补贴（第三批），截止日期见公告。不收费、不索要密码，可拨12345核验******"
        in writer.page
    )
    assert ("最多" in writer.page, "0.15" in writer.page) == (True, True)
    plan(ctx, sent.campaign_id)
    rows(ctx, "update campaign set planned_at = now() returning id")
    page = writer.open(f"/console/campaigns/{sent.campaign_id}")
    assert ("合计" in page, "0.10" in page, "0.05" in page, "0.15" in page) == (True,) * 4
    assert unmarked(writer.open(f"/console/campaigns/{sent.campaign_id}?lang=en")) == []


def test_a_campaign_without_a_template_says_that_no_sms_leaves(app: Flask, ctx: Context) -> None:
    sent = send_to(ctx, 1, state="draft")
    page = come(app, "limeng", f"/console/campaigns/{sent.campaign_id}").page
    assert "没有短信模板：这个活动的短信发不出去" in page


def test_the_page_is_english_for_those_who_read_it(app: Flask, ctx: Context) -> None:
    approved(ctx, filed(ctx, write(ctx), "tencent"))
    write(ctx, "新：${title}")
    for who in ("limeng", "keeper"):
        page = come(app, who, f"{PAGE}?lang=en").page
        assert unmarked(page) == []
        assert "SMS templates" in page


def test_a_gateway_needs_none_and_the_page_says_so(ctx: Context) -> None:
    plain = with_routes(ctx, main="http://127.0.0.1:3")
    assert "可以发任何文字" in come(open_app(plain), "limeng").page
