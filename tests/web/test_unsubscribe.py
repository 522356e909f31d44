"""Links that stop: shown by GET, done by POST, for one person and one door, and undone."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.links import unsubscribe_token
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows, snapshot
from tests.web.test_feed import firm_of
from tests.web.test_preferences import wish


def token(ctx: Context, someone: int, policy: int | None, **changes: Any) -> str:
    """A link of a message to `someone` about `policy`."""
    values = {"delivery_id": None, "recipient_id": someone, "profile_id": someone, "door": "subscribed", **changes}
    return unsubscribe_token(ctx.settings.secret_key, policy_id=policy, **values)


@pytest.fixture
def told(ctx: Context) -> tuple[int, int, int]:
    """(person, policy, subscription) of somebody told because they asked."""
    someone = person(ctx)
    policy = publish(ctx, topic="talent")
    return someone, policy, wish(ctx, someone, themes=("talent",))


def test_opening_the_link_stops_nothing(ctx: Context, browser: Browser, told: tuple[int, int, int]) -> None:
    link = token(ctx, *told[:2])
    before = snapshot(ctx)
    assert "停止接收“人才与就业”的订阅？" in browser.open(f"/u/{link}")
    browser.client.head(f"/u/{link}")
    browser.client.get(f"/u/{link}/undo")
    assert snapshot(ctx) == before


def test_pressing_stop_ends_the_subscription_and_undo_brings_it_back(
    ctx: Context, browser: Browser, told: tuple[int, int, int]
) -> None:
    link = token(ctx, *told[:2])
    browser.open(f"/u/{link}")
    assert "已停止。" in browser.send(f"/u/{link}")
    assert one(ctx, "select ended_at from subscription") == ctx.clock()
    assert "照常接收" in browser.send(f"/u/{link}/undo")
    assert one(ctx, "select ended_at from subscription") is None


def test_a_mail_programs_one_click_needs_no_page_and_no_cookie(
    app: Flask, ctx: Context, told: tuple[int, int, int]
) -> None:
    link = token(ctx, *told[:2])
    answer = app.test_client().post(f"/u/{link}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert one(ctx, "select ended_at from subscription") is not None


def test_a_link_works_after_a_year_and_twice(
    app: Flask, ctx: Context, clock: Clock, told: tuple[int, int, int]
) -> None:
    link = token(ctx, *told[:2])
    clock.forward(days=500)
    assert [app.test_client().post(f"/u/{link}").status_code for _ in range(2)] == [200, 200]
    assert one(ctx, "select count(*) from subscription where ended_at is not null") == 1


def test_only_the_subscriptions_behind_the_message_end(app: Flask, ctx: Context, told: tuple[int, int, int]) -> None:
    other = wish(ctx, told[0], "other", themes=("elder",))
    app.test_client().post(f"/u/{token(ctx, *told[:2])}")
    assert rows(ctx, "select id from subscription where ended_at is null") == [(other,)]


def test_undo_brings_back_only_what_the_link_ended(app: Flask, ctx: Context, told: tuple[int, int, int]) -> None:
    link = token(ctx, *told[:2])
    assert app.test_client().post(f"/u/{link}/undo").status_code == 200
    with transaction(ctx.engine) as conn:
        conn.execute(tables.subscription.update().values(ended_at=ctx.clock(), ended_reason="person"))
    app.test_client().post(f"/u/{link}")
    app.test_client().post(f"/u/{link}/undo")
    assert one(ctx, "select ended_reason from subscription") == "person"


def test_a_recommendations_link_switches_recommendations_off(
    app: Flask, ctx: Context, told: tuple[int, int, int]
) -> None:
    link = token(ctx, *told[:2], door="recommended")
    app.test_client().post(f"/u/{link}")
    assert rows(ctx, "select personalised, entitled from preference") == [(False, True)]
    assert one(ctx, "select ended_at from subscription") is None
    app.test_client().post(f"/u/{link}/undo")
    assert one(ctx, "select personalised from preference") is True


def test_undo_cannot_switch_on_what_the_link_did_not_switch_off(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    with transaction(ctx.engine) as conn:
        conn.execute(tables.preference.insert().values(profile_id=someone, personalised=False, updated_at=ctx.clock()))
    app.test_client().post(f"/u/{token(ctx, someone, None, door='recommended')}/undo")
    assert one(ctx, "select personalised from preference") is False


@pytest.mark.parametrize("door", ["recommended", "entitled"])
def test_undo_leaves_off_what_was_off_before_the_link_was_pressed(app: Flask, ctx: Context, door: str) -> None:
    someone = person(ctx)
    off = {"personalised": False, "entitled": False}
    with transaction(ctx.engine) as conn:
        conn.execute(tables.preference.insert().values(profile_id=someone, updated_at=ctx.clock(), **off))
    link = token(ctx, someone, None, door=door)
    app.test_client().post(f"/u/{link}")
    page = app.test_client().post(f"/u/{link}/undo").get_data(as_text=True)
    assert "已撤销" not in page
    assert rows(ctx, "select personalised, entitled from preference") == [(False, False)]


def test_a_stop_pressed_twice_is_undone_once(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    link = token(ctx, someone, None, door="recommended")
    for _ in range(2):
        app.test_client().post(f"/u/{link}")
    assert "已撤销" in app.test_client().post(f"/u/{link}/undo").get_data(as_text=True)
    assert one(ctx, "select personalised from preference") is True
    app.test_client().post(f"/u/{link}/undo")
    assert one(ctx, "select count(*) from audit where action = 'unsubscribe.undo'") == 1


def test_a_required_notice_cannot_be_stopped(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    policy = publish(ctx, mandatory=True)
    before = snapshot(ctx)
    answer = app.test_client().post(f"/u/{token(ctx, someone, policy, door='entitled')}")
    assert "这是必要告知" in answer.get_data(as_text=True)
    assert snapshot(ctx) == before


def test_an_optional_entitled_notice_can(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    app.test_client().post(f"/u/{token(ctx, someone, publish(ctx), door='entitled')}")
    assert rows(ctx, "select personalised, entitled from preference") == [(True, False)]


def test_a_member_stops_for_themselves_not_for_the_firm(app: Flask, ctx: Context) -> None:
    someone, other = person(ctx, 1), person(ctx, 2)
    firm = firm_of(ctx, someone)
    with transaction(ctx.engine) as conn:
        conn.execute(tables.member.insert().values(profile_id=firm, person_id=other))
    wish(ctx, firm, themes=("talent",))
    link = token(ctx, someone, publish(ctx), profile_id=firm)
    app.test_client().post(f"/u/{link}")
    assert dict(rows(ctx, "select person_id, wants from member")) == {someone: False, other: True}
    assert one(ctx, "select ended_at from subscription") is None
    app.test_client().post(f"/u/{link}/undo")
    assert one(ctx, "select count(*) from member where wants") == 2


def test_the_page_speaks_the_recipients_language(browser: Browser, ctx: Context) -> None:
    someone = person(ctx, locale="en")
    assert "Stop suggestions" in browser.open(f"/u/{token(ctx, someone, None, door='recommended')}")


@pytest.mark.parametrize("bad", ["x", "WzEsMiwzLDQsInN1YnNjcmliZWQiXQ.forged", "a" * 3000])
def test_a_made_up_link_stops_nothing(app: Flask, ctx: Context, told: tuple[int, int, int], bad: str) -> None:
    before = snapshot(ctx)
    assert app.test_client().post(f"/u/{bad}").status_code == 404
    assert snapshot(ctx) == before


def test_a_link_of_another_kind_is_no_unsubscribe_link(app: Flask, ctx: Context, told: tuple[int, int, int]) -> None:
    from pushsvc.links import sign_in_token

    assert app.test_client().post(f"/u/{sign_in_token(ctx.settings.secret_key, 1, ctx.clock())}").status_code == 404
