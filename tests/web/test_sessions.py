"""Sessions of residents: short, bound to one browser, ended in the database at once; cookies that were forged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline import rights, sign_ins
from pushsvc.pipeline.rights import export_data
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, person, rows


def is_in(browser: Browser) -> bool:
    """Whether this browser is signed in."""
    return browser.client.get("/m/sessions").status_code == 200


def copy_of(browser: Browser, agent: str | None = None) -> Browser:
    """Another client that holds the same cookie."""
    other, cookie = Browser(browser.app), browser.client.get_cookie("pushsvc")
    assert cookie is not None
    other.client.set_cookie("pushsvc", cookie.value)
    if agent is not None:
        other.client.environ_base["HTTP_USER_AGENT"] = agent
    return other


@pytest.mark.parametrize(("minutes", "stays"), [(119, True), (121, False)])
def test_a_sign_in_that_rests_ends(app: Flask, ctx: Context, clock: Clock, minutes: int, stays: bool) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    clock.forward(minutes=minutes)
    assert is_in(browser) is stays


def test_a_sign_in_in_use_ends_after_half_a_day(app: Flask, ctx: Context, clock: Clock) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    hours = []
    for hour in range(1, 15):
        clock.forward(hours=1)
        if is_in(browser):
            hours.append(hour)
    assert hours == list(range(1, 12))


@hypothesis(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(min_value=1, max_value=150), min_size=1, max_size=12))
def test_it_lasts_while_no_pause_and_no_sum_is_too_long(
    app: Flask, ctx: Context, clock: Clock, pauses: list[int]
) -> None:
    someone = rows(ctx, "select id from profile limit 1")
    browser = Browser(app).sign_in(person=someone[0].id if someone else person(ctx))
    whole, alive = timedelta(), True
    for minutes in pauses:
        clock.forward(minutes=minutes)
        whole += timedelta(minutes=minutes)
        alive = alive and timedelta(minutes=minutes) < sign_ins.IDLE and whole < sign_ins.LONGEST
        assert is_in(browser) is alive


def test_looking_at_pages_writes_once_a_minute(app: Flask, ctx: Context, clock: Clock) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    began = ctx.clock()
    for _ in range(3):
        clock.forward(seconds=25)
        assert is_in(browser)
    assert one(ctx, "select seen_at from resident_session") - began == timedelta(seconds=75)
    clock.forward(seconds=59)
    assert is_in(browser)
    assert one(ctx, "select seen_at from resident_session") - began == timedelta(seconds=75)


def test_a_copied_cookie_in_another_browser_ends_for_both(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    assert not is_in(copy_of(browser, "Mozilla/5.0 (somebody else)"))
    assert not is_in(browser)
    assert rows(ctx, "select action from audit") == [("session.other_browser",)]


def test_an_old_copy_of_the_cookie_is_worth_nothing_after_signing_out(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    assert is_in(browser)
    stolen = copy_of(browser)
    browser.open("/m/sessions")
    browser.send("/m/sign-out")
    assert not is_in(stolen)
    assert rows(ctx, "select 1 from resident_session") == []


def test_the_cookie_holds_no_digest_and_the_database_no_token(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    with browser.client.session_transaction() as session:
        token = session["token"]
    assert len(token) >= 43
    assert token not in str(rows(ctx, "select encode(digest, 'escape') from resident_session"))


@pytest.mark.parametrize("token", ["", "x", "é", 7, None, ["a"], "A" * 10_000])
def test_a_made_up_token_signs_nobody_in(app: Flask, ctx: Context, token: object) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    with browser.client.session_transaction() as session:
        session["token"] = token
    assert not is_in(browser)


def test_a_cookie_of_before_is_no_sign_in(app: Flask, ctx: Context) -> None:
    browser = Browser(app)
    with browser.client.session_transaction() as session:
        session |= {"person": person(ctx), "since": int(ctx.clock().timestamp())}
    assert not is_in(browser)


def test_signing_in_anew_ends_what_was(app: Flask, ctx: Context) -> None:
    from pushsvc.links import sign_in_token

    browser = Browser(app).sign_in(person=person(ctx, 1))
    old = copy_of(browser)
    token = sign_in_token(ctx.settings.secret_key, person(ctx, 2), ctx.clock())
    browser.open(f"/m/enter/{token}")
    browser.send(f"/m/enter/{token}")
    assert is_in(browser)
    assert not is_in(old)


def test_one_sees_where_one_is_signed_in_and_ends_the_others(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    phone, here = Browser(app), Browser(app)
    phone.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0"
    phone.sign_in(person=someone)
    here.sign_in(person=someone)
    page = here.open("/m/sessions")
    assert "微信" in page
    assert page.count("这台设备") == 1
    (number,) = rows(ctx, "select id from resident_session where device = 'wechat'")[0]
    here.send(f"/m/sessions/{number}/end")
    assert "已在那台设备上退出登录" in here.page
    assert not is_in(phone)
    data = here.form("/m/sign-out")
    assert here.client.post(f"/m/sessions/{number}/end", data=data).status_code == 303  # again is harmless
    phone.sign_in(person=someone)
    here.open("/m/sessions")
    assert "已在其他 1 处退出登录" in here.send("/m/sessions/end-others")
    assert not is_in(phone)
    assert is_in(here)


def test_nobody_ends_somebody_elses_session(app: Flask, ctx: Context) -> None:
    mine, other = (Browser(app).sign_in(person=person(ctx, n)) for n in (1, 2))
    assert is_in(mine)
    assert is_in(other)
    (number,) = rows(ctx, "select max(id) from resident_session")[0]
    mine.open("/m/sessions")
    assert mine.client.post(f"/m/sessions/{number}/end", data=mine.form("/m/sign-out")).status_code == 404
    mine.open("/m/sessions")
    data = mine.form("/m/sign-out")
    assert mine.client.post("/m/sessions/end-others", data=data).status_code == 303
    assert is_in(other)


def test_erasure_signs_out_everywhere_and_the_copy_says_where_one_was(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    browsers = [Browser(app).sign_in(person=someone) for _ in range(2)]
    copy = export_data(ctx, someone)
    assert copy is not None
    assert [place["how"] for place in copy["signed_in"]] == ["code", "code"]
    assert rights.erase(ctx, someone, actor="person")
    assert [is_in(browser) for browser in browsers] == [False, False]
    assert rows(ctx, "select 1 from resident_session") == []


def test_what_is_over_is_deleted(app: Flask, ctx: Context, clock: Clock) -> None:
    someone = person(ctx)
    Browser(app).sign_in(person=someone)
    clock.forward(hours=1)
    Browser(app).sign_in(person=someone)
    clock.forward(hours=1, minutes=30)
    assert sign_ins.forget_old(ctx) == 1
    assert one(ctx, "select count(*) from resident_session") == 1


def test_somebody_who_acts_for_a_firm_can_still_sign_out(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx), acting=999)
    browser.open("/m/sessions")
    browser.send("/m/sign-out")
    assert not is_in(browser)
