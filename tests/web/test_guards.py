"""Every view wears a guard, and the guards hold."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.web.access import safe_path
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, api_key, operators, person, publish, snapshot

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


def test_every_view_says_who_may_call_it(app: Flask) -> None:
    bare = [name for name, view in app.view_functions.items() if not getattr(view, "guard", "")]
    assert bare == []


def test_every_changing_view_checks_csrf_or_says_why_not(app: Flask) -> None:
    exempt = {name for name, view in app.view_functions.items() if getattr(view, "csrf_exempt", "")}
    assert {name for name in exempt if not name.startswith("api.")} == {
        *("callbacks.hook", "callbacks.replies", "links.stop", "links.undo")
    }


@pytest.mark.parametrize(
    "path",
    ["/m/", "/m/preferences", "/m/inbox", "/m/policies/1", "/m/preferences/export", "/console/", "/console/audit"],
)
def test_a_stranger_is_asked_to_sign_in(browser: Browser, path: str) -> None:
    answer = browser.client.get(path)
    assert answer.status_code == 303
    assert "/sign-in?next=" in answer.headers["Location"]


def test_a_stranger_changes_nothing_by_any_route(app: Flask, ctx: Context, browser: Browser) -> None:
    person(ctx)
    publish(ctx)
    before = snapshot(ctx, but=("login_code",))
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<id:{name}>", "1").replace(f"<path:{name}>", "x").replace(f"<{name}>", "x")
        for method in (rule.methods or set()) & CHANGING:
            assert browser.client.open(path, method=method, json={}).status_code < 500, path
            assert browser.client.open(path, method=method, data={"on": "1"}).status_code < 500, path
    assert snapshot(ctx, but=("login_code",)) == before


def test_reading_changes_nothing(app: Flask, ctx: Context) -> None:
    someone = person(ctx, channels=("app", "sms"))
    publish(ctx)
    operators(ctx, AUTHOR, AUDITOR)
    seen = [Browser(app), Browser(app).sign_in(person=someone), Browser(app).sign_in(operator="limeng")]
    before = snapshot(ctx, but=("audit",))
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<id:{name}>", "1").replace(f"<path:{name}>", "x").replace(f"<{name}>", "x")
        for browser in seen if "GET" in (rule.methods or ()) else []:
            assert browser.client.get(path).status_code < 500, path
            assert browser.client.head(path).status_code < 500, path
    assert snapshot(ctx, but=("audit",)) == before


def test_an_operator_is_no_resident_and_a_resident_no_operator(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    operators(ctx, AUTHOR)
    assert Browser(app).sign_in(operator="limeng").client.get("/m/").status_code == 303
    assert Browser(app).sign_in(person=someone).client.get("/console/").status_code == 303


def test_a_role_opens_only_its_own_pages(app: Flask, ctx: Context) -> None:
    operators(ctx, AUTHOR, AUDITOR)
    assert Browser(app).sign_in(operator="limeng").client.get("/console/audit").status_code == 403
    assert Browser(app).sign_in(operator="shenqi").client.get("/console/audit").status_code == 200


def test_a_removed_operator_is_out_at_once(app: Flask, ctx: Context) -> None:
    assert Browser(app).sign_in(operator="nobody").client.get("/console/").status_code == 303


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "no_key"),
        ({"Authorization": "Basic eDp5"}, 401, "no_key"),
        ({"Authorization": "Bearer wrong"}, 401, "bad_key"),
        ({"Authorization": "Bearer "}, 401, "no_key"),
    ],
)
def test_the_api_wants_a_key(browser: Browser, headers: dict[str, str], status: int, code: str) -> None:
    answer = browser.client.get("/api/v1/policies", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_key_does_only_what_its_scopes_say(ctx: Context, browser: Browser) -> None:
    headers = api_key(ctx, "read")
    assert browser.client.get("/api/v1/policies", headers=headers).status_code == 200
    answer = browser.client.post("/api/v1/policies", headers=headers, json={})
    assert (answer.status_code, answer.json["code"]) == (403, "no_scope")


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\n/evil.example", "", None],
)
def test_nobody_is_sent_to_another_site(path: str | None) -> None:
    assert safe_path(path, "/m/") == "/m/"


def test_a_path_of_ours_is_kept() -> None:
    assert safe_path("/m/policies/7?lang=en", "/m/") == "/m/policies/7?lang=en"
