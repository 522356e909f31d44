"""The page of what is held: each fact with who told it, when, what for and why; corrections, asked and answered."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.preferences import give_consent
from tests.clock import Clock
from tests.registering import register
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, operators, rows

PERSON = {
    "name": "王小梅", "region": "990105", "birth_date": "1950-05-01", "hardship": "yes", "insurance_months": "40",
    "source": "civil_affairs", "as_of": "2026-03-01",
}  # fmt: skip
FIRM: dict[str, Any] = {
    "kind": "enterprise", "name": "江澜星渡软件有限公司", "region": "990101", "industry": "I6513", "employees": "60",
    "revenue": "2000", "revenue@2025": "2000", "revenue@2024": "1800", "revenue@2023": "1500", "rd_spend": "240",
    "rd_spend@2025": "240", "rd_spend@2024": "200", "rd_spend@2023": "90", "founded_on": "2018-03-01",
    "qualifications": "national_hnte@2023-12-08@2026-08-07|tech_sme@2024-05-01@2025-03-31", "source": "tax",
    "as_of": "2026-04-01",
}  # fmt: skip


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A person of whom a few facts are held, signed in."""
    return Browser(app).sign_in(person=register(ctx, "me", **PERSON))


@pytest.fixture
def office(app: Flask, ctx: Context) -> Browser:
    """A reviewer, signed in."""
    operators(ctx, REVIEWER, AUTHOR, AUDITOR)
    return Browser(app).sign_in(operator=REVIEWER.name)


def ask(me: Browser, fact: str = "insurance_months", claimed: str = "46", **more: object) -> str:
    """Fill in the form of a fact; the page that follows."""
    me.open(f"/m/facts/correct?fact={fact}")
    return me.send("/m/facts/correct", {"claimed": claimed, **more})


def answer(office: Browser, number: int, verdict: str, words: str = "") -> str:
    """Answer in the console; the page that follows."""
    office.open("/console/corrections")
    fields = office.form(f"/console/corrections/{number}/refuse") | {"answer": words}
    office.answer = office.client.post(f"/console/corrections/{number}/{verdict}", data=fields, follow_redirects=True)
    return office.page


def test_every_fact_shows_value_source_day_purpose_and_basis(me: Browser) -> None:
    page = me.open("/m/facts")
    for words in ("40个月", "1950年5月1日", "民政", "2026年3月1日登记", "核对婚育与救助情况", "社会救助暂行办法"):
        assert words in page
    page = me.open("/m/facts?lang=en")
    for words in ("40 months", "1 May 1950", "civil affairs", "to check family and assistance", "interim measures"):
        assert words in page


def test_what_is_computed_names_its_inputs(me: Browser) -> None:
    page = me.open("/m/facts")
    assert "76岁" in page
    assert "根据：出生日期 1950年5月1日" in page


def test_years_certificates_and_the_ratio_over_three_years(app: Flask, ctx: Context) -> None:
    boss = register(ctx, "boss")
    firm = register(ctx, "firm", **FIRM, members="boss:admin")
    page = Browser(app).sign_in(person=boss, acting=firm).open("/m/facts")
    shown = ("2025 年", "1,800万元", "高新技术企业", "即将到期", "已过期", "2026年8月7日", "近三年研发投入占比", "10%")
    for words in shown:
        assert words in page


def test_a_sensitive_fact_is_only_said_to_be_held_until_its_own_consent(me: Browser, ctx: Context) -> None:
    page = me.open("/m/facts")
    assert "已登记，未同意前不显示" in page
    assert "/m/facts/correct?fact=hardship" not in page
    page = me.send("/m/facts/sensitive")
    assert "已登记，未同意前不显示" not in page
    assert "生活困难认定" in page
    assert rows(ctx, "select purpose, given from consent") == [("sensitive", True)]
    me.send("/m/facts/sensitive")
    assert "已登记，未同意前不显示" in me.open("/m/facts")


def test_what_another_source_said_is_shown_with_why_it_is_not_held(me: Browser, ctx: Context) -> None:
    register(ctx, "me", insurance_months="12", source="self", as_of="2026-03-02")
    page = me.open("/m/facts")
    assert "12个月" in page
    assert "来源的优先级较低" in page


def test_a_correction_changes_nothing_until_it_is_accepted(me: Browser, office: Browser, ctx: Context) -> None:
    page = ask(me, reason="六个月没有算进去")
    assert "等待答复" in page
    assert "最晚2026年7月15日答复" in page  # fifteen working days from 24 June
    assert rows(ctx, "select insurance_months from profile") == [(40.0,)]
    page = office.open("/console/corrections")
    for words in ("王**", "40个月", "民政", "46个月", "六个月没有算进去"):
        assert words in page
    assert "王小梅" not in page
    answer(office, 1, "accept", "已核实")
    assert rows(ctx, "select insurance_months, sources -> 'insurance_months' ->> 0 from profile") == [
        (46.0, "correction")
    ]
    assert rows(ctx, "select fact, value, source, why from fact_history") == [
        ("insurance_months", "40", "civil_affairs", "corrected")
    ]
    page = me.open("/m/facts")
    for words in ("46个月", "个人更正", "已更正", "已核实", "已按您的更正修改"):
        assert words in page


def test_a_refusal_needs_a_reason_and_the_person_reads_it(me: Browser, office: Browser, ctx: Context) -> None:
    ask(me)
    assert "不予更正须写明理由" in answer(office, 1, "refuse")
    answer(office, 1, "refuse", "社保系统显示为 40 个月")
    page = me.open("/m/facts")
    assert "未予更正" in page
    assert "社保系统显示为 40 个月" in page
    assert rows(ctx, "select insurance_months from profile") == [(40.0,)]


def test_a_year_is_corrected_by_itself(app: Flask, ctx: Context, office: Browser) -> None:
    boss = register(ctx, "boss")
    firm = register(ctx, "firm", **FIRM, members="boss:admin")
    me = Browser(app).sign_in(person=boss, acting=firm)
    assert "营业收入 2024" in me.open("/m/facts/correct?year=2024")
    ask(me, "revenue", "1750", year="2024")
    answer(office, 1, "accept")
    held = rows(ctx, "select year, revenue, sources -> 'revenue' ->> 0 from yearly_fact order by year")
    assert held == [(2023, 1500.0, "tax"), (2024, 1750.0, "correction"), (2025, 2000.0, "tax")]
    assert rows(ctx, "select fact, year, value from fact_history where why = 'corrected'") == [
        ("revenue", 2024, "1800")
    ]


def test_what_was_missing_can_be_added_at_once(me: Browser, ctx: Context) -> None:
    assert "已记下（本人填写），马上用于匹配" in ask(me, "owns_home", "no")
    assert rows(ctx, "select 1 from correction") == []
    assert rows(ctx, "select owns_home, stages @> '{置业}' from profile") == [(False, True)]


def test_a_move_that_is_accepted_is_a_life_event(me: Browser, office: Browser, ctx: Context) -> None:
    ask(me, "region", "990101")
    answer(office, 1, "accept")
    assert rows(ctx, "select kind, key from life_event") == [("move", "990101:2026-06-24")]


def test_a_sensitive_correction_is_closed_to_the_office_and_leaves_no_value(
    me: Browser, office: Browser, ctx: Context
) -> None:
    person = rows(ctx, "select id from profile")[0][0]
    give_consent(ctx, person, "sensitive")
    ask(me, "hardship", "no")
    assert "敏感信息，不显示" in office.open("/console/corrections")
    answer(office, 1, "accept")
    assert rows(ctx, "select fact, value, why from fact_history") == [("hardship", None, "corrected")]
    assert rows(ctx, "select source from sensitive_fact") == [("correction",)]
    assert "<b>否</b>" in me.open("/m/facts")


@pytest.mark.parametrize(
    ("fact", "claimed", "words"),
    [
        ("insurance_months", "many", "读不懂"),
        ("insurance_months", "40", "与现在登记的一样"),
        ("insurance_months", " ", "请填写应当是什么"),
        ("birth_date", "2031-01-01", "读不懂"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(me: Browser, ctx: Context, fact: str, claimed: str, words: str) -> None:
    page = ask(me, fact, claimed)
    assert me.status == 422
    assert words in page
    assert rows(ctx, "select 1 from correction") == []


def test_one_open_correction_a_fact_and_ten_a_person(me: Browser, ctx: Context) -> None:
    facts = ["owns_home", "household_size", "household_income", "household_parts", "tenure", "sex", "talent_class"]
    values = ["no", "2", "30000", "1.5", "owner", "female", "A"]
    told = {**dict(zip(facts, values, strict=True)), "household_region": "990105"}
    register(ctx, "me", **told, source="civil_affairs", as_of="2026-03-02")
    ask(me)
    assert "正在等待答复" in ask(me, claimed="47")
    for fact, value in zip(facts, ["yes", "3", "30001", "2", "tenant", "male", "B"], strict=True):
        ask(me, fact, value)
    ask(me, "birth_date", "1951-05-01")
    ask(me, "region", "990101")
    assert len(rows(ctx, "select 1 from correction")) == 10
    assert "等待答复的请求太多" in ask(me, "household_region", "990101")


def test_a_late_answer_is_marked(me: Browser, office: Browser, clock: Clock) -> None:
    ask(me)
    clock.forward(days=30)
    office.sign_in(operator=REVIEWER.name)
    assert "已超期" in office.open("/console/corrections")


def test_a_policy_that_says_no_leads_to_the_fact_that_decided(me: Browser, ctx: Context) -> None:
    from tests.registering import issue

    rule = {"all": [{"fact": "age", "lt": 60, "clause": "第二条"}, {"fact": "owns_home", "eq": False}]}
    issue(ctx, "p", criteria=rule)
    page = me.open("/m/policies/1")
    assert 'href="/m/facts/correct?fact=birth_date"' in page
