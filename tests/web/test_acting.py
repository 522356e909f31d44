"""Switching between oneself, firms and people one acts for: one tap each way, and never to anybody else."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import proxying
from pushsvc.web.proxy_words import WORDINGS
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows
from tests.web.test_firms import CODE, belongs, firm
from tests.web.test_proxies import leave, press, switched

UNTIL = date(2026, 6, 30)


@pytest.fixture
def father(ctx: Context) -> int:
    """Who needs help."""
    return person(ctx, 1, birth_date=date(1950, 1, 1), name=ctx.keyring.encrypt("王建国", "profile:name"))


@pytest.fixture
def daughter(ctx: Context) -> int:
    """Whom he trusts."""
    return person(ctx, 2)


@pytest.mark.parametrize("path", ["/m/", "/m/?view=latest", "/m/acting", "/m/policies/1", "/m/facts"])
def test_every_page_says_for_whom_and_leads_back(
    app: Flask, ctx: Context, father: int, daughter: int, path: str
) -> None:
    publish(ctx)
    leave(ctx, father, daughter, "manage", "ask")
    hers = switched(app, daughter, father)
    assert "正在代王**办理" in hers.open(path)
    hers.send("/m/act-for")
    assert "正在代" not in hers.page
    assert hers.client.get("/m/proxies").status_code == 200, "she is herself again"


def test_a_page_that_is_refused_leads_back_too(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    leave(ctx, father, daughter)
    page = switched(app, daughter, father).open("/m/firms")
    assert "这一步只能由本人办理" in page
    assert 'action="/m/act-for"' in page


def test_one_tap_from_oneself_to_a_father_and_it_is_on_record(
    app: Flask, ctx: Context, father: int, daughter: int
) -> None:
    leave(ctx, father, daughter)
    hers = Browser(app).sign_in(person=daughter)
    hers.open("/m/")
    hers.open("/m/acting")
    assert "王**" in hers.page
    assert "王建国" not in hers.page
    hers.send("/m/act-for")
    assert "正在代王**办理" in hers.page
    assert rows(ctx, "select action from proxy_act order by id")[0].action == "POST acting.act_for"


def test_a_leave_that_lapses_in_the_middle_ends_there(
    app: Flask, ctx: Context, clock: Clock, father: int, daughter: int
) -> None:
    leave(ctx, father, daughter, "manage", until=date(2026, 6, 25))
    clock.forward(hours=38)  # 23:30 of the last day
    hers = switched(app, daughter, father)
    assert "正在代" in hers.open("/m/")
    clock.forward(minutes=30)
    assert "正在代" not in hers.open("/m/")
    assert press(hers, "/m/act-for", profile=str(father)) == 403


@pytest.mark.parametrize("profile", ["", "0", "-1", "999999999999999999999", "x", "1e3"])
def test_a_strange_choice_changes_nothing(app: Flask, daughter: int, profile: str) -> None:
    hers = Browser(app).sign_in(person=daughter)
    assert press(hers, "/m/act-for", profile=profile) == 403
    assert "正在代" not in hers.open("/m/")


def test_nobody_switches_to_who_gave_them_no_leave(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    leave(ctx, father, daughter)
    stranger = Browser(app).sign_in(person=person(ctx, 3))
    assert press(stranger, "/m/act-for", profile=str(father)) == 403
    assert "正在代" not in switched(app, person(ctx, 4), father).open("/m/"), "a forged choice is ignored"


def test_a_proxy_goes_from_one_they_act_for_to_another_and_to_their_own_firm(
    app: Flask, ctx: Context, father: int, daughter: int
) -> None:
    mother, held = person(ctx, 5, birth_date=date(1952, 1, 1)), firm(ctx, CODE)
    belongs(ctx, held, daughter, "admin")
    for parent in (father, mother):
        leave(ctx, parent, daughter)
    hers = switched(app, daughter, father)
    for wanted, status in ((mother, 303), (held, 303), (father, 303), (daughter, 303), (person(ctx, 6), 403)):
        assert press(hers, "/m/act-for", profile=str(wanted)) == status


def test_who_a_proxy_acts_for_gives_no_leave_of_theirs_on(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    grandmother = person(ctx, 5, birth_date=date(1930, 1, 1))
    leave(ctx, grandmother, father, "manage")
    leave(ctx, father, daughter, "manage")
    assert press(switched(app, daughter, father), "/m/act-for", profile=str(grandmother)) == 403


def test_accepting_twice_is_one_leave(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    code = proxying.grant(ctx, father, (), UNTIL)
    tabs = [Browser(app).sign_in(person=daughter) for _ in range(2)]
    for tab in tabs:
        tab.open("/m/proxies/accept")
        tab.send("/m/proxies/accept", {"code": code})
    for tab in tabs:
        tab.send("/m/proxies/accept")
        assert tab.status == 200
        assert "正在代王**办理" in tab.page
    assert one(ctx, "select count(*) from audit where action = 'proxy.accept'") == 1


def test_a_new_leave_stands_instead_of_the_former(ctx: Context, father: int, daughter: int) -> None:
    first = leave(ctx, father, daughter, "manage", "ask")
    second = leave(ctx, father, daughter)
    proxying.end(ctx, father, second)
    assert one(ctx, "select ended_at is not null from proxy where id = :id", id=first)


def test_a_used_code_is_worth_nothing_once_the_leave_is_over(ctx: Context, father: int, daughter: int) -> None:
    code = proxying.grant(ctx, father, (), UNTIL)
    proxying.accept(ctx, daughter, code)
    proxying.end(ctx, father, one(ctx, "select id from proxy"))
    with pytest.raises(proxying.ProxyError, match="bad_code"):
        proxying.accept(ctx, daughter, code)


def test_a_withdrawn_invitation_opens_nothing(ctx: Context, father: int, daughter: int) -> None:
    code = proxying.grant(ctx, father, (), UNTIL)
    proxying.end(ctx, father, one(ctx, "select id from proxy"))
    with pytest.raises(proxying.ProxyError, match="bad_code"):
        proxying.accept(ctx, daughter, code)


def test_a_proxy_signs_out(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    leave(ctx, father, daughter)
    hers = switched(app, daughter, father)
    assert press(hers, "/m/sign-out") == 303
    assert hers.client.get("/m/").status_code == 303


def test_the_words_somebody_agreed_to_are_not_rewritten() -> None:
    kept = {version: sha256(words.encode()).hexdigest()[:16] for version, words in WORDINGS.items()}
    assert kept == {"proxy-1": "74f33bf71a183427"}, "other words are another version"
    assert proxying.WORDING in WORDINGS
