"""A person fills in what no register holds: used at once, shown as theirs, changed and deleted by them."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.feed import policy_for
from pushsvc.pipeline.preferences import give_consent
from pushsvc.web.facts import SAY
from tests.clock import Clock
from tests.registering import issue, register
from tests.web.browser import Browser
from tests.web.making import one, rows, snapshot
from tests.web.test_facts import FIRM, answer, ask, me, office

__all__ = ["me", "office"]  # fixtures, used by their names

HOME = {"all": [{"fact": "owns_home", "eq": False, "clause": "第三条"}]}


def drop(me: Browser, fact: str = "owns_home", year: str = "") -> str:
    """Press the button that deletes one's own word."""
    me.open("/m/facts")
    return me.send("/m/facts/drop", {"fact": fact, "year": year})


def test_a_fact_filled_in_moves_a_policy_from_unknown_to_yes(me: Browser, ctx: Context) -> None:
    issue(ctx, "p", title="云湾区安居补贴", criteria=HOME)
    issue(ctx, "q", title="云湾区租房补贴", criteria={"all": [HOME, {"fact": "age", "ge": 70}]})
    policy_id = one(ctx, "select id from policy where ref = 'p'")
    before = policy_for(ctx, 1, policy_id)
    assert before is not None
    assert before.fit.state == -1
    page = me.open("/m/facts")
    assert "回答这一项，可确定 2 项政策" in page
    assert page.index("回答这一项") < page.index("民政")
    page = me.send("/m/facts/correct", {"claimed": "no"})
    assert "又有 2 项政策初步符合" in page
    assert "本人填写" in page
    assert "2026年6月24日填写" in page
    after = policy_for(ctx, 1, policy_id)
    assert after is not None
    assert after.fit.state == 1
    assert "回答这一项" not in page


def test_next_to_the_first_question_stand_three_more(me: Browser, ctx: Context) -> None:
    asked = {"owns_home": 4, "sex": 3, "employment": 2, "school_level": 1, "tenure": 1}
    values = {
        "owns_home": False,
        "sex": "female",
        "employment": "employed",
        "school_level": "college",
        "tenure": "owner",
    }
    for fact, n in asked.items():
        for number in range(n):
            tree = {"fact": fact, "eq": values[fact]}
            issue(ctx, f"{fact}-{number}", title=f"{fact}{number}", family=f"{fact}-{number}", criteria=tree)
    page = me.open("/m/facts")
    assert "回答这一项，可确定 4 项政策" in page
    assert [f"可确定 {n} 项政策" in page for n in (3, 2, 1)] == [True] * 3
    assert page.count("项政策</b>") == 3


def test_who_wishes_no_personal_list_is_not_looked_at(me: Browser, ctx: Context) -> None:
    from pushsvc.pipeline.preferences import switch_personalised

    issue(ctx, "p", criteria=HOME)
    switch_personalised(ctx, 1, False)
    assert "回答这一项" not in me.open("/m/facts")
    assert "已记下（本人填写）" in ask(me, "owns_home", "no")


def test_deleting_is_at_once_and_undone_by_the_toast(me: Browser, ctx: Context) -> None:
    ask(me, "owns_home", "no")
    page = drop(me)
    assert "已删除，不再使用" in page
    assert rows(ctx, "select owns_home, sources ? 'owns_home' from profile") == [(None, False)]
    me.send("/m/facts/undo")
    assert rows(ctx, "select owns_home, sources -> 'owns_home' ->> 0 from profile") == [(False, "self")]


def test_saying_is_undone_by_its_toast_too(me: Browser, ctx: Context) -> None:
    ask(me, "owns_home", "no")
    me.send("/m/facts/drop", {"fact": "owns_home", "year": ""})
    assert one(ctx, "select owns_home from profile") is None


def test_deleting_twice_is_no_error(me: Browser, ctx: Context) -> None:
    ask(me, "owns_home", "no")
    me.open("/m/facts")
    fields = me.form("/m/facts/drop")
    for _ in range(2):
        assert me.client.post("/m/facts/drop", data=fields).status_code == 303
    assert "已经删除" in me.open("/m/facts")


def test_of_two_tabs_the_one_that_is_late_is_told(me: Browser, ctx: Context) -> None:
    me.open("/m/facts/correct?fact=owns_home")
    fields = me.form("/m/facts/correct") | {"claimed": "no"}
    register(ctx, "me", owns_home="yes", source="housing", as_of="2026-06-24")
    me.answer = me.client.post("/m/facts/correct", data=fields)
    assert me.status == 422
    assert "现在已有登记，不能直接改写" in me.page
    assert '<option value="no" selected>' in me.page
    assert one(ctx, "select owns_home from profile") is True
    me.send("/m/facts/correct", {"claimed": "no"})
    assert rows(ctx, "select wish, state from correction") == [("correct", "open")]


def test_sent_twice_it_is_held_once(me: Browser, ctx: Context) -> None:
    me.open("/m/facts/correct?fact=insurance_months")
    me.open("/m/facts/correct?fact=household_size")
    fields = me.form("/m/facts/correct") | {"claimed": "3人"}
    for _ in range(2):
        assert me.client.post("/m/facts/correct", data=fields).status_code == 303
    assert rows(ctx, "select household_size from profile") == [(3.0,)]
    assert rows(ctx, "select 1 from fact_history") == []


def test_old_words_ask_to_be_looked_at(me: Browser, ctx: Context, clock: Clock) -> None:
    ask(me, "owns_home", "no")
    assert "超过 90 天" not in me.open("/m/facts")
    clock.forward(days=91)
    me.sign_in(person=1)
    assert "填写已超过 90 天" in me.open("/m/facts")


@pytest.mark.parametrize(
    ("claimed", "words"), [("many", "读不懂"), ("", "请填写应当是什么"), ("9" * 10_000, "最多填 200 字")]
)
def test_what_was_typed_is_kept_when_it_is_refused(me: Browser, ctx: Context, claimed: str, words: str) -> None:
    page = ask(me, "household_size", claimed)
    assert me.status == 422
    assert words in page
    assert 'aria-invalid="true" aria-describedby="v-e"' in page
    assert f'value="{claimed}"' in page
    assert one(ctx, "select household_size from profile") is None


def test_a_chosen_code_comes_back_in_the_field(app: Flask, ctx: Context) -> None:
    boss = register(ctx, "boss")
    firm = register(ctx, "firm", kind="enterprise", members="boss:admin")
    me = Browser(app).sign_in(person=boss, acting=firm)
    assert 'value="I65"' in me.open("/m/facts/correct?fact=industry&claimed=I65")
    assert '<option value="990105" lang="zh-CN" selected>' in me.open("/m/facts/correct?fact=region&claimed=990105")
    me.send("/m/facts/correct", {"claimed": "990105"})
    assert one(ctx, "select region from profile where ref = 'firm'") == "990105"


def test_only_who_manages_a_firm_speaks_for_it(app: Flask, ctx: Context) -> None:
    register(ctx, "boss")
    mate = register(ctx, "mate")
    firm = register(ctx, "firm", **FIRM, members="boss:admin|mate:member")
    them = Browser(app).sign_in(person=mate)
    them.open("/m/facts/correct?fact=owns_home")
    fields = them.form("/m/facts/correct")
    with them.client.session_transaction() as session:
        session["acting"] = firm
    page = them.open("/m/facts")
    assert "企业规模" in page
    assert "/m/facts/correct" not in page
    before = snapshot(ctx)
    for path in ("correct", "drop", "delete", "undo"):
        data = fields | {"fact": "contract_amount", "claimed": "5"}
        assert them.client.post(f"/m/facts/{path}", data=data).status_code == 403
    assert snapshot(ctx) == before


@pytest.fixture
def helped(app: Flask, ctx: Context) -> dict[str, Browser]:
    """A father and those who help him: a daughter who may ask, a neighbour who may read."""
    father = register(ctx, "father", hardship="yes", source="civil_affairs", as_of="2026-03-01")
    give_consent(ctx, father, "sensitive")
    found = {}
    for name, scopes in (("daughter", "{read,ask}"), ("neighbour", "{read}")):
        helper = register(ctx, name)
        leave = "insert into proxy (profile_id, person_id, scopes, wording, granted_at, accepted_at, expires_at) values"
        rows(ctx, f"{leave} ({father}, {helper}, '{scopes}', 'v1', now(), now(), '2027-01-01') returning 1")
        found[name] = Browser(app).sign_in(person=helper, acting=father)
    return found


def test_a_proxy_says_what_they_may_and_nothing_sensitive(helped: dict[str, Browser], ctx: Context) -> None:
    daughter, neighbour = helped["daughter"], helped["neighbour"]
    page = daughter.open("/m/facts")
    assert "代办人看不到" in page
    assert "生活困难认定</small><b>是" not in page
    daughter.open("/m/facts/correct?fact=owns_home")
    fields = daughter.form("/m/facts/correct")
    daughter.send("/m/facts/correct", {"claimed": "no"})
    assert rows(ctx, "select owns_home from profile where ref = 'father'") == [(False,)]
    assert one(ctx, "select detail ->> 'by' from audit where action = 'own_word.say'") == str(
        one(ctx, "select id from profile where ref = 'daughter'")
    )
    for fact in ("hardship", "disability"):
        assert (
            daughter.client.post("/m/facts/correct", data=fields | {"fact": fact, "claimed": "no"}).status_code == 403
        )
        assert daughter.client.get(f"/m/facts/delete?fact={fact}").status_code == 404
    assert daughter.client.post("/m/facts/sensitive", data=fields | {"on": "0"}).status_code == 403
    neighbour.open("/m/facts")
    for path in ("correct", "drop", "delete", "undo"):
        assert neighbour.client.post(f"/m/facts/{path}", data=fields).status_code == 403
        assert rows(ctx, "select owns_home from profile where ref = 'father'") == [(False,)]


@pytest.mark.parametrize("fact", ["age", "kind", "size", "stage", "ref", "sources", "revenue", "interests", "", "<b>"])
def test_no_other_fact_is_filled_in(me: Browser, ctx: Context, fact: str) -> None:
    me.open("/m/facts/correct?fact=owns_home")
    fields = me.form("/m/facts/correct")
    before = snapshot(ctx)
    for path, more in (("correct", {"claimed": "1"}), ("delete", {"ground": "other"})):
        assert me.client.post(f"/m/facts/{path}", data=fields | {"fact": fact} | more).status_code in (200, 404)
    me.client.post("/m/facts/drop", data=fields | {"fact": fact})
    assert me.client.post("/m/facts/undo", data=fields | {"fact": fact, "sealed": "AAAA"}).status_code == 404
    assert snapshot(ctx) == before


def test_a_sensitive_fact_is_filled_in_only_after_its_consent(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=register(ctx, "me"))
    me.open("/m/facts/correct?fact=owns_home")
    fields = me.form("/m/facts/correct") | {"fact": "hardship", "claimed": "yes"}
    assert me.client.post("/m/facts/correct", data=fields).status_code == 404
    assert rows(ctx, "select 1 from sensitive_fact") == []
    me.open("/m/facts")
    me.send("/m/facts/sensitive")
    assert "/m/facts/correct?fact=hardship" in me.page
    me.client.post("/m/facts/correct", data=fields)
    assert rows(ctx, "select source from sensitive_fact") == [("self",)]
    page = me.open("/m/facts")
    assert "生活困难认定</small><b>是" in page
    me.send("/m/facts/drop", {"fact": "hardship", "year": ""})
    assert rows(ctx, "select 1 from sensitive_fact") == []
    me.send("/m/facts/undo")
    assert rows(ctx, "select source from sensitive_fact") == [("self",)]
    assert "yes" not in str(rows(ctx, "select detail::text from audit"))


def test_there_is_an_end_to_filling_in(me: Browser, ctx: Context) -> None:
    me.open("/m/facts/correct?fact=household_size")
    fields = me.form("/m/facts/correct")
    for n in range(SAY.times):
        me.client.post("/m/facts/correct", data=fields | {"claimed": str(n % 9 + 1)})
    assert me.client.post("/m/facts/correct", data=fields | {"claimed": "99"}).status_code == 429
    assert one(ctx, "select household_size from profile") != 99


def test_nothing_is_said_without_the_forms_token(me: Browser, ctx: Context) -> None:
    before = snapshot(ctx)
    for path in ("correct", "drop", "delete", "undo"):
        data = {"fact": "owns_home", "claimed": "no", "ground": "other"}
        assert me.client.post(f"/m/facts/{path}", data=data).status_code == 403
    assert snapshot(ctx) == before


def test_a_registers_fact_is_deleted_by_the_office_on_a_ground_of_the_law(
    me: Browser, office: Browser, ctx: Context
) -> None:
    me.open("/m/facts/correct?fact=insurance_months")
    assert "请求删除这一项" in me.page
    page = me.open("/m/facts/delete?fact=insurance_months")
    assert "处理目的已实现" in page
    assert "第四十七条" in page
    page = me.send("/m/facts/delete", {"reason": "不再需要"})
    assert me.status == 422
    assert "请选择理由" in page
    assert "不再需要" in page
    page = me.send("/m/facts/delete", {"ground": "purpose", "reason": "不再需要"})
    assert "最晚2026年7月15日答复" in page
    assert one(ctx, "select insurance_months from profile") == 40
    page = office.open("/console/corrections")
    for words in ("本人请求删除", "处理目的已实现", "不再需要", "予以删除"):
        assert words in page
    assert "已删除，本人可见" in answer(office, 1, "accept")
    assert one(ctx, "select insurance_months from profile") is None
    page = me.open("/m/facts")
    assert "已删除</span>" in page
    assert "40个月" not in page
    assert "处理目的已实现" in me.open("/m/facts")
    register(ctx, "me", insurance_months="41", source="civil_affairs", as_of="2026-06-24")
    assert one(ctx, "select insurance_months from profile") is None


def test_a_deletion_is_refused_with_a_reason(me: Browser, office: Browser, ctx: Context) -> None:
    me.open("/m/facts/delete?fact=birth_date")
    me.send("/m/facts/delete", {"ground": "withdrawn"})
    answer(office, 1, "refuse", "法定保存期限未届满")
    page = me.open("/m/facts")
    assert "未予删除" in page
    assert "法定保存期限未届满" in page
    assert one(ctx, "select birth_date::text from profile") == "1950-05-01"


def test_the_size_class_shows_its_figures_and_what_lacks(app: Flask, ctx: Context) -> None:
    boss = register(ctx, "boss")
    firm = register(ctx, "firm", **FIRM, members="boss:admin")
    me = Browser(app).sign_in(person=boss, acting=firm)
    page = me.open("/m/facts")
    for words in ("企业规模：小型", "软件和信息技术服务业", "10,000万元", "单看这项", "还剩 44 天"):
        assert words in page
    other = register(ctx, "other", kind="enterprise", industry="I6513", employees="60", members="boss:admin")
    me = Browser(app).sign_in(person=boss, acting=other)
    page = me.open("/m/facts")
    assert "企业规模：还不能确定" in page
    assert 'href="/m/facts/correct?fact=revenue"' in page
    third = register(ctx, "third", kind="enterprise", members="boss:admin")
    assert "先填写行业" in Browser(app).sign_in(person=boss, acting=third).open("/m/facts")
    bank = register(ctx, "bank", kind="enterprise", industry="J6621", members="boss:admin")
    assert "不在统计上大中小微型企业划分办法之列" in Browser(app).sign_in(person=boss, acting=bank).open("/m/facts")


def test_english_pages_hold_no_chinese_of_ours(me: Browser, ctx: Context) -> None:
    issue(ctx, "p", criteria=HOME)
    ask(me, "household_size", "2")
    page = me.open("/m/facts?lang=en")
    assert "This answer would settle 1 policy" in page
    assert "own word</h2>" in page
    for path in ("correct?fact=owns_home", "correct?fact=insurance_months", "delete?fact=insurance_months"):
        page = me.open(f"/m/facts/{path}")
        assert me.status == 200
        assert "登记" not in page
