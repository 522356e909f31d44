"""Enterprises: who is let in and by whose word, who may do what, and how one leaves."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.pipeline import membership
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.store import memberships
from pushsvc.store.session import transaction
from tests.making import make_person
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, one, operators, person, rows

CODE, OTHER = "91330106MA2CFRG25K", "91330000MA27XY8199"
SAME = "已收到申请。企业管理员或受理部门核对后答复"


def firm(ctx: Context, ref: str = CODE) -> int:
    """An enterprise that a register refers to by its credit code."""
    with transaction(ctx.engine) as conn:
        return make_person(conn, ctx, 900, channels=(), ref=ref, kind="enterprise")


def belongs(ctx: Context, firm_id: int, person_id: int, role: str = "member") -> None:
    """Let somebody belong to it."""
    with transaction(ctx.engine) as conn:
        memberships.put_member(conn, firm_id, person_id, role=role, how="file", at=ctx.clock())


def role_of(ctx: Context, firm_id: int, person_id: int) -> str | None:
    """What somebody is there now."""
    with transaction(ctx.engine) as conn:
        return memberships.roles(conn, firm_id).get(person_id)


def ask(browser: Browser, code: str = CODE, why: str = "财务负责人，授权书 2026-18 号") -> str:
    """Ask to join."""
    browser.open("/m/firms")
    return browser.send("/m/firms/join", {"code": code, "why": why})


def press(browser: Browser, path: str, **values: str) -> int:
    """Post to a path with a good token, whatever the page shows; the status."""
    browser.open("/m/firms")
    token = browser.form("/m/firms/join")["csrf_token"]
    return browser.client.post(path, data={"csrf_token": token, **values}).status_code


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A resident who belongs to nothing."""
    return Browser(app).sign_in(person=person(ctx, 1))


def test_the_answer_tells_nothing_of_the_firm(app: Flask, ctx: Context) -> None:
    held, admin = firm(ctx), person(ctx, 9)
    belongs(ctx, held, admin, "admin")
    strangers = [Browser(app).sign_in(person=person(ctx, n)) for n in (1, 2)]
    known, unknown = ask(strangers[0]), ask(strangers[1], OTHER)
    assert SAME in known
    assert SAME in unknown
    assert "企业" in known
    assert known.count("待答复") == unknown.count("待答复") == 1


def test_an_admin_lets_a_member_in(app: Flask, ctx: Context, me: Browser) -> None:
    held, boss = firm(ctx), person(ctx, 9)
    belongs(ctx, held, boss, "admin")
    ask(me)
    admin = Browser(app).sign_in(person=boss)
    assert "1 份加入申请待确认" in admin.open(f"/m/firms/{held}/members")
    number = one(ctx, "select id from join_request")
    admin.send(f"/m/firms/{held}/requests/{number}", {"role": "member"})
    assert "已确认加入" in admin.page
    assert (
        role_of(ctx, held, 1 if role_of(ctx, held, 1) else one(ctx, "select person_id from join_request")) == "member"
    )
    assert "已确认加入" in me.open("/m/firms")


def test_the_first_admin_is_checked_by_an_operator(app: Flask, ctx: Context, me: Browser) -> None:
    held = firm(ctx)
    ask(me)
    operators(ctx, REVIEWER)
    office = Browser(app).sign_in(operator=REVIEWER.name)
    assert CODE in office.open("/console/memberships")
    assert "授权书 2026-18 号" in office.page
    number = one(ctx, "select id from join_request")
    token = office.form(f"/console/memberships/{number}/refuse")["csrf_token"]
    path = f"/console/memberships/{number}/accept"
    office.client.post(path, data={"csrf_token": token, "reason": "授权书已核对"})
    assert role_of(ctx, held, one(ctx, "select person_id from join_request")) == "admin"
    assert "授权书已核对" in me.open("/m/firms")
    actions = [row.action for row in rows(ctx, "select action from audit order by id")]
    assert {"join.ask", "joins.read", "join.accept", "member.join"} <= set(actions)


def test_an_operator_needs_a_reason_and_a_firm(app: Flask, ctx: Context, me: Browser) -> None:
    ask(me, OTHER)
    operators(ctx, REVIEWER)
    office = Browser(app).sign_in(operator=REVIEWER.name)
    office.open("/console/memberships")
    number = one(ctx, "select id from join_request")
    token = office.form(f"/console/memberships/{number}/refuse")["csrf_token"]
    for path, reason in (("accept", "看过"), ("refuse", " ")):
        office.client.post(f"/console/memberships/{number}/{path}", data={"csrf_token": token, "reason": reason})
    assert one(ctx, "select state from join_request") == "open"


@pytest.mark.parametrize(("who", "status"), [(AUTHOR, 403), (AUDITOR, 200), (REVIEWER, 200)])
def test_only_some_operators_see_who_asks(app: Flask, ctx: Context, who: object, status: int) -> None:
    operators(ctx, AUTHOR, AUDITOR, REVIEWER)
    browser = Browser(app).sign_in(operator=who.name)  # type: ignore[attr-defined]
    assert browser.client.get("/console/memberships").status_code == status


@pytest.mark.parametrize("code", ["", "123", "91330106MA2CFRG25X", "x" * 10_000, "９１３３", "<b>", "‮" * 18, "👨‍👩‍👧"])
def test_a_bad_code_is_said_where_it_stands_and_nothing_is_lost(ctx: Context, me: Browser, code: str) -> None:
    me.open("/m/firms")
    me.send("/m/firms/join", {"code": code, "why": "财务"})
    assert me.status == 422
    assert "aria-invalid" in me.page
    assert "财务</textarea>" in me.page
    assert rows(ctx, "select 1 from join_request") == []


def test_asking_twice_asks_once(ctx: Context, me: Browser) -> None:
    firm(ctx)
    ask(me)
    ask(me)
    assert one(ctx, "select count(*) from join_request") == 1


def test_a_stranger_does_nothing_to_a_firm(app: Flask, ctx: Context, me: Browser) -> None:
    held, boss = firm(ctx), person(ctx, 9)
    belongs(ctx, held, boss, "admin")
    ask(Browser(app).sign_in(person=person(ctx, 5)))
    number = one(ctx, "select id from join_request")
    paths = [f"/m/firms/{held}/members/{boss}/remove", f"/m/firms/{held}/members/{boss}/role"]
    paths += [f"/m/firms/{held}/requests/{number}", f"/m/firms/{held}/leave", f"/m/firms/{held}/wants"]
    paths += [f"/m/firms/requests/{number}/withdraw"]
    assert {press(me, path, role="member", on="1") for path in paths} == {404}
    assert me.client.get(f"/m/firms/{held}/members").status_code == 404
    assert role_of(ctx, held, boss) == "admin"
    assert one(ctx, "select state from join_request") == "open"


def test_a_member_manages_nobody(app: Flask, ctx: Context, me: Browser) -> None:
    held, boss, mine = firm(ctx), person(ctx, 9), one(ctx, "select min(id) from profile where kind = 'citizen'")
    belongs(ctx, held, boss, "admin")
    belongs(ctx, held, mine)
    assert me.client.get(f"/m/firms/{held}/members").status_code == 403
    assert press(me, f"/m/firms/{held}/members/{boss}/remove") == 403
    assert press(me, f"/m/firms/{held}/members/{mine}/role", role="admin") == 403
    assert role_of(ctx, held, mine) == "member"


def test_an_admin_of_one_firm_is_nobody_at_another(app: Flask, ctx: Context) -> None:
    ours, theirs, boss, other = firm(ctx), firm(ctx, OTHER), person(ctx, 1), person(ctx, 2)
    belongs(ctx, ours, boss, "admin")
    belongs(ctx, theirs, other, "admin")
    admin = Browser(app).sign_in(person=boss)
    assert press(admin, f"/m/firms/{theirs}/members/{other}/remove") == 404
    assert press(admin, f"/m/firms/{ours}/members/{other}/remove") == 404


def test_the_last_admin_hands_over_before_leaving(app: Flask, ctx: Context) -> None:
    held, boss, other = firm(ctx), person(ctx, 1), person(ctx, 2)
    belongs(ctx, held, boss, "admin")
    belongs(ctx, held, other)
    admin = Browser(app).sign_in(person=boss)
    admin.open(f"/m/firms/{held}/leave")
    assert "请先把管理员交给另一位成员" in admin.send(f"/m/firms/{held}/leave")
    assert press(admin, f"/m/firms/{held}/members/{boss}/role", role="member") == 303
    assert role_of(ctx, held, boss) == "admin"
    press(admin, f"/m/firms/{held}/members/{other}/role", role="admin")
    admin.open(f"/m/firms/{held}/leave")
    assert "已退出这家企业" in admin.send(f"/m/firms/{held}/leave")
    assert role_of(ctx, held, boss) is None


def test_who_left_no_longer_acts_for_the_firm(app: Flask, ctx: Context) -> None:
    held, mine = firm(ctx), person(ctx, 1)
    belongs(ctx, held, mine)
    first = Browser(app).sign_in(person=mine, acting=held)
    second = Browser(app).sign_in(person=mine, acting=held)
    assert "成员" in second.open("/m/")
    first.open(f"/m/firms/{held}/leave")
    first.send(f"/m/firms/{held}/leave")
    assert "切到个人" not in second.open("/m/")
    assert press(first, f"/m/firms/{held}/leave") == 303  # again is harmless


def test_one_switches_between_oneself_and_several_firms(app: Flask, ctx: Context) -> None:
    mine, ours = person(ctx, 1), [firm(ctx), firm(ctx, OTHER)]
    for held in ours:
        belongs(ctx, held, mine)
    browser = Browser(app).sign_in(person=mine)
    assert 'href="/m/acting"' in browser.open("/m/")
    for held in (*ours, mine):
        browser.open("/m/acting")
        token = browser.form("/m/act-for")["csrf_token"]
        browser.client.post("/m/act-for", data={"csrf_token": token, "profile": held})
        assert browser.client.get("/m/").status_code == 200
    token = browser.open("/m/acting") and browser.form("/m/act-for")["csrf_token"]
    stranger = person(ctx, 7)
    assert browser.client.post("/m/act-for", data={"csrf_token": token, "profile": stranger}).status_code == 403


def test_hearing_of_the_firm_is_each_members_own_choice(ctx: Context, app: Flask) -> None:
    held, mine = firm(ctx), person(ctx, 1)
    belongs(ctx, held, mine)
    browser = Browser(app).sign_in(person=mine)
    assert press(browser, f"/m/firms/{held}/wants") == 303
    assert one(ctx, "select wants from member") is False
    assert press(browser, f"/m/firms/{held}/wants", on="1") == 303
    assert one(ctx, "select wants from member") is True


@pytest.mark.parametrize(("code", "found"), [(CODE, True), (OTHER, False), ("rubbish", False)])
def test_the_hosts_login_proves_the_first_admin(ctx: Context, code: str, found: bool) -> None:
    held, mine = firm(ctx), person(ctx, 1)
    proven = membership.prove_admin(ctx, person_id=mine, credit_code=code, how="host")
    assert (proven == held) is found
    assert (role_of(ctx, held, mine) == "admin") is found


def test_erasing_and_exporting_cover_what_was_asked(ctx: Context, me: Browser) -> None:
    firm(ctx)
    ask(me)
    mine = one(ctx, "select person_id from join_request")
    copied = export_data(ctx, mine)
    assert copied is not None
    assert copied["asked_to_join"][0]["state"] == "open"
    erase(ctx, mine, actor="person")
    assert rows(ctx, "select 1 from join_request") == []


def test_words_are_ciphertext(ctx: Context, me: Browser) -> None:
    ask(me)
    with transaction(ctx.engine) as conn:
        held = conn.execute(text("select code, why from join_request")).one()
    assert CODE.encode() not in bytes(held.code)
    assert "授权书".encode() not in bytes(held.why)
