"""A digest has a page of its own that names everything in it, for its own reader alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from pushsvc.context import Context
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, prefer
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows

DEADLINE = {"kind": "deadline", "closes": "2026-07-01", "days": 7}
CHANGED = {"kind": "changed", "changes": [{"field": "amount", "before": "1000元", "after": "2000元"}]}


def digest(
    ctx: Context, clock: Clock, reader: int, many: int = 10, *, details: Sequence[dict[str, Any]] = (), **columns: Any
) -> int:
    """A daily digest of so many policies, recommended ones with rising scores, that has left; its run.

    `details`: of the first of them, the events that they stand there for; `columns`: of every policy.
    """
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, reader, cadence="daily", weekly_max=0)
    for n in range(many):
        door = "subscribed" if n % 4 == 3 else "recommended"
        policy_id = publish(ctx, f"policy-{n}", n + 1, title=f"第{n}项政策", agency=f"{n}局", **columns)
        detail = details[n] if n < len(details) else {}
        with transaction(ctx.engine) as conn:
            campaign_id = make_campaign(conn, ctx, policy_id, detail=detail)
            choose(conn, ctx, campaign_id, [reader], door)
            mine = tables.selection.c.campaign_id == campaign_id
            conn.execute(tables.selection.update().where(mine).values(score=n / 10))
        plan(ctx, campaign_id)
    clock.now += timedelta(days=1)
    assert release_digests(ctx) == 1
    return int(one(ctx, "select run_id from delivery"))


def test_its_page_lists_what_was_asked_for_first_then_the_best(app: Flask, ctx: Context, clock: Clock) -> None:
    reader = person(ctx)
    run_id = digest(ctx, clock, reader)
    page = Browser(app).sign_in(person=reader).open(f"/m/digests/{run_id}")
    places = {n: page.index(f"第{n}项政策") for n in range(10)}
    assert sorted(places, key=lambda n: places[n]) == [3, 7, 9, 8, 6, 5, 4, 2, 1, 0]
    assert "10 项政策" in page
    assert (page.count("因订阅"), page.count("因推荐")) == (2, 8)


@pytest.mark.parametrize(
    ("lang", "left", "change"),
    [
        ("zh", "还有6天截止（7月1日）", "金额由“1000元”改为“2000元”"),
        ("en", "6 days left, it closes on 1 July", "he amount changed from “1000"),
    ],
)
def test_each_item_says_the_event_it_stands_for(
    app: Flask, ctx: Context, clock: Clock, lang: str, left: str, change: str
) -> None:
    reader = person(ctx)
    run_id = digest(ctx, clock, reader, 3, details=[DEADLINE, CHANGED])
    page = Browser(app).sign_in(person=reader).open(f"/m/digests/{run_id}?lang={lang}")
    last, other, first = page.split("<li class")[1:]
    assert ("第2项政策" in last, 'class="why"' in last) == (True, False)
    assert change in other
    assert left in first


def test_what_changed_in_a_private_matter_is_not_said_there_either(app: Flask, ctx: Context, clock: Clock) -> None:
    reader = person(ctx)
    run_id = digest(ctx, clock, reader, 2, details=[CHANGED, DEADLINE], sensitive=True)
    page = Browser(app).sign_in(person=reader).open(f"/m/digests/{run_id}")
    assert ("2000元" in page, "还有6天截止" in page) == (False, True)


def test_nobody_else_sees_it_and_no_campaign_has_such_a_page(app: Flask, ctx: Context, clock: Clock) -> None:
    reader, other = person(ctx), person(ctx, 2)
    run_id = digest(ctx, clock, reader, 1)
    assert Browser(app).client.get(f"/m/digests/{run_id}").status_code == 303
    assert Browser(app).sign_in(person=other).client.get(f"/m/digests/{run_id}").status_code == 404
    own = Browser(app).sign_in(person=reader)
    assert [own.client.get(f"/m/digests/{n}").status_code for n in (run_id, 1, 999)] == [200, 404, 404]


def test_a_withdrawn_policy_leaves_the_page(app: Flask, ctx: Context, clock: Clock) -> None:
    reader = person(ctx)
    run_id = digest(ctx, clock, reader, 2)
    with transaction(ctx.engine) as conn:
        conn.execute(tables.policy.update().where(tables.policy.c.ref == "policy-0").values(state="withdrawn"))
    page = Browser(app).sign_in(person=reader).open(f"/m/digests/{run_id}")
    assert ("第0项政策" in page, "第1项政策" in page) == (False, True)


def test_the_message_in_the_inbox_leads_there(app: Flask, ctx: Context, clock: Clock) -> None:
    reader = person(ctx, channels=("app",))
    run_id = digest(ctx, clock, reader, 2)
    with transaction(ctx.engine) as conn:
        key = conn.scalar(select(tables.delivery.c.wire_key))
        row = {"wire_key": key, "recipient_id": reader, "profile_id": reader, "title": "2项政策", "body": "正文"}
        conn.execute(insert(tables.inbox).values(**row, at=ctx.clock()))
    browser = Browser(app).sign_in(person=reader)
    assert "查看" in browser.open("/m/inbox")
    (number,) = rows(ctx, "select id from inbox")[0]
    browser.open("/m/inbox")
    assert "第1项政策" in browser.send(f"/m/inbox/{number}")
    assert browser.client.get(f"/m/digests/{run_id}").status_code == 200
