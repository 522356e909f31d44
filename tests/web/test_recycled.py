"""A number that may have come to somebody else: its code opens no profile alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.store.people import NAME_PLACE
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, person, rows
from tests.web.test_sessions import copy_of
from tests.web.test_signin import PHONE, ask, sent_code

BORN = date(1950, 5, 1)


def stale(ctx: Context, clock: Clock, n: int = 1, *, name: str = "", **columns: Any) -> int:
    """Somebody whose number was proven long ago."""
    cipher = ctx.keyring.encrypt(name, NAME_PLACE) if name else None
    someone = person(ctx, n, name=cipher, **columns)
    clock.forward(days=91)
    return someone


def prove(ctx: Context, browser: Browser, address: str = PHONE) -> str:
    """Enter the right code for an address."""
    ask(browser, address)
    return browser.send("/m/sign-in/code", {"code": sent_code(ctx)})


def is_in(browser: Browser) -> bool:
    return browser.client.get("/m/sessions").status_code == 200


def execute(ctx: Context, statement: str, **values: Any) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(text(statement), values)


def test_a_number_in_use_is_not_asked_about(ctx: Context, clock: Clock, browser: Browser) -> None:
    person(ctx, birth_date=BORN)
    clock.forward(days=89)
    prove(ctx, browser)
    assert is_in(browser)
    assert one(ctx, "select verified_at from address where channel = 'sms'") == ctx.clock()


def test_who_knows_the_date_of_birth_comes_in_and_is_not_asked_again(
    app: Flask, ctx: Context, clock: Clock, browser: Browser
) -> None:
    stale(ctx, clock, birth_date=BORN)
    page = prove(ctx, browser)
    assert "可能已换了机主" in page
    assert not is_in(browser)
    browser.send("/m/sign-in/confirm", {"born": "1950-05-01"})
    assert is_in(browser)
    assert one(ctx, "select verified_at from address where channel = 'sms'") == ctx.clock()
    again = Browser(app)
    prove(ctx, again)
    assert is_in(again)


@pytest.mark.parametrize("born", ["19500501", "1950年05月01日", " 1950/05/01 "])
def test_a_date_may_be_typed(ctx: Context, clock: Clock, browser: Browser, born: str) -> None:
    stale(ctx, clock, birth_date=BORN)
    prove(ctx, browser)
    browser.send("/m/sign-in/confirm", {"born": born})
    assert is_in(browser)


def test_where_no_date_is_held_the_name_will_do(ctx: Context, clock: Clock, browser: Browser) -> None:
    stale(ctx, clock, name="王秀英")
    prove(ctx, browser)
    browser.send("/m/sign-in/confirm", {"name": " 王 秀英"})
    assert is_in(browser)


@pytest.mark.parametrize(
    ("held", "typed"),
    [
        ({"birth_date": BORN, "name": "王秀英"}, {"name": "王秀英"}),  # a date is asked where one is held
        ({"birth_date": BORN}, {"born": "1951-05-01"}),
        ({"birth_date": BORN}, {"born": "0000-00-00"}),
        ({"name": "王秀英"}, {"name": "王"}),
        ({"name": "王秀英"}, {"name": "\u202e王秀英" * 1000}),
        ({}, {"name": "", "born": ""}),
        ({}, {"name": "王秀英", "born": "1950-05-01"}),
    ],
)
def test_who_does_not_know_stays_out_and_is_reported(
    ctx: Context, clock: Clock, browser: Browser, held: dict[str, Any], typed: dict[str, str]
) -> None:
    someone = stale(ctx, clock, **held)
    prove(ctx, browser)
    page = browser.send("/m/sign-in/confirm", typed)
    assert browser.status == 422
    assert 'aria-describedby="c-e"' in page
    assert not is_in(browser)
    told = rows(ctx, "select action, object from audit")
    assert told == [("address.unconfirmed", f"profile:{someone}")]


def test_guessing_ends_after_three_tries_whatever_the_browser(app: Flask, ctx: Context, clock: Clock) -> None:
    stale(ctx, clock, birth_date=BORN)
    statuses = []
    for day in range(1, 6):
        browser = Browser(app)
        clock.forward(minutes=15)
        prove(ctx, browser)
        browser.send("/m/sign-in/confirm", {"born": "1950-05-01" if day == 5 else f"1951-05-0{day}"})
        statuses.append(browser.status)
    assert statuses == [422, 422, 422, 429, 429]
    assert rows(ctx, "select 1 from resident_session") == []


def test_the_proof_of_a_code_does_not_stand_for_long(ctx: Context, clock: Clock, browser: Browser) -> None:
    stale(ctx, clock, birth_date=BORN)
    prove(ctx, browser)
    clock.forward(minutes=11)
    browser.send("/m/sign-in/confirm", {"born": "1950-05-01"})
    assert not is_in(browser)


def test_a_copied_cookie_takes_the_step_no_second_time(app: Flask, ctx: Context, clock: Clock) -> None:
    stale(ctx, clock, birth_date=BORN)
    browser = Browser(app)
    prove(ctx, browser)
    copied = copy_of(browser)
    browser.send("/m/sign-in/confirm", {"born": "1950-05-01"})
    copied.open("/m/sign-in/confirm")
    copied.send("/m/sign-in/confirm", {"born": "1950-05-01"})
    assert is_in(browser)
    assert not is_in(copied)


def test_without_a_code_there_is_nothing_to_confirm(ctx: Context, clock: Clock, browser: Browser) -> None:
    stale(ctx, clock, birth_date=BORN)
    ask(browser, PHONE)
    browser.open("/m/sign-in/confirm")
    assert browser.answer is not None
    assert browser.answer.request.path == "/m/sign-in"


def test_of_a_family_only_the_one_who_is_meant_is_opened(ctx: Context, clock: Clock, browser: Browser) -> None:
    mother = person(ctx, 1, birth_date=BORN)
    stale(ctx, clock, 1, ref="p1b", birth_date=date(1980, 1, 1))
    page = prove(ctx, browser)
    assert "您是哪一位" not in page  # names, even masked, are no business of a stranger
    browser.send("/m/sign-in/confirm", {"born": "1950-05-01"})
    assert rows(ctx, "select person_id from resident_session") == [(mother,)]


def test_whoever_says_it_is_not_them_is_written_to_no_more(ctx: Context, clock: Clock, browser: Browser) -> None:
    someone = stale(ctx, clock, birth_date=BORN)
    prove(ctx, browser)
    assert "不再收到发给原登记人的消息" in browser.send("/m/sign-in/not-me")
    assert not is_in(browser)
    assert rows(ctx, "select profile_id from not_theirs") == [(someone,)]
    assert (
        rows(ctx, "select 1 from profile_address p join address a on a.id = p.address_id where channel = 'sms'") == []
    )
    assert rows(ctx, "select action from audit") == [("address.not_theirs",)]


def test_messages_that_arrived_keep_a_number_alive(ctx: Context, clock: Clock, browser: Browser) -> None:
    stale(ctx, clock, birth_date=BORN)
    ask(browser, PHONE)
    code = sent_code(ctx)
    execute(ctx, "update delivery set state = 'delivered', planned_at = :at", at=ctx.clock())
    execute(ctx, "update delivery set accepted_at = :at", at=ctx.clock().replace(month=8, day=1))
    browser.send("/m/sign-in/code", {"code": code})
    assert is_in(browser)


@pytest.mark.parametrize(
    ("statement", "doubt"),
    [
        ("insert into suppression select channel, lookup, 'bounce', 'receipt', :at from address", True),
        ("insert into suppression select channel, lookup, 'opt_out', 'reply', :at from address", False),
        ("insert into not_theirs select :other, id, :at from address where channel = 'sms'", True),
    ],
)
def test_what_was_heard_since_makes_a_doubt(
    ctx: Context, clock: Clock, browser: Browser, statement: str, doubt: bool
) -> None:
    person(ctx, birth_date=BORN)
    other = person(ctx, 2)
    clock.forward(days=2)
    values = {"at": ctx.clock()} | ({"other": other} if ":other" in statement else {})
    execute(ctx, statement, **values)
    clock.forward(days=1)
    prove(ctx, browser)
    assert is_in(browser) is not doubt


def test_a_mailbox_is_not_asked_about(ctx: Context, clock: Clock, browser: Browser) -> None:
    stale(ctx, clock, birth_date=BORN)
    prove(ctx, browser, "person1@city.example")
    assert is_in(browser)
