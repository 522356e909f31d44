"""A family without names: added, changed and removed by the person; small children only as the guardian says."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import family
from pushsvc.pipeline.counting import count
from pushsvc.pipeline.feed import policy_for
from pushsvc.pipeline.preferences import give_consent, withdraw_consent
from pushsvc.pipeline.rights import erase, export_data
from tests.registering import issue, register
from tests.web.browser import Browser, told
from tests.web.making import one, rows, snapshot
from tests.web.test_own_word import helped

__all__ = ["helped"]  # a fixture, used by its name

BABY = {"any_dependant": {"fact": "age", "lt": 3}}
CHILD = {"relation": "child", "birth_date": "2026-06-01", "household_region": ""}


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A mother, signed in."""
    return Browser(app).sign_in(person=register(ctx, "me", birth_date="1995-01-01", region="990105"))


def add(me: Browser, **more: object) -> str:
    """Fill in the form of a new family member; the page that follows."""
    me.open("/m/family/member")
    return me.send("/m/family/member", {**CHILD, **more})


def state(ctx: Context) -> int | None:
    """How the policy on babies stands for her."""
    found = policy_for(ctx, 1, one(ctx, "select id from policy"))
    assert found is not None
    return found.fit.state


def used(ctx: Context) -> list[bool]:
    """Of each family member, whether anything is decided by them."""
    return [row[0] for row in rows(ctx, "select used from dependant order by id")]


def test_a_child_is_kept_but_not_used_until_the_guardian_agrees(me: Browser, ctx: Context) -> None:
    issue(ctx, "p", criteria=BABY)
    page = add(me)
    assert "没有使用" in page
    assert "子女，2026年6月1日出生" in page
    assert state(ctx) != 1
    assert rows(ctx, "select 1 from life_event") == []
    me.send("/m/family/consent", {"on": "1"})
    assert state(ctx) == 1
    assert rows(ctx, "select purpose, given, wording from consent") == [("dependants", True, "dependants-1")]
    assert rows(ctx, "select kind from life_event") == [("birth",)]
    assert "出生" in one(ctx, "select stages from profile")
    assert "没有使用" not in me.page
    me.send("/m/family/consent", {"on": "0"})
    assert state(ctx) != 1
    assert "出生" not in one(ctx, "select stages from profile")


def test_the_consent_may_be_ticked_with_the_child(me: Browser, ctx: Context) -> None:
    issue(ctx, "p", criteria=BABY)
    add(me, agrees="1")
    assert state(ctx) == 1
    add(me, birth_date="2024-01-01")
    assert used(ctx) == [True, True]


def test_an_elder_needs_no_guardian(me: Browser, ctx: Context) -> None:
    add(me, relation="elder", birth_date="1950-01-01", household_region="990105")
    assert used(ctx) == [True]
    assert rows(ctx, "select 1 from consent") == []


def test_whatever_the_relation_a_child_is_a_child(me: Browser, ctx: Context) -> None:
    add(me, relation="elder")
    assert used(ctx) == [False]


def test_from_the_fourteenth_birthday_on_it_is_used(me: Browser, ctx: Context) -> None:
    add(me, birth_date="2012-06-24")
    add(me, birth_date="2012-06-25")
    assert used(ctx) == [True, False]


def test_a_consent_taken_back_anywhere_counts(me: Browser, ctx: Context) -> None:
    add(me, agrees="1")
    withdraw_consent(ctx, 1, "dependants", source="sms")
    assert used(ctx) == [False]
    give_consent(ctx, 1, "dependants")
    assert used(ctx) == [True]


def test_a_registers_child_is_used_until_the_guardian_objects(me: Browser, ctx: Context) -> None:
    register(ctx, "me", dependants="a@2025-01-01@|b@2010-01-01@", source="household_register", as_of="2026-03-01")
    assert used(ctx) == [True, True]
    assert "登记机关的数据" in me.open("/m/family")
    me.send("/m/family/consent", {"on": "0"})
    assert rows(ctx, "select ref, used from dependant order by ref") == [("a", False), ("b", True)]
    register(ctx, "me", dependants="a@2025-01-01@|c@2026-01-01@", source="household_register", as_of="2026-06-01")
    assert rows(ctx, "select ref, used from dependant order by ref") == [("a", False), ("c", False)]
    assert rows(ctx, "select 1 from life_event") == []


def test_a_register_takes_over_whom_the_person_named_one_by_one(me: Browser, ctx: Context) -> None:
    for _ in range(2):
        add(me, agrees="1")  # twins
    assert len(rows(ctx, "select 1 from dependant")) == 2
    register(ctx, "me", dependants="a@2026-06-01@", source="household_register", as_of="2026-06-20")
    assert sorted(row[0] for row in rows(ctx, "select source from dependant")) == ["household_register", "self"]
    register(ctx, "me", dependants="a@2026-06-01@|b@2026-06-01@", source="household_register", as_of="2026-06-21")
    assert [row[0] for row in rows(ctx, "select source from dependant")] == ["household_register"] * 2
    assert len(rows(ctx, "select 1 from life_event where kind = 'birth'")) == 2


def test_a_file_that_says_the_persons_own_word_needs_the_guardian_too(ctx: Context) -> None:
    for n, known in enumerate((True, False)):
        if known:
            register(ctx, f"p{n}")
        register(ctx, f"p{n}", dependants="a@2026-06-01@|b@1950-01-01@", source="self", as_of="2026-06-20")
    assert used(ctx) == [False, True, False, True]
    assert rows(ctx, "select 1 from life_event") == []


def test_twins_are_two_and_a_form_sent_twice_is_one(me: Browser, ctx: Context) -> None:
    me.open("/m/family/member")
    fields = me.form("/m/family/member") | CHILD
    for _ in range(3):
        assert me.client.post("/m/family/member", data=fields).status_code == 303
    assert len(rows(ctx, "select 1 from dependant")) == 1
    add(me)
    assert len(rows(ctx, "select 1 from dependant")) == 2


def test_one_is_changed_removed_and_brought_back(me: Browser, ctx: Context) -> None:
    add(me, relation="elder", birth_date="1950-01-01")
    number = one(ctx, "select id from dependant")
    page = me.open(f"/m/family/member?id={number}")
    assert 'value="1950-01-01"' in page
    me.send("/m/family/member", {"relation": "elder", "birth_date": "1951年2月3日", "household_region": "990105"})
    assert rows(ctx, "select birth_date::text, household_region from dependant") == [("1951-02-03", "990105")]
    me.send("/m/family/remove")
    assert rows(ctx, "select 1 from dependant") == []
    undo = me.form("/m/family/undo")
    for _ in range(2):
        me.client.post("/m/family/undo", data=undo)
    assert rows(ctx, "select birth_date::text, household_region, relation from dependant") == [
        ("1951-02-03", "990105", "elder")
    ]
    assert me.client.post("/m/family/remove", data=undo | {"id": "999"}).status_code == 303
    assert "已经删除" in me.open("/m/family")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("birth_date", "", "请填写出生日期"),
        ("birth_date", "2999-01-01", "出生日期不对"),
        ("birth_date", "2026-06-25", "不能晚于今天"),
        ("birth_date", "9" * 10_000, "重新填写"),
        ("birth_date", "🍼\u202e", "重新填写"),
        ("relation", "enemy", "请选择与您的关系"),
        ("household_region", "123", "没有这个地区"),
        ("household_region", "x" * 10_000, "没有这个地区"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(me: Browser, ctx: Context, field: str, value: str, words: str) -> None:
    page = add(me, **{field: value})
    assert me.status == 422
    assert words in page
    assert f'aria-describedby="e-{field}"' in page
    assert rows(ctx, "select 1 from dependant") == []


def test_nobody_touches_anothers_family(app: Flask, me: Browser, ctx: Context) -> None:
    other = register(ctx, "other", birth_date="1990-01-01")
    add(me, relation="elder", birth_date="1950-01-01")
    number = one(ctx, "select id from dependant")
    them = Browser(app).sign_in(person=other)
    them.open("/m/family/member")
    fields = them.form("/m/family/member") | CHILD
    them.open("/m/family")
    sealed = family.remove(ctx, 1, number)
    family.undo(ctx, 1, sealed)
    number = one(ctx, "select id from dependant")
    before = snapshot(ctx)
    assert them.client.get(f"/m/family/member?id={number}").status_code == 404
    assert them.client.post("/m/family/member", data=fields | {"id": number}).status_code == 404
    assert them.client.post("/m/family/remove", data=fields | {"id": number}).status_code == 303
    assert them.client.post("/m/family/undo", data=fields | {"sealed": sealed}).status_code == 404
    assert snapshot(ctx) == before
    assert "1950" not in told(them.open("/m/family"))


def test_a_registers_member_is_not_changed_by_the_person(me: Browser, ctx: Context) -> None:
    register(ctx, "me", dependants="a@1950-01-01@", source="household_register", as_of="2026-03-01")
    number = one(ctx, "select id from dependant")
    me.open("/m/family/member")
    fields = me.form("/m/family/member") | CHILD
    before = snapshot(ctx)
    assert me.client.get(f"/m/family/member?id={number}").status_code == 404
    assert me.client.post("/m/family/member", data=fields | {"id": number}).status_code == 404
    assert me.client.post("/m/family/remove", data=fields | {"id": number}).status_code == 303
    assert snapshot(ctx) == before


def test_a_minor_consents_for_nobody_and_opens_no_gate_of_their_own(app: Flask, ctx: Context) -> None:
    child = Browser(app).sign_in(person=register(ctx, "kid", birth_date="2014-01-01"))
    page = add(child, agrees="1")
    assert child.status == 422
    assert "不能作为监护人同意" in page
    child.open("/m/facts/correct?fact=owns_home")
    fields = child.form("/m/facts/correct")
    assert child.client.post("/m/family/consent", data=fields | {"on": "1"}).status_code == 403
    assert rows(ctx, "select 1 from consent") == []


def test_this_consent_is_not_the_one_by_which_a_childs_profile_is_opened(ctx: Context) -> None:
    from pushsvc.pipeline.own_consent import may_agree

    kid = register(ctx, "kid", birth_date="2014-01-01")
    give_consent(ctx, kid, "dependants")
    assert not may_agree(ctx, kid)


def test_a_firm_has_no_family(app: Flask, ctx: Context) -> None:
    boss = register(ctx, "boss")
    firm = register(ctx, "firm", kind="enterprise", members="boss:admin")
    me = Browser(app).sign_in(person=boss)
    me.open("/m/family/member")
    fields = me.form("/m/family/member") | CHILD
    with me.client.session_transaction() as session:
        session["acting"] = firm
    for path in ("/m/family", "/m/family/member"):
        assert me.client.get(path).status_code == 404
    for path in ("member", "remove", "consent"):
        assert me.client.post(f"/m/family/{path}", data=fields | {"on": "1"}).status_code in (403, 404)
    assert rows(ctx, "select 1 from dependant union all select 1 from consent") == []


def test_a_proxy_adds_but_never_consents(helped: dict[str, Browser], ctx: Context) -> None:
    daughter, neighbour = helped["daughter"], helped["neighbour"]
    consents = len(rows(ctx, "select 1 from consent"))
    page = add(daughter, agrees="1")
    assert "没有使用" in page
    fields = daughter.form("/m/family/remove")
    assert daughter.client.post("/m/family/consent", data=fields | {"on": "1"}).status_code == 403
    assert len(rows(ctx, "select 1 from consent")) == consents
    assert used(ctx) == [False]
    assert neighbour.client.get("/m/family").status_code == 200
    assert neighbour.client.get("/m/family/member").status_code == 403
    assert neighbour.client.post("/m/family/remove", data=fields).status_code == 403


def test_there_is_an_end_to_a_family(me: Browser, ctx: Context) -> None:
    for _ in range(family.MOST + 1):
        add(me)
    assert me.status == 422
    assert "最多记 20 位家庭成员" in me.page
    assert len(rows(ctx, "select 1 from dependant")) == family.MOST


def test_export_and_erasure_know_the_family(me: Browser, ctx: Context) -> None:
    add(me)
    copy = export_data(ctx, 1)
    assert copy is not None
    assert [(found["relation"], found["used"], found["source"]) for found in copy["dependants"]] == [
        ("child", False, "self")
    ]
    erase(ctx, 1, actor="person")
    assert rows(ctx, "select 1 from dependant") == []


def test_audiences_leave_out_who_is_not_used(me: Browser, ctx: Context) -> None:
    add(me)
    found = []
    for on in ("1", "0"):
        found.append(count(ctx, BABY)["eligible"])
        me.open("/m/family")
        me.send("/m/family/consent", {"on": on})
    assert [*found, count(ctx, BABY)["eligible"]] == [0, 1, 0]


def test_the_page_says_it_in_english(me: Browser) -> None:
    add(me)
    page = me.open("/m/family?lang=en")
    assert "Not used" in page
    assert not re.search("[\u4e00-\u9fff]", re.sub(r'<[^>]*lang="zh-CN"[^>]*>[^<]*', "", page))
