"""What somebody tries who means harm: arguments that mean something to us, spoofed headers, guessing, pestering."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from pushsvc.context import Context
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import person, publish, rows

PAGES = ("/", "/policies/", "/policies/1", "/m/", "/m/preferences", "/m/policies/1", "/nothing", "/m/sign-in", "/u/x")


@pytest.mark.parametrize(
    "query", ["endpoint=x", "_method=FOO", "_external=1", "_scheme=javascript&_external=1", "_anchor=x", "self=1"]
)
def test_no_argument_of_the_address_steers_our_links(app: Flask, ctx: Context, query: str) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    publish(ctx)
    for path in PAGES:
        answer = me.client.get(f"{path}?{query}")
        page = answer.get_data(as_text=True)
        assert answer.status_code < 500, path
        assert 'href="javascript:' not in page, path
        assert 'href="http://localhost' not in page, path


def test_the_other_language_keeps_the_search(ctx: Context, browser: Browser) -> None:
    publish(ctx)
    page = browser.open("/policies/?q=%E5%AE%89%E5%B1%85&topic=talent")
    assert 'href="/policies/?q=%E5%AE%89%E5%B1%85&amp;topic=talent&amp;lang=en"' in page


def test_the_other_language_of_a_refused_form_is_a_page(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    me.open("/m/preferences")
    page = me.send("/m/preferences/quiet", {"quiet_from": "22:00", "quiet_to": ""})
    assert me.status == 422
    assert 'href="/m/?lang=en"' in page


@pytest.mark.parametrize("path", ["/api/v1/policies", "/policies/"])
def test_a_method_refused_names_those_allowed(browser: Browser, path: str) -> None:
    answer = browser.client.delete(path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_nobodys_phone_is_made_to_ring_all_night(ctx: Context, browser: Browser, clock: Clock) -> None:
    person(ctx)
    for _ in range(30):
        browser.open("/m/sign-in")
        browser.send("/m/sign-in", {"address": "13800000001"}, follow=False)
        clock.forward(minutes=12)
    assert len(rows(ctx, "select 1 from delivery")) == 10


def ask_often(app: Flask, header: str) -> list[int]:
    """The answers to asking for 25 addresses with an X-Forwarded-For of its own each time."""
    browser, statuses = Browser(app), []
    for n in range(25):
        browser.open("/m/sign-in")
        data = browser.form("/m/sign-in") | {"address": f"1390000{n:04d}"}
        answer = browser.client.post("/m/sign-in", data=data, headers={"X-Forwarded-For": header.format(n=n)})
        statuses.append(answer.status_code)
    return statuses


def test_a_spoofed_address_does_not_lift_a_limit(make_app: Callable[..., Flask]) -> None:
    assert 429 in ask_often(make_app(), "10.0.0.{n}")
    assert 429 in ask_often(make_app(proxies=1), "10.0.0.{n}, 203.0.113.7")


def test_behind_a_proxy_of_ours_each_reader_is_counted_alone(make_app: Callable[..., Flask]) -> None:
    assert set(ask_often(make_app(proxies=1), "203.0.113.{n}")) == {303}


def test_a_form_is_ours_by_its_public_address_too(make_app: Callable[..., Flask], ctx: Context) -> None:
    browser = Browser(make_app(public_url="http://policy.example")).sign_in(person=person(ctx))
    browser.open("/m/preferences")
    data = browser.form("/m/preferences/stop-all")
    for origin, status in (("http://[", 403), ("http://evil.example", 403), ("http://policy.example", 303)):
        answer = browser.client.post("/m/preferences/stop-all", data=data, headers={"Origin": origin})
        assert answer.status_code == status, origin
