"""Tickets that a host app's backend asks for: once, within a minute, by who was meant, and nobody else's way in."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import host_tickets, rights
from pushsvc.pipeline.host_tickets import TicketError
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import api_key, one, person, rows
from tests.web.test_feed import firm_of


def issue(app: Flask, ctx: Context, **body: Any) -> Any:
    """What the API answers to a host app's backend."""
    key = f"tickets-{len(rows(ctx, 'select 1 from api_key'))}"
    return app.test_client().post("/api/v1/tickets", json=body, headers=api_key(ctx, "tickets", key=key))


def path_of(app: Flask, ctx: Context, **body: Any) -> str:
    """Where the webview goes."""
    return urlsplit(issue(app, ctx, **body).json["url"]).path


def enter(browser: Browser, path: str) -> int:
    """Open a ticket and press its button; the status."""
    browser.open(path)
    browser.send(path)
    return browser.status


def test_a_ticket_signs_its_person_in(app: Flask, ctx: Context, browser: Browser) -> None:
    someone = person(ctx)
    assert enter(browser, path_of(app, ctx, person="p1")) == 200
    assert rows(ctx, "select person_id, how from resident_session") == [(someone, "ticket")]
    assert rows(ctx, "select action, object from audit") == [("ticket.issue", f"profile:{someone}")]


def test_a_ticket_may_say_for_which_firm(app: Flask, ctx: Context, browser: Browser) -> None:
    firm = firm_of(ctx, person(ctx))
    (ref,) = rows(ctx, "select ref from profile where id = :id", id=firm)[0]
    enter(browser, path_of(app, ctx, person="p1", firm=ref))
    with browser.client.session_transaction() as session:
        assert session["acting"] == firm


def test_opening_it_changes_nothing_and_says_nothing(app: Flask, ctx: Context, browser: Browser) -> None:
    person(ctx)
    path = path_of(app, ctx, person="p1")
    real = browser.open(path).replace(path, "")
    made_up = browser.open("/m/ticket/x").replace("/m/ticket/x", "")
    assert len(real) == pytest.approx(len(made_up), abs=210)  # the noise at a page's end
    assert browser.client.get(path).headers["Referrer-Policy"] == "no-referrer"
    assert one(ctx, "select used_at from sign_in_ticket") is None


def test_a_ticket_works_once(app: Flask, ctx: Context) -> None:
    person(ctx)
    path = path_of(app, ctx, person="p1")
    assert [enter(Browser(app), path) for _ in range(2)] == [200, 410]
    assert rows(ctx, "select detail from audit where action = 'ticket.refuse'") == [({"why": "used"},)]


def test_of_two_at_once_one_comes_in(ctx: Context) -> None:
    person(ctx)
    ticket, _ = host_tickets.issue(ctx, "p1", firm_ref=None, by="key:x")
    found: list[object] = []

    def use() -> None:
        try:
            found.append(host_tickets.redeem(ctx, ticket))
        except TicketError as error:
            found.append(error.code)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count("used") == 3


def test_a_ticket_of_a_minute_ago_is_refused(app: Flask, ctx: Context, clock: Clock, browser: Browser) -> None:
    person(ctx)
    path = path_of(app, ctx, person="p1")
    clock.forward(seconds=60)
    assert enter(browser, path) == 410
    assert rows(ctx, "select detail from audit where action = 'ticket.refuse'") == [({"why": "expired"},)]


def test_what_is_no_ticket_is_refused(app: Flask, ctx: Context, browser: Browser) -> None:
    person(ctx)
    path = path_of(app, ctx, person="p1")
    for bad in (path[:-1], path[:-20], path + "A", "/m/ticket/x", "/m/ticket/%E4%BA%BA", "/m/ticket/" + "A" * 3000):
        assert enter(browser, bad) == 410
    assert one(ctx, "select used_at from sign_in_ticket") is None
    assert {str(row.detail) for row in rows(ctx, "select detail from audit where action = 'ticket.refuse'")} == {
        "{'why': 'unknown'}"
    }


def test_a_ticket_of_somebody_erased_is_gone(app: Flask, ctx: Context, browser: Browser) -> None:
    someone = person(ctx)
    path = path_of(app, ctx, person="p1")
    rights.erase(ctx, someone, actor="person")
    assert enter(browser, path) == 410


def test_a_form_of_another_site_uses_no_ticket_up(app: Flask, ctx: Context, browser: Browser) -> None:
    person(ctx)
    path = path_of(app, ctx, person="p1")
    assert browser.client.post(path).status_code == 403
    assert one(ctx, "select used_at from sign_in_ticket") is None


@pytest.mark.parametrize(("site", "auto"), [(None, "1"), ("none", "1"), ("cross-site", "0"), ("same-site", "0")])
def test_a_page_of_another_site_cannot_have_it_pressed(browser: Browser, site: str | None, auto: str) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    assert f'data-auto="{auto}"' in browser.client.get("/m/ticket/x", headers=headers).get_data(as_text=True)


def test_whoever_is_signed_in_is_not_changed_without_pressing(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx, 1))
    person(ctx, 2)
    assert 'data-auto="0"' in browser.open(path_of(app, ctx, person="p2"))


def test_a_webview_that_comes_back_to_its_ticket_goes_on(app: Flask, ctx: Context, browser: Browser) -> None:
    person(ctx)
    path = path_of(app, ctx, person="p1")
    enter(browser, path)
    answer = browser.client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/m/")
    assert Browser(app).client.get(path).status_code == 200  # in another browser it is the form, which leads nowhere


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "missing"),
        ({"person": 7}, 422, "wrong_type"),
        ({"person": "p1", "who": "x"}, 422, "unknown_field"),
        ({"person": "nobody"}, 404, "unknown_person"),
        ({"person": "firm"}, 404, "unknown_person"),
        ({"person": "p1", "firm": "nobody"}, 404, "unknown_firm"),
        ({"person": "p1", "firm": "p2"}, 404, "unknown_firm"),
        ({"person": "p1", "firm": "firm"}, 404, "unknown_firm"),
        ({"person": "erased"}, 404, "unknown_person"),
    ],
)
def test_a_backend_that_asks_wrongly_is_told_why(
    app: Flask, ctx: Context, body: dict[str, Any], status: int, code: str
) -> None:
    person(ctx, 1)
    person(ctx, 2)
    person(ctx, 3, ref="firm", kind="enterprise")
    person(ctx, 4, ref="erased", erased_at=ctx.clock())
    answer = issue(app, ctx, **body)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert rows(ctx, "select 1 from sign_in_ticket") == []


def test_a_key_for_something_else_issues_none(app: Flask, ctx: Context) -> None:
    person(ctx)
    headers = api_key(ctx, "read", "inbox", "profiles:write")
    assert app.test_client().post("/api/v1/tickets", json={"person": "p1"}, headers=headers).status_code == 403
