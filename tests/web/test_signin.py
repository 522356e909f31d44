"""Coming in: one-time codes, signed links, and what a stranger may learn by asking (nothing)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from pushsvc.context import Context
from pushsvc.links import sign_in_token
from pushsvc.pipeline.system_words import unpack
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import code_for, one, person, rows

PHONE, STRANGER = "13800000001", "13900000009"
PLANTED = "cGxhbnRlZA" * 3 + "cG"  # of the length of a real one


def ask(browser: Browser, address: str) -> str:
    """Ask for a code."""
    browser.open("/m/sign-in")
    return browser.send("/m/sign-in", {"address": address})


def sent_code(ctx: Context) -> str:
    """The code as the message says it."""
    return str(re.findall(r"\d{6}", sent_words(ctx))[0])


def sent_words(ctx: Context) -> str:
    """What the last message says."""
    (row,) = rows(ctx, "select id, content from run order by id desc limit 1")
    return unpack(ctx.keyring.decrypt(bytes(row.content), f"run:{row.id}")).text


def test_a_code_lets_its_person_in(ctx: Context, browser: Browser) -> None:
    person(ctx)
    ask(browser, "+86 138 0000 0001")
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    assert browser.answer is not None
    assert browser.answer.request.path == "/m/"


def test_a_code_comes_by_mail_as_well(ctx: Context, browser: Browser) -> None:
    person(ctx)
    ask(browser, "person1@city.example")
    assert one(ctx, "select channel from delivery") == "email"


def test_a_stranger_gets_the_same_answer_as_a_member(app: Flask, ctx: Context) -> None:
    person(ctx)
    answers = []
    for address in (PHONE, STRANGER):
        page = ask(Browser(app), address)
        answers.append(re.sub(r'name="csrf_token" value="[^"]*"|<!-- \w* -->', "", page))
    assert answers[0] == answers[1]
    assert one(ctx, "select count(*) from delivery") == 1


def test_a_strangers_address_takes_as_much_work_as_a_members(app: Flask, ctx: Context) -> None:
    person(ctx)
    asked: list[list[str]] = []

    def hear(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked[-1].append(statement)

    event.listen(ctx.engine, "before_cursor_execute", hear)
    try:
        for address in (PHONE, STRANGER):
            asked.append([])
            ask(Browser(app), address)
    finally:
        event.remove(ctx.engine, "before_cursor_execute", hear)
    released = [["SAVEPOINT" if "SAVEPOINT" in each else each for each in some] for some in asked]
    assert released[0] == released[1]
    assert any("into run" in statement.lower() for statement in asked[1])


def test_what_is_no_address_is_said_to_be_none(ctx: Context, browser: Browser) -> None:
    assert "不是手机号或邮箱" in ask(browser, "12345")
    assert browser.status == 422
    assert rows(ctx, "select 1 from login_code") == []


def test_a_code_works_once(app: Flask, ctx: Context) -> None:
    person(ctx)
    first, second = Browser(app), Browser(app)
    for browser in (first, second):
        ask(browser, PHONE)
    number = sent_code(ctx)
    first.send("/m/sign-in/code", {"code": number})
    assert first.status == 200
    second.send("/m/sign-in/code", {"code": number})
    assert second.status == 422


def test_a_code_does_not_last(ctx: Context, clock: Clock, browser: Browser) -> None:
    person(ctx)
    ask(browser, PHONE)
    clock.forward(minutes=11)
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    assert browser.status == 422


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(ctx: Context, browser: Browser) -> None:
    person(ctx)
    ask(browser, PHONE)
    number = sent_code(ctx)
    for wrong in range(5):
        browser.send("/m/sign-in/code", {"code": f"{(int(number) + wrong + 1) % 1_000_000:06d}"})
    browser.send("/m/sign-in/code", {"code": number})
    assert browser.status == 422


def test_guessing_codes_ends_however_often_another_is_asked_for(ctx: Context, clock: Clock, app: Flask) -> None:
    person(ctx)
    wrong = 0
    for _ in range(10):
        browser = Browser(app)
        ask(browser, PHONE)
        number = int(sent_code(ctx))
        for tried in range(7 if browser.status == 200 else 0):
            browser.open("/m/sign-in/code")
            browser.send("/m/sign-in/code", {"code": f"{(number + tried + 1) % 1_000_000:06d}"})
            wrong += browser.status == 422
        clock.forward(minutes=16)  # new windows for the client and for asking
    assert wrong <= 50
    assert rows(ctx, "select 1 from resident_session") == []


@pytest.mark.parametrize("code", ["", "12345", "1234567", "００００００", "' or 1=1", "\u202e12345", "x" * 10_000])
def test_what_is_no_code_is_none(ctx: Context, browser: Browser, code: str) -> None:
    person(ctx)
    ask(browser, PHONE)
    browser.send("/m/sign-in/code", {"code": code})
    assert browser.status == 422


def test_a_code_is_for_the_address_that_asked(app: Flask, ctx: Context) -> None:
    person(ctx, 1)
    person(ctx, 2)
    browser = Browser(app)
    ask(browser, "13800000002")
    number = code_for(ctx, "sms", "+86" + PHONE, "424242")
    browser.send("/m/sign-in/code", {"code": number})
    assert browser.status == 422


def test_asking_too_often_is_refused(ctx: Context, browser: Browser) -> None:
    person(ctx)
    statuses = []
    for _ in range(5):
        ask(browser, PHONE)
        statuses.append(browser.status)
    assert statuses == [200, 200, 200, 429, 429]
    assert one(ctx, "select count(*) from delivery") == 3


def test_one_client_cannot_ask_for_the_whole_town(browser: Browser) -> None:
    statuses = []
    for number in range(25):
        ask(browser, f"139{number:08d}")
        statuses.append(browser.status)
    assert statuses.count(200) == 20
    assert statuses[-1] == 429


def test_a_shared_number_asks_who_is_reading(ctx: Context, browser: Browser) -> None:
    one_, other = person(ctx, 1), person(ctx, 1, ref="p1b")
    stranger = person(ctx, 2)
    ask(browser, PHONE)
    page = browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    assert f'value="{one_}"' in page
    assert f'value="{other}"' in page
    assert f'value="{stranger}"' not in page
    browser.send("/m/sign-in/who", {"person": other})
    assert browser.status == 200
    assert one(ctx, "select person_id from resident_session") == other


@pytest.mark.parametrize("minutes", [0, 11])
def test_the_choice_is_made_once_and_soon(app: Flask, ctx: Context, clock: Clock, minutes: int) -> None:
    mine, _ = person(ctx, 1), person(ctx, 1, ref="p1b")
    browser, copied = Browser(app), Browser(app)
    ask(browser, PHONE)
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    cookie = browser.client.get_cookie("pushsvc")
    assert cookie is not None
    copied.client.set_cookie("pushsvc", cookie.value)
    copied.open("/m/sign-in/who")
    if not minutes:
        browser.send("/m/sign-in/who", {"person": mine})
    clock.forward(minutes=minutes)
    copied.send("/m/sign-in/who", {"person": mine})
    assert copied.status == 403
    assert one(ctx, "select count(*) from resident_session") == (0 if minutes else 1)


def test_nobody_else_can_be_chosen(ctx: Context, browser: Browser) -> None:
    person(ctx, 1)
    person(ctx, 1, ref="p1b")
    stranger = person(ctx, 2)
    ask(browser, PHONE)
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    browser.send("/m/sign-in/who", {"person": stranger})
    assert browser.status == 403


def test_a_planted_cookie_is_worth_nothing_after_sign_in(ctx: Context, browser: Browser) -> None:
    person(ctx)
    ask(browser, PHONE)
    with browser.client.session_transaction() as session:
        session |= {"csrf": PLANTED, "acting": 999, "token": "planted"}
    browser.open("/m/sign-in/code")
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    with browser.client.session_transaction() as session:
        assert session.get("csrf") != PLANTED
        assert session["token"] != "planted"
        assert "acting" not in session


def test_a_sign_in_leads_back_to_where_one_was(ctx: Context, browser: Browser) -> None:
    person(ctx)
    browser.open("/m/inbox")
    browser.send("/m/sign-in", {"address": PHONE})
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    assert browser.answer is not None
    assert browser.answer.request.path == "/m/inbox"


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_a_sign_in_never_leads_elsewhere(ctx: Context, browser: Browser, back: str) -> None:
    person(ctx)
    browser.open(f"/m/sign-in?next={back}")
    browser.send("/m/sign-in", {"address": PHONE, "next": back})
    browser.send("/m/sign-in/code", {"code": sent_code(ctx), "next": back}, follow=False)
    assert browser.answer is not None
    assert browser.answer.headers["Location"] == "/m/"


def test_a_link_is_used_by_pressing_not_by_opening(ctx: Context, browser: Browser) -> None:
    token = sign_in_token(ctx.settings.secret_key, person(ctx), ctx.clock())
    for _ in range(3):
        browser.open(f"/m/enter/{token}")
    browser.send(f"/m/enter/{token}")
    assert browser.status == 200
    assert one(ctx, "select count(*) from used_link") == 1


def test_a_link_works_once(app: Flask, ctx: Context) -> None:
    token = sign_in_token(ctx.settings.secret_key, person(ctx), ctx.clock())
    statuses = []
    for _ in range(2):
        browser = Browser(app)
        browser.open(f"/m/enter/{token}")
        browser.send(f"/m/enter/{token}")
        statuses.append(browser.status)
    assert statuses == [200, 410]


def test_a_link_expires_and_cannot_be_made_up(ctx: Context, clock: Clock, browser: Browser) -> None:
    someone = person(ctx)
    token = sign_in_token(ctx.settings.secret_key, someone, ctx.clock())
    clock.forward(minutes=16)
    fresh = sign_in_token(ctx.settings.secret_key, someone, ctx.clock())
    for bad in (token, sign_in_token(b"another secret", someone, ctx.clock()), "x.y", fresh[:-1], fresh[:20]):
        browser.open(f"/m/enter/{bad}")
        browser.send(f"/m/enter/{bad}")
        assert browser.status == 410


def test_a_link_to_somebody_who_was_erased_leads_nowhere(ctx: Context, browser: Browser) -> None:
    token = sign_in_token(ctx.settings.secret_key, person(ctx, erased_at=ctx.clock()), ctx.clock())
    browser.open(f"/m/enter/{token}")
    browser.send(f"/m/enter/{token}")
    assert browser.status == 410


def test_an_erased_person_is_out_at_once(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx, erased_at=ctx.clock()))
    assert browser.client.get("/m/").status_code == 303


def test_signing_out_signs_out(app: Flask, ctx: Context) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    browser.open("/m/sessions")
    browser.send("/m/sign-out")
    assert browser.client.get("/m/").status_code == 303


def test_a_mail_brings_a_link_beside_the_code_which_works_once(app: Flask, ctx: Context) -> None:
    person(ctx, 1)
    asking = Browser(app)
    asking.open("/m/sign-in")
    asking.send("/m/sign-in", {"address": "person1@city.example"})
    found = re.search(r"/m/enter/\S+", sent_words(ctx))
    assert found is not None
    reading = Browser(app)
    reading.open(found[0])
    reading.send(found[0])
    assert reading.client.get("/m/preferences").status_code == 200
    again = Browser(app)
    again.open(found[0])
    again.send(found[0])
    assert again.status == 410


def test_a_shared_mailbox_and_an_sms_bring_no_link(app: Flask, ctx: Context) -> None:
    person(ctx, 1)
    second = person(ctx, 2, channels=())
    with transaction(ctx.engine) as conn:
        replace_addresses(conn, ctx.keyring, [NewAddress(second, "email", "person1@city.example", "p***")])
    for address in ("person1@city.example", "13800000001"):
        browser = Browser(app)
        browser.open("/m/sign-in")
        browser.send("/m/sign-in", {"address": address})
        assert "/m/enter/" not in sent_words(ctx)
