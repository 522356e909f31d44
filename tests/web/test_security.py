"""What a browser is told, what a cookie may be used for, and forged forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from pushsvc.context import Context
from tests.web.browser import Browser
from tests.web.making import person, rows


@pytest.mark.parametrize(
    "path", ["/policies/", "/m/sign-in", "/nothing", "/api/v1/policies", "/static/base.css", "/u/x"]
)
def test_nothing_inline_and_nothing_from_elsewhere(browser: Browser, path: str) -> None:
    headers = browser.client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_address_that_is_a_proof_goes_nowhere(browser: Browser) -> None:
    assert browser.client.get("/u/x").headers["Referrer-Policy"] == "no-referrer"
    assert browser.client.get("/m/enter/x").headers["Referrer-Policy"] == "no-referrer"


def test_personal_pages_are_not_stored(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    assert browser.client.get("/m/preferences").headers["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_style_or_script(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    for path in ("/m/", "/m/preferences", "/policies/", "/algorithm"):
        page = browser.open(path)
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<style" not in page
        assert page.count("<script") == page.count('<script src="/static/')


def test_the_cookie_is_kept_from_scripts_and_other_sites(make_app: Callable[..., Flask]) -> None:
    plain = make_app().test_client().get("/m/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    secure = make_app(public_url="https://policy.example").test_client().get("/m/sign-in")
    assert "Secure" in secure.headers["Set-Cookie"]
    assert secure.headers["Set-Cookie"].startswith("__Host-")
    assert "Strict-Transport-Security" in secure.headers


def test_a_changed_cookie_signs_nobody_in(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    browser = Browser(app).sign_in(person=someone)
    cookie = browser.client.get_cookie("pushsvc")
    assert cookie is not None
    browser.client.set_cookie("pushsvc", cookie.value[:-3] + "abc")
    assert browser.client.get("/m/").status_code == 303


def test_a_sign_in_does_not_last_for_ever(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    app.extensions["pushsvc"].clock.forward(days=31)
    assert browser.client.get("/m/").status_code == 303


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_a_form_without_its_token_is_refused(app: Flask, ctx: Context, token: str | None) -> None:
    someone = person(ctx)
    browser = Browser(app).sign_in(person=someone)
    browser.open("/m/preferences")
    data = {} if token is None else {"csrf_token": token}
    assert browser.client.post("/m/preferences/stop-all", data=data).status_code == 403
    assert rows(ctx, "select 1 from preference") == []


def test_a_form_from_another_site_is_refused_even_with_the_token(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    browser.open("/m/preferences")
    data = browser.form("/m/preferences/stop-all")
    answer = browser.client.post("/m/preferences/stop-all", data=data, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_somebody_elses_token_does_not_do(app: Flask, ctx: Context) -> None:
    one, other = (Browser(app).sign_in(person=person(ctx, n)) for n in (1, 2))
    one.open("/m/preferences")
    other.open("/m/preferences")
    data = other.form("/m/preferences/stop-all")
    assert one.client.post("/m/preferences/stop-all", data=data).status_code == 403


def test_a_large_body_is_refused(browser: Browser) -> None:
    answer = browser.client.post("/hooks/sms", data=b"x" * (2 << 20))
    assert answer.status_code == 413


def test_a_crash_tells_nothing(app: Flask, browser: Browser) -> None:
    def boom() -> str:
        raise RuntimeError("secret detail")

    app.view_functions["ops.healthz"] = boom
    assert "secret detail" not in browser.open("/healthz")
    assert browser.status == 500
