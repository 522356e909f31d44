"""A campaign whose people changed since its approval: its page says so, and its reviewer sees who."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.advance import advance
from pushsvc.store.access import Operator
from pushsvc.store.session import transaction
from tests.making import make_campaign, subscribe
from tests.web.browser import Browser, told
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, one, operators, person, publish, rows
from tests.web.test_console import BOTH, act, force


@pytest.fixture
def drifted(ctx: Context) -> int:
    """Approved for one, paused when there were two."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR, BOTH)
    with transaction(ctx.engine) as conn:
        number = make_campaign(conn, ctx, publish(ctx), state="draft", author="limeng")
    first, second = person(ctx, 1), person(ctx, 2)
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, first, "wish")
    campaigns.submit(ctx, number, "limeng")
    campaigns.approve(ctx, number, "zhoulan")
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, second, "wish")
    campaigns.start(ctx, number, "limeng")
    advance(ctx)
    return number


def state(ctx: Context) -> str:
    return str(one(ctx, "select state from campaign"))


def test_the_page_says_so_and_offers_nobody_to_go_on(app: Flask, ctx: Context, drifted: int) -> None:
    sender = Browser(app).sign_in(operator="limeng")
    page = sender.open(f"/console/campaigns/{drifted}")
    assert "批准时 1 人，现在 2 人：新增 1，减少 0" in page
    assert "/resume" not in page
    assert "/approve" not in page  # theirs
    assert force(sender, drifted, "resume") == 303
    assert force(sender, drifted, "approve") == 403
    assert (state(ctx), rows(ctx, "select 1 from delivery")) == ("paused", [])


def test_who_wrote_it_may_not_approve_it_anew(app: Flask, ctx: Context, drifted: int) -> None:
    with transaction(ctx.engine) as conn:
        conn.exec_driver_sql("update campaign set author = 'both'")
    both = Browser(app).sign_in(operator="both")
    assert "/approve" not in both.open(f"/console/campaigns/{drifted}")
    assert force(both, drifted, "approve") == 303
    assert state(ctx) == "paused"


def test_the_reviewer_sees_who_by_masks_and_lets_it_go_on(app: Flask, ctx: Context, drifted: int) -> None:
    reviewer = Browser(app).sign_in(operator="zhoulan")
    page = told(reviewer.open(f"/console/campaigns/{drifted}/drift"))
    assert "审批后的变动" in page
    assert "person2@city.example" not in page
    assert "13800000002" not in page
    assert page.count('<th scope="row"') == 1
    assert rows(ctx, "select actor, detail from audit where action = 'drift.read'") == [
        ("zhoulan", {"left": 0, "joined": 1})
    ]
    assert "按现在的人重新批准" in reviewer.open(f"/console/campaigns/{drifted}")
    act(reviewer, drifted, "approve")
    assert state(ctx) == "running"
    assert rows(ctx, "select reviewer, recommended from approval order by id") == [("zhoulan", 0), ("zhoulan", 0)]
    assert reviewer.client.get(f"/console/campaigns/{drifted}/drift").status_code == 404
    advance(ctx)
    assert one(ctx, "select count(*) from delivery") == 2


def test_who_may_see_who(app: Flask, ctx: Context, drifted: int) -> None:
    operators(ctx, Operator("writer", "笔", ("author",)))
    path = f"/console/campaigns/{drifted}/drift"
    assert Browser(app).sign_in(operator="shenqi").client.get(path).status_code == 200
    assert Browser(app).sign_in(operator="writer").client.get(path).status_code == 403
    assert Browser(app).client.get(path).status_code == 303
