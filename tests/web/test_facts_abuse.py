"""More of what is tried: pretended sources, two reviewers at once, consent taken back, odd words and addresses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import corrections
from pushsvc.pipeline.corrections import CorrectionError, Wish
from pushsvc.pipeline.preferences import give_consent, withdraw_consent
from tests.clock import Clock
from tests.registering import issue, register
from tests.web.browser import Browser
from tests.web.making import REVIEWER, api_key, one, operators, rows, snapshot
from tests.web.test_facts import FIRM, answer, ask, me, office

__all__ = ["me", "office"]  # fixtures, used by their names


@pytest.fixture
def boss(app: Flask, ctx: Context) -> Browser:
    """Who manages a firm, acting for it."""
    person = register(ctx, "boss")
    return Browser(app).sign_in(person=person, acting=register(ctx, "firm", **FIRM, members="boss:admin"))


def both(ctx: Context, number: int) -> list[str]:
    """Two reviewers press at the same moment; what each was told."""

    def press(by: str) -> str:
        try:
            if by == "zhoulan":
                corrections.accept(ctx, number, by=by)
            else:
                corrections.refuse(ctx, number, by=by, reason="核对无误")
        except CorrectionError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(press, ("zhoulan", "linan")))


def test_of_two_reviewers_at_once_one_answers(me: Browser, ctx: Context) -> None:
    for n in range(1, 5):
        ask(me, claimed=str(40 + n))
        assert both(ctx, n) == ["answered", "done"]
    assert one(ctx, "select count(*) from audit where action = 'correction.answer'") == 4


def test_nobody_pretends_that_an_office_put_it_right(browser: Browser, ctx: Context) -> None:
    key = api_key(ctx, "profiles:write", "read")
    row = {"kind": "citizen", "insurance_months": 99, "source": "correction"}
    refused = browser.client.put("/api/v1/profiles/a", json=row, headers=key)
    assert (refused.status_code, refused.json["place"], refused.json["code"]) == (422, "source", "reserved")
    assert rows(ctx, "select 1 from profile") == []


@pytest.mark.parametrize("field", ["sources", "rank", "stages", "id", "erased_at", "checksum", "yearly_fact"])
def test_no_other_column_comes_in_by_the_api(browser: Browser, ctx: Context, field: str) -> None:
    key = api_key(ctx, "profiles:write", "read")
    row = {"kind": "citizen", field: {"insurance_months": ["correction", "2026-01-01"]}}
    before = snapshot(ctx)
    assert browser.client.put("/api/v1/profiles/a", json=row, headers=key).status_code == 422
    assert snapshot(ctx) == before


def test_consent_taken_back_closes_what_was_claimed_too(me: Browser, office: Browser, ctx: Context) -> None:
    give_consent(ctx, 1, "sensitive")
    ask(me, "hardship", "no")
    withdraw_consent(ctx, 1, "sensitive")
    assert "应当是：否" not in me.open("/m/facts")
    page = office.open("/console/corrections")
    assert '<b class="long">否</b>' not in page
    assert "同意已撤回" in answer(office, 1, "accept")
    assert rows(ctx, "select state from correction") == [("open",)]
    answer(office, 1, "refuse", "本人已撤回同意")
    assert rows(ctx, "select source from sensitive_fact") == [("civil_affairs",)]


def test_a_sensitive_value_is_nowhere_without_consent(app: Flask, me: Browser, ctx: Context) -> None:
    register(ctx, "me", disability_rate="37.25", source="civil_affairs", as_of="2026-03-02")
    issue(ctx, "p", criteria={"fact": "disability_rate", "ge": 30})
    for path in ("/m/facts", "/m/policies/1", "/m/", "/metrics"):
        assert "37.25" not in me.open(path), path
    assert all("37.25" not in str(row) for row in rows(ctx, "select detail from audit"))
    assert rows(ctx, "select value from fact_history where fact = 'disability_rate' and value is not null") == []
    give_consent(ctx, 1, "sensitive")
    register(ctx, "me", disability_rate="37.25", source="civil_affairs", as_of="2026-03-02")
    assert "37.25" in me.open("/m/facts")


@pytest.mark.parametrize("claimed", ["a\0b", "\ud800", "x" * 300, "‮gnp", "<img src=x onerror=alert(1)>", "%_'\";--"])
@pytest.mark.parametrize("registered", [True, False])
def test_odd_words_are_kept_as_words_or_refused(
    me: Browser, office: Browser, ctx: Context, claimed: str, registered: bool
) -> None:
    if registered:
        register(ctx, "me", institution="江澜大学", source="education", as_of="2026-03-02")
    ask(
        me,
        "institution",
        claimed.encode("utf-8", "replace").decode(),
        reason=claimed.encode("utf-8", "replace").decode(),
    )
    assert me.status in (200, 400, 422)
    if me.status == 200:
        if registered:
            answer(office, 1, "accept")
            assert office.status == 200
        assert "<img" not in me.open("/m/facts").replace('<img src="/', "")
        assert me.status == 200


def test_what_is_too_long_is_said_and_never_cut(me: Browser, ctx: Context) -> None:
    ask(me, "institution", "院" * 300)
    assert me.status == 422
    assert rows(ctx, "select 1 from correction") == []


@pytest.mark.parametrize("number", ["nan", "inf", "-1", "1e400", "０", "1_0", "0x10"])
def test_a_number_is_a_number(me: Browser, ctx: Context, number: str) -> None:
    ask(me, claimed=number)
    assert me.status in (200, 422)
    for (claimed,) in rows(ctx, "select claimed from correction"):
        assert ctx.keyring.decrypt(bytes(claimed), "correction:claimed") in ("0", "10")


def test_the_day_of_a_certificates_list_is_the_registers_own(boss: Browser, ctx: Context) -> None:
    assert "资质清单核对日期" not in boss.open("/m/facts/correct")
    boss.open("/m/facts/correct?fact=qualifications_listed_on")
    assert boss.status == 404


def test_an_older_year_stays_chosen(boss: Browser, ctx: Context) -> None:
    register(ctx, "firm", kind="enterprise", **{"assets@2015": "12"}, source="tax", as_of="2026-04-02")
    page = boss.open("/m/facts/correct?fact=assets&year=2015")
    assert '<option value="2015" selected>' in page


def test_what_is_held_is_chosen_before_anything_else(app: Flask, ctx: Context) -> None:
    person = register(ctx, "a", school_level="bachelor", owns_home="no")
    browser = Browser(app).sign_in(person=person)
    assert '<option value="bachelor" selected>' in browser.open("/m/facts/correct?fact=school_level")
    assert '<option value="no" selected>' in browser.open("/m/facts/correct?fact=owns_home")


def test_a_corrected_year_stands_against_imports_and_the_present_follows_it(
    boss: Browser, office: Browser, ctx: Context, clock: Clock
) -> None:
    register(ctx, "solo", kind="enterprise", **{"revenue@2025": "2000", "source": "tax", "as_of": "2026-04-01"})
    firm = one(ctx, "select id from profile where ref = 'solo'")
    corrections.accept(ctx, corrections.ask(ctx, firm, Wish("revenue", "1750", year=2025)), by=REVIEWER.name)
    held = """select y.revenue, p.revenue, y.sources -> 'revenue' ->> 0
        from yearly_fact y join profile p on p.id = y.profile_id where p.id = :id"""
    assert rows(ctx, held, id=firm) == [(1750.0, 1750.0, "correction")]
    for source, value, day in (("self", "2100", "2026-06-25"), ("tax", "2200", "2026-07-01")):
        register(ctx, "solo", kind="enterprise", **{"revenue@2025": value, "source": source, "as_of": day})
        assert rows(ctx, held, id=firm) == [(1750.0, 1750.0, "correction")]
    why = "select value, source, why from fact_history where profile_id = :id and year = 2025 order by id"
    assert rows(ctx, why, id=firm) == [
        ("2000", "tax", "corrected"),
        ("2100.0", "self", "lower_rank"),
        ("2200.0", "tax", "lower_rank"),
    ]
    clock.forward(days=5)
    corrections.accept(ctx, corrections.ask(ctx, firm, Wish("revenue", "1800", year=2025)), by=REVIEWER.name)
    assert rows(ctx, held, id=firm) == [(1800.0, 1800.0, "correction")]
    assert rows(ctx, why, id=firm)[-1] == ("1750", "correction", "corrected")


def test_an_earlier_year_leaves_the_present_alone(boss: Browser, office: Browser, ctx: Context) -> None:
    ask(boss, "revenue", "1750", year="2024")
    answer(office, 1, "accept")
    assert one(ctx, "select revenue from profile where ref = 'firm'") == 2000


def test_who_was_erased_meanwhile_is_answered_no_more(me: Browser, office: Browser, ctx: Context) -> None:
    from pushsvc.pipeline.rights import erase

    ask(me)
    office.open("/console/corrections")
    fields = office.form("/console/corrections/1/refuse") | {"answer": "x"}
    erase(ctx, 1, actor="person")
    before = snapshot(ctx)
    for verdict in ("accept", "refuse"):
        assert office.client.post(f"/console/corrections/1/{verdict}", data=fields).status_code == 404
    assert snapshot(ctx) == before


def test_a_guardian_neither_sees_nor_corrects_a_childs_facts(app: Flask, ctx: Context) -> None:
    parent = register(ctx, "parent", region="990105")
    child = register(ctx, "child", birth_date="2015-05-01", guardian="parent", insurance_months="33")
    browser = Browser(app).sign_in(person=parent, acting=child)
    assert "33个月" not in browser.open("/m/facts")
    ask(browser, "region", "990101")
    assert rows(ctx, "select profile_id from correction") == [(parent,)]


def test_a_child_agrees_to_nothing_sensitive_without_a_guardian(app: Flask, ctx: Context) -> None:
    child = register(ctx, "child", birth_date="2012-06-25", hardship="yes")  # fourteen tomorrow
    browser = Browser(app).sign_in(person=child)
    assert "须由监护人同意" in browser.open("/m/facts")
    browser.open("/m/facts/correct?fact=region")
    fields = browser.form("/m/facts/correct") | {"on": "1"}
    assert browser.client.post("/m/facts/sensitive", data=fields).status_code == 403
    assert rows(ctx, "select 1 from consent") == []
    give_consent(ctx, child, "guardian")
    browser.open("/m/facts")
    browser.send("/m/facts/sensitive")
    assert browser.status == 200
    assert one(ctx, "select count(*) from consent where purpose = 'sensitive' and given") == 1


def test_a_member_sees_the_firms_facts_and_asks_for_none(app: Flask, ctx: Context) -> None:
    register(ctx, "boss")
    mate = register(ctx, "mate")
    firm = register(ctx, "firm", **FIRM, members="boss:admin|mate:member")
    browser = Browser(app).sign_in(person=mate, acting=firm)
    page = browser.open("/m/facts")
    assert "/m/facts/correct" not in page
    token = Browser(app).sign_in(person=mate)
    token.open("/m/facts/correct?fact=region")
    fields = token.form("/m/facts/correct") | {"fact": "revenue", "claimed": "1"}
    with token.client.session_transaction() as session:
        session["acting"] = firm
    assert token.client.post("/m/facts/correct", data=fields).status_code == 403
    assert rows(ctx, "select 1 from correction") == []


def test_a_firms_page_gives_no_consent_for_a_person(boss: Browser, ctx: Context) -> None:
    boss.open("/m/facts/correct?fact=revenue")
    fields = boss.form("/m/facts/correct") | {"on": "1"}
    assert boss.client.post("/m/facts/sensitive", data=fields).status_code == 403
    assert rows(ctx, "select 1 from consent") == []


def test_reading_a_persons_facts_by_command_is_written_down(ctx: Context) -> None:
    from pushsvc.pipeline.held import held_for_operator
    from pushsvc.pipeline.held_output import lines

    person = register(ctx, "a", hardship="yes", disability_rate="37")
    give_consent(ctx, person, "sensitive")
    text = "\n".join(lines(held_for_operator(ctx, "a"), "zh"))
    assert "37" not in text
    assert rows(ctx, "select action, object from audit where action = 'facts.read'") == [("facts.read", "profile:1")]


def test_the_log_says_who_of_the_firm_asked(boss: Browser, ctx: Context) -> None:
    ask(boss, "revenue", "1900")
    (detail,) = rows(ctx, "select detail from audit where action = 'correction.ask'")[0]
    ids = dict(rows(ctx, "select ref, id from profile"))
    assert (detail["profile"], detail["by"]) == (ids["firm"], ids["boss"])


def test_what_a_register_calls_itself_is_shown_as_words(app: Flask, ctx: Context) -> None:
    person = register(ctx, "a", insurance_months="3", source="<script>x</script>", interests="<b>x</b>")
    page = Browser(app).sign_in(person=person).open("/m/facts")
    assert "<script>x" not in page
    assert "<b>x</b>" not in page


def test_an_english_page_says_the_stages_in_english(me: Browser) -> None:
    page = me.open("/m/facts?lang=en")
    assert "old age" in page
    assert "养老" not in page


def test_erasing_and_accepting_at_once_leave_nothing(me: Browser, ctx: Context) -> None:
    from pushsvc.pipeline.rights import erase

    firms = [register(ctx, f"f{n}", kind="enterprise", **{"revenue@2025": "5", "source": "tax"}) for n in range(6)]
    asked = [corrections.ask(ctx, firm, Wish("revenue", "7", year=2025)) for firm in firms]

    def accept(number: int) -> str:
        try:
            corrections.accept(ctx, number, by=REVIEWER.name)
        except CorrectionError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        told = [pool.submit(accept, number) for number in asked]
        gone = [pool.submit(erase, ctx, firm, actor="person") for firm in firms]
    assert {one.result() for one in told} <= {"done", "unknown_correction"}
    assert all(one.result() for one in gone)
    for table in ("yearly_fact", "fact_history", "correction"):
        assert rows(ctx, f"select 1 from {table}") == []


def test_more_corrections_than_one_page_holds_are_counted(office: Browser, ctx: Context) -> None:
    operators(ctx)
    for n in range(3):
        person = register(ctx, f"p{n}", insurance_months="1")
        corrections.ask(ctx, person, Wish("insurance_months", "9"))
    assert '<span class="n">3</span>' in office.open("/console/corrections")
