"""Operators: coming in, four eyes, figures that add up, masks, and an audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.plan import plan
from pushsvc.store.access import Operator
from pushsvc.store.session import transaction
from pushsvc.web.current import attach
from tests.making import choose, make_campaign, subscribe
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, one, operators, person, publish, rows, snapshot

BOTH = Operator("both", "兼任", ("author", "reviewer", "sender"))


def draft(ctx: Context, author: str = "limeng", state: str = "draft") -> int:
    """A campaign for a policy for people of 60 and more."""
    policy = publish(ctx, criteria={"all": [{"fact": "age", "ge": 60}]})
    with transaction(ctx.engine) as conn:
        return make_campaign(conn, ctx, policy, state=state, author=author)


def act(browser: Browser, number: int, verb: str) -> str:
    """Press one of a campaign's buttons."""
    browser.open(f"/console/campaigns/{number}")
    return browser.send(f"/console/campaigns/{number}/{verb}")


def force(browser: Browser, number: int, verb: str) -> int:
    """Send an action that the page has no button for."""
    browser.open(f"/console/campaigns/{number}")
    token = browser.form("/console/sign-out")["csrf_token"]
    return browser.client.post(f"/console/campaigns/{number}/{verb}", data={"csrf_token": token}).status_code


@pytest.fixture
def author(app: Flask, ctx: Context) -> Browser:
    """李萌, signed in; 周岚, 沈祺 and one of all trades exist."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR, BOTH)
    return Browser(app).sign_in(operator="limeng")


def test_the_right_password_lets_in(ctx: Context, browser: Browser) -> None:
    operators(ctx, AUTHOR)
    browser.open("/console/sign-in")
    assert "李萌" in browser.send("/console/sign-in", {"name": "limeng", "password": "right"})
    assert rows(ctx, "select actor, action from audit") == [("limeng", "console.sign_in")]


@pytest.mark.parametrize(("name", "password"), [("limeng", "wrong"), ("nobody", "right"), ("limeng", ""), ("", "")])
def test_a_wrong_name_and_a_wrong_password_look_alike(ctx: Context, browser: Browser, name: str, password: str) -> None:
    operators(ctx, AUTHOR)
    browser.open("/console/sign-in")
    assert "姓名或密码不对" in browser.send("/console/sign-in", {"name": name, "password": password})
    assert browser.status == 422


def test_guessing_is_slowed_down(ctx: Context, browser: Browser) -> None:
    operators(ctx, AUTHOR)
    statuses = []
    for _ in range(11):
        browser.open("/console/sign-in")
        browser.send("/console/sign-in", {"name": "limeng", "password": "wrong"})
        statuses.append(browser.status)
    assert statuses == [422] * 10 + [429]
    browser.open("/console/sign-in")
    browser.send("/console/sign-in", {"name": "limeng", "password": "right"})
    assert browser.status == 429


def wish(ctx: Context, n: int = 1) -> None:
    """Somebody who asked for all there is about subsidies, so that a campaign reaches one person."""
    someone = person(ctx, n)
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, someone, "wish")


def test_a_campaign_goes_its_way_with_four_eyes(app: Flask, ctx: Context, author: Browser) -> None:
    wish(ctx)
    number = draft(ctx)
    assert "待审核" in act(author, number, "submit")
    reviewer = Browser(app).sign_in(operator="zhoulan")
    assert "已批准" in act(reviewer, number, "approve")
    assert "运行中" in act(author, number, "start")
    assert "已暂停" in act(author, number, "pause")
    assert "运行中" in act(author, number, "resume")
    assert "已取消" in act(author, number, "cancel")
    actions = [row.action for row in rows(ctx, "select action from audit order by id")]
    assert actions[:3] == ["campaign.in_review", "campaign.approve", "campaign.start"]


def test_nobody_to_write_to_is_said_and_starts_nothing(app: Flask, ctx: Context, author: Browser) -> None:
    number = draft(ctx)
    act(author, number, "submit")
    act(Browser(app).sign_in(operator="zhoulan"), number, "approve")
    assert "没有可发送的对象" in act(author, number, "start")
    assert one(ctx, "select state from campaign") == "approved"


def test_an_emergency_is_approved_by_its_own_role_alone(app: Flask, ctx: Context, author: Browser) -> None:
    operators(ctx, Operator("duty", "值班", ("emergency",)))
    number = draft(ctx)
    with transaction(ctx.engine) as conn:
        routine = make_campaign(conn, ctx, 1, state="in_review")
    campaigns.edit(ctx, number, actor="limeng", emergency=True)
    act(author, number, "submit")
    assert force(Browser(app).sign_in(operator="zhoulan"), number, "approve") == 403
    duty = Browser(app).sign_in(operator="duty")
    assert force(duty, routine, "approve") == 403
    assert "已批准" in act(duty, number, "approve")
    assert one(ctx, "select actor from audit where action = 'campaign.approve_emergency'") == "duty"


def test_the_author_cannot_approve_even_with_the_role(app: Flask, ctx: Context, author: Browser) -> None:
    number = draft(ctx, author="both")
    both = Browser(app).sign_in(operator="both")
    page = act(both, number, "submit")
    assert "作者不能审批自己的活动" in page
    assert f"/console/campaigns/{number}/approve" not in page
    assert force(both, number, "approve") == 303
    assert one(ctx, "select state from campaign") == "in_review"
    assert "作者不能审批自己的活动，请另一位审核" in both.open(f"/console/campaigns/{number}")


def test_who_edited_it_cannot_approve_it(app: Flask, ctx: Context, author: Browser) -> None:
    number = draft(ctx)
    campaigns.edit(ctx, number, actor="both", title="改过的标题")
    act(author, number, "submit")
    both = Browser(app).sign_in(operator="both")
    page = both.open(f"/console/campaigns/{number}")
    assert "作者不能审批自己的活动" in page
    assert f"/console/campaigns/{number}/approve" not in page
    assert force(both, number, "approve") == 303
    assert one(ctx, "select state from campaign") == "in_review"


@pytest.mark.parametrize("state", ["draft", "approved", "scheduled", "running", "finished"])
def test_what_was_not_paused_cannot_be_resumed(ctx: Context, author: Browser, state: str) -> None:
    number = draft(ctx, state=state)
    assert f"/console/campaigns/{number}/resume" not in author.open(f"/console/campaigns/{number}")
    assert force(author, number, "resume") == 303
    assert one(ctx, "select state from campaign") == state


@pytest.mark.parametrize(("who", "verb"), [("zhoulan", "submit"), ("limeng", "approve"), ("shenqi", "cancel")])
def test_a_role_does_only_its_own(app: Flask, ctx: Context, author: Browser, who: str, verb: str) -> None:
    number = draft(ctx)
    assert force(Browser(app).sign_in(operator=who), number, verb) == 403
    assert one(ctx, "select state from campaign") == "draft"


def test_an_action_out_of_turn_changes_nothing(ctx: Context, author: Browser) -> None:
    number = draft(ctx)
    assert force(author, number, "start") == 303
    assert one(ctx, "select state from campaign") == "draft"
    assert "活动的状态已变" in author.open(f"/console/campaigns/{number}")
    assert force(author, number, "destroy") == 404


def test_a_reviewer_sees_whom_they_would_reach(app: Flask, ctx: Context, author: Browser) -> None:
    person(ctx, 1, birth_date=date(1950, 1, 1))
    person(ctx, 2, birth_date=date(1990, 1, 1))
    person(ctx, 3)
    page = author.open(f"/console/campaigns/{draft(ctx)}")
    assert "此刻的受众" in page
    assert 'data-n="audience.eligible">1<' in page
    assert 'data-n="missing.age">' in page or "缺" in page


def test_the_figures_add_up(ctx: Context, author: Browser) -> None:
    people = [person(ctx, n) for n in range(1, 4)]
    people.append(person(ctx, 4, consent=()))
    number = draft(ctx, state="running")
    with transaction(ctx.engine) as conn:
        choose(conn, ctx, number, people)
    plan(ctx, number)
    page = author.open(f"/console/campaigns/{number}")
    assert 'data-n="selected">4<' in page
    assert 'data-n="sum">0 + 3 = 3<' in page
    assert 'data-n="refusal.no_basis">1<' in page
    assert 'data-n="channel.sms">0/3<' in page


def test_the_live_figures_are_those_of_the_page(ctx: Context, author: Browser) -> None:
    number = draft(ctx)
    page = author.open(f"/console/campaigns/{number}")
    live = author.client.get(f"/console/campaigns/{number}/live.json").json
    assert f'data-shape="{live["shape"]}"' in page
    for key, text in live["texts"].items():
        assert f'data-n="{key}">{text}<' in page or key.startswith(("part.", "state.")), key


def test_nothing_new_is_not_sent_again(ctx: Context, author: Browser) -> None:
    number = draft(ctx)
    path = f"/console/campaigns/{number}/live.json"
    tag = author.client.get(path).headers["ETag"]
    assert author.client.get(path, headers={"If-None-Match": tag}).status_code == 304
    campaigns.submit(ctx, number, "limeng")
    fresh = author.client.get(path, headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.json["state"]) == (200, "in_review")


def test_who_was_not_told_is_masked_and_the_look_is_logged(app: Flask, ctx: Context, author: Browser) -> None:
    name = ctx.keyring.encrypt("张三丰", "profile:name")
    someone = person(ctx, 1, consent=(), name=name)
    number = draft(ctx, state="running")
    with transaction(ctx.engine) as conn:
        choose(conn, ctx, number, [someone])
    plan(ctx, number)
    page = Browser(app).sign_in(operator="zhoulan").open(f"/console/campaigns/{number}/refusals/no_basis")
    assert "张**" in page
    assert "138****0001" in page
    assert "张三丰" not in page
    assert "13800000001" not in page
    assert one(ctx, "select detail from audit where action = 'refusals.read'") == {"code": "no_basis", "shown": 1}


def test_a_list_is_not_for_every_role(ctx: Context, author: Browser) -> None:
    number = draft(ctx)
    before = snapshot(ctx)
    assert Browser(author.app).sign_in(operator="nobody").client.get("/console/").status_code == 303
    assert author.client.get(f"/console/campaigns/{number}/refusals/unknown_code").status_code == 404
    assert snapshot(ctx) == before


def test_the_phone_shows_what_will_be_sent(ctx: Context, author: Browser) -> None:
    page = author.open(f"/console/campaigns/{draft(ctx)}")
    assert "【江澜政策】" in page
    assert page.count("【江澜政策】") == 2  # in both languages


def test_a_campaign_that_is_not_there_is_404(author: Browser) -> None:
    for path in ("/console/campaigns/99", "/console/campaigns/99/live.json", "/console/campaigns/99/refusals/cap"):
        assert author.client.get(path).status_code == 404


def test_a_title_cannot_run_a_script_here_either(ctx: Context, author: Browser) -> None:
    policy = publish(ctx, title="<script>alert(1)</script>")
    with transaction(ctx.engine) as conn:
        number = make_campaign(conn, ctx, policy, state="draft", basis="<script>alert(2)</script>")
    for path in ("/console/?show=drafts", f"/console/campaigns/{number}"):
        assert "<script>alert" not in author.open(path)


def test_everybody_at_the_console_sees_that_a_trial_is_on(app: Flask, ctx: Context, author: Browser) -> None:
    assert "试运行" not in author.open("/console/")
    attach(app, replace(ctx, settings=replace(ctx.settings, trial="list.txt")))
    assert "只有名单上的人会真正收到" in author.open("/console/")
    attach(app, replace(ctx, settings=replace(ctx.settings, trial="list.txt", trial_agencies="新设的局")))
    assert "新设的局" in author.open("/console/")
