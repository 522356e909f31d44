"""Ways into somebody else's account, or to write into one that was not meant: closed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import corrections, family, host_identity, own_word, rights, sign_ins
from pushsvc.pipeline.corrections import Wish
from pushsvc.pipeline.family import MOST, FamilyError, Given
from pushsvc.pipeline.host_identity import Newcomer
from pushsvc.store.people import NAME_PLACE
from tests.registering import register
from tests.web.browser import Browser
from tests.web.host_server import Host
from tests.web.making import one, person, rows
from tests.web.test_facts import FIRM
from tests.web.test_host import WANG, come_back, host, signed_in, town
from tests.web.test_proxies import leave, switched
from tests.web.test_recycled import BORN
from tests.web.test_tickets import enter, path_of

__all__ = ["host", "town"]  # fixtures, used by their names

WECHAT = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49 WeChat/arm64 NetType/{} Language/{} ABI/arm64"


@pytest.mark.parametrize(
    ("told", "who"),
    [
        ({"birth_date": "1980-01-01"}, []),
        ({"name": "李某"}, []),
        ({"name": "王*英"}, []),  # masked: it may be another
        ({"birth_date": "1950-05-01", "name": "李某"}, [1]),  # a name may be written otherwise, or changed
        ({"birth_date": "1950-05-01", "name": " 王秀 英"}, [1]),
        ({}, [1]),
    ],
)
def test_a_relative_with_the_same_number_is_not_taken_for_the_one_we_know(
    town: Flask, ctx: Context, host: Host, told: dict[str, Any], who: list[int]
) -> None:
    person(ctx, birth_date=BORN, name=ctx.keyring.encrypt("王秀英", NAME_PLACE))
    come_back(Browser(town), host, {**WANG, **told})
    assert signed_in(ctx) == who
    assert [row.person_id for row in rows(ctx, "select person_id from identity")] == who


def test_who_comes_by_a_ticket_is_not_linked_to_whoever_was_here_before(town: Flask, ctx: Context, host: Host) -> None:
    person(ctx)
    browser = Browser(town)
    come_back(browser, host, {"type": "person", "subject": "somebody-else", "mobile": ""})
    enter(browser, path_of(town, ctx, person="p1"))
    assert signed_in(ctx) == [1]
    assert rows(ctx, "select 1 from identity") == []


def test_who_was_not_vouched_for_says_so_and_is_not_linked(town: Flask, ctx: Context, host: Host) -> None:
    browser = Browser(town)
    come_back(browser, host, {"type": "person", "subject": "somebody-else"})
    assert "那不是我" in browser.open("/m/sign-in")
    assert "已确认您的身份" not in browser.send("/m/sign-out")


def test_no_account_is_linked_to_somebody_erased_meanwhile(ctx: Context) -> None:
    someone = person(ctx)
    rights.erase(ctx, someone, actor="person")
    assert not host_identity.link(ctx, Newcomer("host:x", b"subject"), someone, how="code")
    assert rows(ctx, "select 1 from identity") == []


def test_a_webview_that_leaves_the_wifi_stays_signed_in(ctx: Context) -> None:
    token = sign_ins.begin(ctx, person(ctx), agent=WECHAT.format("WIFI", "zh_CN"), how="code")
    assert sign_ins.reader(ctx, token, agent=WECHAT.format("5G", "en")) is not None
    assert sign_ins.reader(ctx, token, agent=WECHAT.format("5G", "en").replace("8.0.49", "8.0.50")) is None


def test_a_firms_form_writes_nothing_into_who_switched_in_another_tab(app: Flask, ctx: Context) -> None:
    boss = register(ctx, "boss")
    firm = register(ctx, "firm", members="boss:admin", **{k: v for k, v in FIRM.items() if k != "region"})
    browser = Browser(app).sign_in(person=boss, acting=firm)
    browser.open("/m/facts/correct?fact=region")
    fields = browser.form("/m/facts/correct") | {"claimed": "990105"}
    with browser.client.session_transaction() as session:
        session.pop("acting")
    browser.answer = browser.client.post("/m/facts/correct", data=fields)
    assert browser.status == 403
    assert "现在已换了办理对象" in browser.page
    assert rows(ctx, "select region from profile") == [(None,), (None,)]


def test_what_was_filled_in_for_a_father_is_not_said_of_his_daughter(app: Flask, ctx: Context) -> None:
    father, daughter = person(ctx, 1), person(ctx, 2)
    leave(ctx, father, daughter, "manage", "ask")
    hers = switched(app, daughter, father)
    hers.open("/m/facts/correct?fact=tenure")
    fields = hers.form("/m/facts/correct") | {"claimed": "owner"}
    rights.erase(ctx, father, actor="person")
    assert hers.client.post("/m/facts/correct", data=fields).status_code == 403
    assert rows(ctx, "select tenure from profile where tenure is not null") == []


def test_switching_twice_is_harmless(app: Flask, ctx: Context) -> None:
    boss = register(ctx, "boss")
    firm = register(ctx, "firm", **FIRM, members="boss:admin")
    browser = Browser(app).sign_in(person=boss)
    browser.open("/m/acting")
    fields = browser.form("/m/act-for") | {"profile": firm}
    assert [browser.client.post("/m/act-for", data=fields).status_code for _ in range(2)] == [303, 303]


def test_taking_back_does_not_make_a_family_larger_than_it_may_be(ctx: Context) -> None:
    someone = person(ctx, birth_date=date(1970, 1, 1))
    for _ in range(MOST):
        family.put(ctx, someone, Given("elder", "1940-01-01"))
    sealed = family.remove(ctx, someone, 1)
    family.put(ctx, someone, Given("elder", "1941-01-01"))
    with pytest.raises(FamilyError, match="At most"):
        family.undo(ctx, someone, sealed)
    assert one(ctx, "select count(*) from dependant") == MOST


def test_a_figure_deleted_on_request_does_not_come_back_from_its_year(ctx: Context) -> None:
    firm = register(ctx, "firm", kind="enterprise", source="tax", as_of="2026-03-01", **{"revenue@2025": "100"})
    corrections.accept(ctx, corrections.ask(ctx, firm, Wish("revenue", "expired", delete=True)), by="周岚")
    own_word.say(ctx, firm, Wish("revenue", "7"))
    own_word.drop(ctx, firm, "revenue")
    assert one(ctx, "select revenue from profile") is None
