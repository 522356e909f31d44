"""A campaign's page says what was done, by whom, and what its buttons do as it stands."""

from __future__ import annotations

from flask import Flask

from pushsvc.context import Context
from pushsvc.store.session import transaction
from tests.making import choose, make_campaign
from tests.web.browser import Browser
from tests.web.making import one, person, publish
from tests.web.test_console import act, author, draft, force

__all__ = ["author"]  # a fixture, used by its name


def test_a_draft_that_is_cancelled_was_never_approved_nor_sent(ctx: Context, author: Browser) -> None:
    number = draft(ctx)
    assert "取消未发的消息" not in author.open(f"/console/campaigns/{number}")
    page = act(author, number, "cancel")
    assert "已完成：取消这次活动" in page
    assert page.count('<li class="done">') == 1
    assert "没有挑选过受众" in page
    assert "此刻的受众" not in page


def test_messages_that_wait_are_what_is_cancelled_later(ctx: Context, author: Browser) -> None:
    number = draft(ctx, state="running")
    with transaction(ctx.engine) as conn:
        choose(conn, ctx, number, [person(ctx)])
    page = author.open(f"/console/campaigns/{number}")
    assert ("取消未发的消息" in page, "取消这次活动" in page) == (True, False)


def test_what_a_standing_rule_approved_names_the_rule(ctx: Context, author: Browser) -> None:
    with transaction(ctx.engine) as conn:
        one_ = {"state": "running", "author": "system", "reviewer": "rule:截止<提醒"}
        number = make_campaign(conn, ctx, publish(ctx), starts_at=ctx.clock(), **one_)
    for path in ("/console/", f"/console/campaigns/{number}"):
        page = author.open(path)
        assert '<a href="/console/standing">规则</a>：截止&lt;提醒' in page
        assert ("系统" in page, "rule:" in page) == (True, False)
    assert "6月24日 09:30 开始" in page


def test_nobody_approves_what_they_wrote_under_the_name_they_are_called(
    app: Flask, ctx: Context, author: Browser
) -> None:
    number = draft(ctx, author="兼任", state="in_review")
    both = Browser(app).sign_in(operator="both")
    assert f"/console/campaigns/{number}/approve" not in both.open(f"/console/campaigns/{number}")
    assert force(both, number, "approve") == 303
    assert one(ctx, "select state from campaign") == "in_review"
