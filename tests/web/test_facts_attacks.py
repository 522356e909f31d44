"""What somebody tries with corrections who means harm: others' facts, two answers, scripts, pestering."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from tests.clock import Clock
from tests.registering import register
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, operators, rows, snapshot
from tests.web.test_facts import FIRM, PERSON, answer, ask, me, office

__all__ = ["me", "office"]  # fixtures, used by their names

SCRIPT = "<script>alert(1)</script>"


def test_nobody_asks_for_another_persons_facts(me: Browser, ctx: Context) -> None:
    register(ctx, "other", insurance_months="77")
    ask(me, claimed="99", profile="2", profile_id="2", id="2")
    assert rows(ctx, "select profile_id from correction") == [(1,)]
    assert "77个月" not in me.open("/m/facts?profile=2&profile_id=2")


def test_who_left_a_firm_sees_and_asks_nothing_of_it(app: Flask, ctx: Context) -> None:
    register(ctx, "boss")
    mate = register(ctx, "mate")
    firm = register(ctx, "firm", **FIRM, members="boss:admin|mate:member")
    them = Browser(app).sign_in(person=mate, acting=firm)
    assert "2,000万元" in them.open("/m/facts")
    assert "更正</a>" not in them.page
    them.open("/m/facts/correct?fact=revenue")
    assert them.status == 403
    register(ctx, "firm", kind="enterprise", members="boss:admin")
    assert "2,000万元" not in them.open("/m/facts")


def test_an_answer_counts_once(me: Browser, office: Browser, ctx: Context) -> None:
    ask(me)
    office.open("/console/corrections")
    fields = office.form("/console/corrections/1/refuse") | {"answer": "核对无误"}
    for verdict in ("refuse", "accept", "refuse"):
        office.client.post(f"/console/corrections/1/{verdict}", data=fields)
    assert rows(ctx, "select state, answered_by from correction") == [("refused", REVIEWER.name)]
    assert rows(ctx, "select insurance_months from profile") == [(40.0,)]
    assert "答复过" in office.open("/console/corrections")


def test_words_are_shown_as_words_on_both_sides(me: Browser, office: Browser) -> None:
    ask(me, reason=SCRIPT)
    page = office.open("/console/corrections")
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    answer(office, 1, "refuse", SCRIPT)
    assert SCRIPT not in me.open("/m/facts")
    assert "&lt;script&gt;" in me.page


@pytest.mark.parametrize(
    "fact", ["hardship", "age", "kind", "interests", "revenue", "no_such", "ref", "<b>", "sources"]
)
def test_what_may_not_be_corrected_is_not_found(me: Browser, ctx: Context, fact: str) -> None:
    before = snapshot(ctx)
    me.open("/m/facts/correct?fact=insurance_months")
    me.send("/m/facts/correct", {"fact": fact, "claimed": "yes"})
    assert me.status in (404, 422)
    me.client.get("/m/facts/correct", query_string={"fact": fact})
    assert snapshot(ctx) == before


def test_a_year_that_a_fact_does_not_have_is_refused(me: Browser, ctx: Context) -> None:
    for year in ("2024", "-1", "99999999999999999999", "x"):
        ask(me, claimed="40", year=year)
        assert me.status == 422
    assert rows(ctx, "select 1 from correction") == []


def test_without_the_forms_token_nothing_is_asked_or_answered(me: Browser, office: Browser, ctx: Context) -> None:
    ask(me)
    before = snapshot(ctx)
    assert me.client.post("/m/facts/correct", data={"fact": "owns_home", "claimed": "no"}).status_code == 403
    assert me.client.post("/m/facts/sensitive", data={"on": "1"}).status_code == 403
    assert office.client.post("/console/corrections/1/accept").status_code == 403
    assert snapshot(ctx) == before


def test_only_a_reviewer_answers_and_an_auditor_looks(app: Flask, me: Browser, ctx: Context) -> None:
    operators(ctx, REVIEWER, AUTHOR, AUDITOR)
    ask(me)
    author = Browser(app).sign_in(operator=AUTHOR.name)
    author.open("/console/corrections")
    assert author.status == 403
    auditor = Browser(app).sign_in(operator=AUDITOR.name)
    assert "予以更正" not in auditor.open("/console/corrections")
    fields = auditor.form("/console/sign-out")
    assert auditor.client.post("/console/corrections/1/accept", data=fields).status_code == 403
    assert auditor.client.post("/console/corrections/7/accept", data=fields).status_code == 403
    assert rows(ctx, "select state from correction") == [("open",)]


def test_an_office_is_not_pestered(me: Browser, ctx: Context, clock: Clock) -> None:
    for n in range(25):
        me.open("/m/facts/correct?fact=insurance_months")
        me.send("/m/facts/correct", {"claimed": f"many{n}"})
    assert me.status == 429


def test_asking_answering_and_looking_are_written_down_without_values(
    me: Browser, office: Browser, ctx: Context
) -> None:
    ask(me, reason="因为漏缴")
    answer(office, 1, "accept", "已核实")
    log = rows(ctx, "select actor, action, object, detail::text from audit order by id")
    said = [entry[:3] for entry in log if entry[1].startswith("correction")]
    assert ("person", "correction.ask", "correction:1") in said
    assert (REVIEWER.name, "corrections.read", "corrections") in said
    assert (REVIEWER.name, "correction.answer", "correction:1") in said
    assert not any(word in str(log) for word in ("46", "因为漏缴", "已核实", PERSON["name"]))
    stored = rows(ctx, "select claimed, reason, answer from correction")
    assert all("因为漏缴".encode() not in bytes(cipher) for cipher in stored[0])


def test_who_is_erased_leaves_no_correction(me: Browser, office: Browser, ctx: Context) -> None:
    from pushsvc.pipeline.rights import erase

    ask(me)
    erase(ctx, 1, actor="person")
    assert rows(ctx, "select 1 from correction union all select 1 from yearly_fact") == []
    assert "没有等待答复的更正" in office.open("/console/corrections")
