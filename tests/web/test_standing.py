"""Standing rules in the console: drafted, submitted, approved by somebody else, ended; and what is tried with them."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import standing
from pushsvc.store.access import Operator
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, one, operators, publish, rows, snapshot
from tests.web.test_english import unmarked

BOTH = Operator("both", "兼任", ("author", "reviewer"))
PAGE = "/console/standing"


@pytest.fixture
def author(app: Flask, ctx: Context) -> Browser:
    """李萌, signed in; 周岚, 沈祺 and one who writes and reviews exist."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR, BOTH)
    return Browser(app).sign_in(operator="limeng")


def rule(ctx: Context, author: str = "limeng", *, submitted: bool = True) -> int:
    """A rule for deadlines that waits for a reviewer, or is still a draft."""
    number = standing.create(ctx, "截止提醒", author=author, events=["deadline"], topics=["talent"])
    if submitted:
        standing.submit(ctx, number, author)
    return number


def force(browser: Browser, path: str, **values: object) -> int:
    """Send a form that the page does not have."""
    browser.open(PAGE)
    token = browser.form("/console/sign-out")["csrf_token"]
    return browser.client.post(path, data={"csrf_token": token} | values).status_code


def test_without_rules_the_page_says_what_that_means(author: Browser) -> None:
    assert f'href="{PAGE}"' in author.open("/console/")
    assert "还没有常设规则" in author.open(PAGE)


def test_a_rule_goes_its_way_with_four_eyes(app: Flask, ctx: Context, author: Browser) -> None:
    publish(ctx, region="990101")
    author.open(PAGE)
    typed = {
        "name": "截止提醒",
        "events": ["deadline", "result"],
        "topics": "talent",
        "regions": "990101",
        "lane": "bulk",
    }
    assert "临近截止、结果公布" in author.send(PAGE, typed)
    assert rows(ctx, "select events, kinds, topics, regions, lane, state, author from standing_rule") == [
        (["deadline", "result"], [], ["talent"], ["990101"], "bulk", "draft", "limeng")
    ]
    assert "待审核" in author.send(f"{PAGE}/1/submit")
    assert f"{PAGE}/1/approve" not in author.page
    reviewer = Browser(app).sign_in(operator="zhoulan")
    reviewer.open(PAGE)
    page = reviewer.send(f"{PAGE}/1/approve")
    assert ("已批准" in page, "周岚" in page, f"{PAGE}/1/approve" in page) == (True, True, False)
    page = author.send(f"{PAGE}/1/end", {"reason": "换季"}) if author.open(PAGE) else ""
    assert ("已结束" in page, "换季" in page, f"{PAGE}/1/end" in page) == (True, True, False)
    assert [tuple(row) for row in rows(ctx, "select actor, action from audit order by id")] == [
        ("limeng", "rule.create"), ("limeng", "rule.submit"), ("zhoulan", "rule.approve"), ("limeng", "rule.end"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "n", "lane": "bulk"}, "请至少选一种事件"),
        ({"name": " \u200b", "events": "new", "lane": "bulk"}, "请填写规则的名称"),
        ({"name": "截止提醒", "events": "new", "lane": "bulk"}, "已有同名的规则"),
        ({"name": "n", "events": "new", "kinds": "fund", "lane": "urgent"}, "紧急通道只给紧急政策：文种只选"),
        ({"name": "n", "events": "moon", "lane": "bulk"}, "有一项不在可选的范围内"),
        ({"name": "n", "events": "new", "regions": "1", "lane": "bulk"}, "有一项不在可选的范围内"),
        ({"name": "n", "events": "new", "lane": "fast"}, "有一项不在可选的范围内"),
    ],
)
def test_what_cannot_be_a_rule_comes_back_as_it_was_typed(
    ctx: Context, author: Browser, typed: dict[str, object], said: str
) -> None:
    rule(ctx)
    before = snapshot(ctx)
    author.open(PAGE)
    page = author.send(PAGE, typed)
    assert author.status == 422
    assert said in page
    assert f'value="{typed["name"]}"' in page
    assert ('value="new" checked' in page) == (typed.get("events") == "new")
    assert snapshot(ctx) == before


def test_nobody_ends_a_rule_without_a_word(ctx: Context, author: Browser) -> None:
    number = rule(ctx)
    author.open(PAGE)
    assert "请写明为什么结束" in author.send(f"{PAGE}/{number}/end", {"reason": " "})
    assert one(ctx, "select state from standing_rule") == "in_review"


@pytest.mark.parametrize("wrote", ["both", "兼任", " Ｂｏｔｈ"])
def test_whoever_wrote_a_rule_cannot_approve_it(app: Flask, ctx: Context, author: Browser, wrote: str) -> None:
    number = rule(ctx, wrote)
    both = Browser(app).sign_in(operator="both")
    page = both.open(PAGE)
    assert "写过或改过的人不能批准" in page
    assert f"{PAGE}/{number}/approve" not in page
    assert force(both, f"{PAGE}/{number}/approve") == 303
    assert one(ctx, "select state from standing_rule") == "in_review"
    assert "写过或改过这条规则的人不能批准它，请另一位审核" in both.open(PAGE)


def test_whoever_edited_a_rule_cannot_approve_it(app: Flask, ctx: Context, author: Browser) -> None:
    number = rule(ctx)
    standing.edit(ctx, number, actor="both", events=["result"])
    standing.edit(ctx, number, actor="limeng", events=["new"])
    standing.submit(ctx, number, "limeng")
    assert force(Browser(app).sign_in(operator="both"), f"{PAGE}/{number}/approve") == 303
    assert one(ctx, "select state from standing_rule") == "in_review"


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("limeng", "/1/approve"),
        ("shenqi", "/1/approve"),
        ("zhoulan", "/1/submit"),
        ("shenqi", "/1/end"),
        ("zhoulan", ""),
    ],
)
def test_a_role_does_only_its_own(app: Flask, ctx: Context, author: Browser, who: str, path: str) -> None:
    rule(ctx)
    before = snapshot(ctx)
    browser = Browser(app).sign_in(operator=who)
    assert force(browser, PAGE + path, name="n", events="new", lane="bulk", reason="x") == 403
    if path:
        assert PAGE + path not in browser.open(PAGE)
    assert snapshot(ctx) == before


@pytest.mark.parametrize("path", ["", "/1/submit", "/1/approve", "/1/end"])
def test_without_a_token_or_a_name_nothing_is_done(app: Flask, ctx: Context, author: Browser, path: str) -> None:
    rule(ctx)
    before = snapshot(ctx)
    both, values = Browser(app).sign_in(operator="both"), {"name": "n", "events": "new", "lane": "bulk", "reason": "x"}
    both.open(PAGE)
    assert both.client.post(PAGE + path, data=values).status_code == 403
    assert both.client.post(PAGE + path, data=values | {"csrf_token": "wrong"}).status_code == 403
    token = str(both.form("/console/sign-out")["csrf_token"])
    evil = both.client.post(
        PAGE + path, data=values | {"csrf_token": token}, headers={"Origin": "https://evil.example"}
    )
    assert evil.status_code == 403
    assert Browser(app).client.post(PAGE + path, data=values).status_code == 403
    assert snapshot(ctx) == before


def test_a_step_out_of_turn_changes_nothing(ctx: Context, author: Browser) -> None:
    number = rule(ctx)
    assert force(author, f"{PAGE}/{number}/submit") == 303
    assert "规则的状态已变" in author.open(PAGE)
    assert [force(author, f"{PAGE}/{path}") for path in ("1/destroy", "99/submit", "0/submit")] == [404] * 3
    assert one(ctx, "select state from standing_rule") == "in_review"


def test_a_name_runs_no_script_and_chinese_says_that_it_is(app: Flask, ctx: Context, author: Browser) -> None:
    publish(ctx)
    standing.create(ctx, "<script>alert(1)</script>", author="limeng", events=["new"], kinds=["fund"])
    rule(ctx, "李萌")
    for who in ("limeng", "both", "shenqi"):
        page = Browser(app).sign_in(operator=who).open(f"{PAGE}?lang=en")
        assert "<script>alert" not in page
        assert unmarked(page) == []
        assert "Deadline near" in page
