"""A host app says who somebody is: its ticket is exchanged once, over a signed line, for the browser that asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import rights
from pushsvc.pipeline.rights import export_data
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.host_server import KEY, Host, serve_host
from tests.web.making import one, person, rows
from tests.web.test_recycled import BORN
from tests.web.test_signin import PHONE, ask, sent_code

CREDIT_CODE = "91350100M000100Y43"
WANG: dict[str, Any] = {"type": "person", "subject": "u-1", "mobile": PHONE, "mobile_verified": True}


@pytest.fixture
def host(clock: Clock) -> Iterator[Host]:
    """A host app."""
    with serve_host(clock) as found:
        yield found


@pytest.fixture
def town(make_app: Callable[..., Flask], host: Host) -> Flask:
    """The application with that host."""
    ways = {"host_login_url": "https://host.example/sso?goto={back}", "host_exchange_url": f"{host.url}/ticket"}
    return make_app(**ways, host_key=KEY.decode(), host_name="江澜办")


def state_of(browser: Browser, path: str = "/m/host") -> str:
    """Leave for the host; the state that it will send back."""
    answer = browser.client.get(path)
    assert answer.status_code == 303
    went = urlsplit(answer.headers["Location"])
    assert went.netloc == "host.example"
    (back,) = parse_qs(went.query)["goto"]
    (state,) = parse_qs(urlsplit(back).query)["state"]
    assert back == f"http://127.0.0.1:8000/m/host?state={state}"
    return state


def come_back(browser: Browser, host: Host, who: dict[str, Any], *, ticket: str = "t-1", path: str = "/m/host") -> int:
    """Leave for the host, be `who` there, and come back with a ticket; the status."""
    state = state_of(browser, path)
    host.tickets[ticket] = who
    browser.answer = browser.client.get("/m/host", query_string={"state": state, "ticket": ticket})
    return browser.status


def signed_in(ctx: Context) -> list[int]:
    return [row.person_id for row in rows(ctx, "select person_id from resident_session order by id")]


def test_a_verified_number_that_serves_one_person_is_enough(town: Flask, ctx: Context, host: Host) -> None:
    someone = person(ctx)
    browser = Browser(town)
    assert come_back(browser, host, WANG) == 303
    assert signed_in(ctx) == [someone]
    assert rows(ctx, "select issuer, how from identity") == [("host:127.0.0.1", "mobile")]
    assert b"u-1" not in bytes(one(ctx, "select subject from identity"))
    assert browser.client.get("/m/sessions").status_code == 200


def test_who_was_linked_comes_in_whatever_their_number_is_by_now(town: Flask, ctx: Context, host: Host) -> None:
    someone = person(ctx)
    come_back(Browser(town), host, WANG)
    come_back(Browser(town), host, {"type": "person", "subject": "u-1"}, ticket="t-2")
    assert signed_in(ctx) == [someone, someone]


@pytest.mark.parametrize(
    "who",
    [
        {**WANG, "mobile_verified": False},
        {**WANG, "mobile_verified": "true"},
        {**WANG, "mobile": "13900000009"},
        {**WANG, "mobile": "x"},
        {"type": "person", "subject": "u-1"},
    ],
)
def test_somebody_new_proves_an_address_once(town: Flask, ctx: Context, host: Host, who: dict[str, Any]) -> None:
    someone = person(ctx)
    browser = Browser(town)
    come_back(browser, host, who)
    assert signed_in(ctx) == []
    assert "“江澜办”已确认您的身份" in browser.open("/m/sign-in")
    ask(browser, PHONE)
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    assert rows(ctx, "select person_id, how from identity") == [(someone, "code")]
    come_back(Browser(town), host, who, ticket="t-2")
    assert signed_in(ctx) == [someone, someone]


def test_a_number_of_a_family_does_not_say_who_it_is(town: Flask, ctx: Context, host: Host) -> None:
    person(ctx, 1)
    other = person(ctx, 1, ref="p1b")
    browser = Browser(town)
    come_back(browser, host, WANG)
    assert signed_in(ctx) == []
    ask(browser, PHONE)
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    browser.send("/m/sign-in/who", {"person": other})
    assert rows(ctx, "select person_id from identity") == [(other,)]


@pytest.mark.parametrize(("born", "known"), [("1950-05-01", True), ("1951-05-01", False), ("", False)])
def test_a_number_in_doubt_needs_what_the_host_verified(
    town: Flask, ctx: Context, clock: Clock, host: Host, born: str, known: bool
) -> None:
    person(ctx, birth_date=BORN)
    clock.forward(days=91)
    come_back(Browser(town), host, {**WANG, "birth_date": born})
    assert bool(signed_in(ctx)) is known


def test_a_newcomer_is_forgotten_after_a_while(town: Flask, ctx: Context, clock: Clock, host: Host) -> None:
    person(ctx)
    browser = Browser(town)
    come_back(browser, host, {"type": "person", "subject": "u-1"})
    clock.forward(minutes=16)
    ask(browser, PHONE)
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    assert rows(ctx, "select 1 from identity") == []


def test_a_ticket_works_once_here_even_if_the_host_forgets(town: Flask, ctx: Context, host: Host) -> None:
    person(ctx)
    assert come_back(Browser(town), host, WANG) == 303
    assert come_back(Browser(town), host, WANG) == 410
    assert host.asked == ["t-1"]
    assert one(ctx, "select detail ->> 'why' from audit where action = 'sign-in.refuse'") == "replayed"


def test_a_ticket_for_another_browser_signs_nobody_in(town: Flask, ctx: Context, host: Host) -> None:
    """Login CSRF: the attacker's own answer, opened by somebody else."""
    person(ctx)
    attacker, victim = Browser(town), Browser(town)
    state = state_of(attacker)
    state_of(victim)
    host.tickets["t-1"] = WANG
    for asked in (state, "", "x", "é"):
        answer = victim.client.get("/m/host", query_string={"state": asked, "ticket": "t-1"})
        assert answer.status_code == 410
    assert host.asked == []
    assert signed_in(ctx) == []


def test_a_ticket_nobody_asked_for_is_left_alone_and_another_asked_for(town: Flask, ctx: Context, host: Host) -> None:
    person(ctx)
    browser = Browser(town)
    state_of(browser, "/m/host?ticket=t-of-somebody")
    assert host.asked == []
    assert browser.client.get("/m/host?ticket=t-of-somebody").status_code == 410  # no going round for ever


def test_a_state_is_good_for_one_answer_and_some_minutes(town: Flask, ctx: Context, clock: Clock, host: Host) -> None:
    person(ctx)
    browser = Browser(town)
    state = state_of(browser)
    host.tickets |= {"t-1": WANG, "t-2": WANG}
    assert browser.client.get(f"/m/host?state={state}&ticket=t-1").status_code == 303
    assert browser.client.get(f"/m/host?state={state}&ticket=t-2").status_code == 410
    state = state_of(browser)
    clock.forward(minutes=11)
    assert browser.client.get(f"/m/host?state={state}&ticket=t-2").status_code == 410


@pytest.mark.parametrize("ticket", ["never-given", "t-", "", "x" * 3000, "\u202e", "a\nb"])
def test_what_is_no_ticket_signs_nobody_in(town: Flask, ctx: Context, host: Host, ticket: str) -> None:
    person(ctx)
    browser = Browser(town)
    state = state_of(browser)
    host.tickets["t-1"] = WANG
    assert browser.client.get("/m/host", query_string={"state": state, "ticket": ticket}).status_code == 410
    assert signed_in(ctx) == []


@pytest.mark.parametrize(
    "raw",
    [
        (200, b"not json"),
        (200, b"[]"),
        (200, b"[" * 100_000),
        (200, b"{}"),
        (200, b'{"type": "person"}'),
        (200, b'{"type": "person", "subject": 7}'),
        (200, b'{"type": "admin", "subject": "u-1"}'),
        (200, b'{"type": "legal", "subject": "u-1"}'),
        (200, b"{" + b" " * 300_000 + b"}"),
        (302, b""),
        (500, b""),
    ],
)
def test_a_host_that_says_nothing_usable_signs_nobody_in(
    town: Flask, ctx: Context, host: Host, raw: tuple[int, bytes]
) -> None:
    person(ctx)
    host.raw = raw
    browser = Browser(town)
    assert come_back(browser, host, WANG) == 503
    assert "现在无法通过“江澜办”登录" in browser.page
    assert signed_in(ctx) == []


def test_a_host_that_is_away_costs_nobody_the_code(make_app: Callable[..., Flask], ctx: Context) -> None:
    ways = {"host_login_url": "https://host.example/?goto={back}", "host_exchange_url": "http://127.0.0.1:1/"}
    browser = Browser(make_app(**ways, host_key="k"))
    state = state_of(browser)
    page = browser.open(f"/m/host?state={state}&ticket=t-1")
    assert browser.status == 503
    assert 'action="/m/sign-in"' in page


def test_a_wrong_key_is_no_way_in(make_app: Callable[..., Flask], ctx: Context, host: Host) -> None:
    person(ctx)
    ways = {"host_login_url": "https://host.example/?goto={back}", "host_exchange_url": host.url}
    assert come_back(Browser(make_app(**ways, host_key="another")), host, WANG) == 410
    assert host.tickets


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_one_comes_back_to_no_other_site(town: Flask, ctx: Context, host: Host, back: str) -> None:
    person(ctx)
    browser = Browser(town)
    come_back(browser, host, WANG, path=f"/m/host?next={back}")
    assert browser.answer is not None
    assert browser.answer.headers["Location"] == "/m/"


def test_one_comes_back_to_where_one_was(town: Flask, ctx: Context, host: Host) -> None:
    person(ctx)
    browser = Browser(town)
    come_back(browser, host, WANG, path="/m/host?next=/m/inbox")
    assert browser.answer is not None
    assert browser.answer.headers["Location"] == "/m/inbox"


def test_where_no_host_is_set_up_there_is_no_such_way(browser: Browser) -> None:
    assert browser.client.get("/m/host?ticket=x").status_code == 404
    assert browser.client.get("/m/oidc").status_code == 404
    assert "/m/host" not in browser.open("/m/sign-in")


def test_the_ways_in_stand_on_the_page(town: Flask) -> None:
    assert "用“江澜办”登录" in Browser(town).open("/m/sign-in?next=/m/inbox")


def test_one_sees_the_account_and_parts_it_and_nobody_elses(town: Flask, ctx: Context, host: Host) -> None:
    person(ctx)
    browser, other = Browser(town), Browser(town).sign_in(person=person(ctx, 2))
    come_back(browser, host, WANG)
    number = one(ctx, "select id from identity")
    other.open("/m/sessions")
    data = other.form("/m/sign-out")
    assert other.client.post(f"/m/sessions/accounts/{number}/unlink", data=data).status_code == 404
    assert "江澜办" in browser.open("/m/sessions")
    browser.send(f"/m/sessions/accounts/{number}/unlink")
    assert rows(ctx, "select 1 from identity") == []
    data = browser.form("/m/sign-out")
    assert browser.client.post(f"/m/sessions/accounts/{number}/unlink", data=data).status_code == 303


def test_erasure_takes_the_link_along_and_the_copy_names_it(town: Flask, ctx: Context, host: Host) -> None:
    someone = person(ctx)
    come_back(Browser(town), host, WANG)
    copy = export_data(ctx, someone)
    assert copy is not None
    assert [link["issuer"] for link in copy["accounts_elsewhere"]] == ["host:127.0.0.1"]
    rights.erase(ctx, someone, actor="person")
    assert rows(ctx, "select 1 from identity") == []


def firm_with(ctx: Context, code: str) -> int:
    """A firm held under this credit code."""
    return person(ctx, 9, ref=code, kind="enterprise", channels=())


def test_a_legal_persons_sign_in_makes_its_person_the_firms_admin(town: Flask, ctx: Context, host: Host) -> None:
    someone, firm = person(ctx), firm_with(ctx, CREDIT_CODE)
    browser = Browser(town)
    assert come_back(browser, host, {**WANG, "type": "legal", "credit_code": CREDIT_CODE}) == 303
    assert rows(ctx, "select profile_id, person_id, role from member") == [(firm, someone, "admin")]
    with browser.client.session_transaction() as session:
        assert session["acting"] == firm
    assert browser.client.get("/m/sessions").status_code == 200


def test_somebody_new_becomes_the_admin_once_they_proved_an_address(town: Flask, ctx: Context, host: Host) -> None:
    someone, firm = person(ctx), firm_with(ctx, CREDIT_CODE)
    browser = Browser(town)
    come_back(browser, host, {"type": "legal", "subject": "u-1", "credit_code": CREDIT_CODE})
    assert rows(ctx, "select 1 from member") == []
    ask(browser, PHONE)
    browser.send("/m/sign-in/code", {"code": sent_code(ctx)})
    assert rows(ctx, "select profile_id, person_id, role from member") == [(firm, someone, "admin")]


@pytest.mark.parametrize(
    "who",
    [
        {**WANG, "credit_code": CREDIT_CODE},  # a person's sign-in speaks for nobody else
        {**WANG, "type": "legal", "credit_code": "91990100MA1ABCD001"},
    ],
)
def test_nobody_comes_to_a_firm_by_a_number_alone(town: Flask, ctx: Context, host: Host, who: dict[str, Any]) -> None:
    person(ctx)
    firm_with(ctx, CREDIT_CODE)
    assert come_back(Browser(town), host, who) == 303
    assert rows(ctx, "select 1 from member") == []
