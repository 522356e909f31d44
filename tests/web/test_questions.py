"""Ask a person: a question with its due day, an answer that reaches whoever asked, and answers for everybody."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.questions import due_day
from pushsvc.pipeline.rights import erase, export_data
from tests.clock import Clock
from tests.registering import register
from tests.web.asking import QUESTION, REPLY, WORDS, deliver_letters, leave, put, reply, states
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, operators, person, publish, rows
from tests.web.test_facts import FIRM


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A resident, signed in, with a policy to ask about."""
    publish(ctx)
    return Browser(app).sign_in(person=person(ctx))


@pytest.fixture
def office(app: Flask, ctx: Context) -> Browser:
    """An author, signed in."""
    operators(ctx, REVIEWER, AUTHOR, AUDITOR)
    return Browser(app).sign_in(operator=AUTHOR.name)


def test_a_question_goes_to_the_policys_office_with_the_day_its_answer_is_due(me: Browser, ctx: Context) -> None:
    assert 'href="/m/questions/new?policy=1"' in me.open("/m/policies/1")
    page = put(me)
    assert WORDS in page
    assert "云湾区人力资源和社会保障局" in page
    (row,) = rows(ctx, "select agency, kind, due, words, state from question")
    assert (row.agency, row.kind, row.state) == ("云湾区人力资源和社会保障局", "policy", "open")
    assert f"最晚{row.due.year}年{row.due.month}月{row.due.day}日答复" in page
    assert "合同".encode() not in bytes(row.words)


def test_three_working_days_are_counted_over_a_weekend(me: Browser, ctx: Context, clock: Clock) -> None:
    clock.now = clock.now.replace(year=2026, month=6, day=12, hour=3)  # a Friday
    assert due_day(clock()).isoformat() == "2026-06-17"


def test_who_does_not_know_whom_to_ask_has_it_passed_on(me: Browser, ctx: Context) -> None:
    put(me, to="general")
    put(me, "医保卡丢了怎么办", None)
    assert [tuple(row) for row in rows(ctx, "select agency, policy_id, kind from question order by id")] == [
        ("", 1, "policy"),
        ("", None, "other"),
    ]


def test_the_answer_is_read_rated_and_asked_about(me: Browser, office: Browser, ctx: Context) -> None:
    put(me)
    assert "已答复，并已通知提问人" in reply(office)
    assert "未读" in me.open("/m/questions")
    assert REPLY in me.open("/m/questions/1")
    assert "未读" not in me.open("/m/questions")
    me.open("/m/questions/1")
    me.send("/m/questions/1/useful", {"useful": "0"})
    me.open("/m/questions/new?follows=1")
    me.send("/m/questions", {"words": "那续签的合同从哪天算起？"})
    again = rows(ctx, "select follows, policy_id, agency from question where id = 2")
    assert [tuple(row) for row in again] == [(1, 1, "云湾区人力资源和社会保障局")]
    page = office.open("/console/questions/2")
    assert WORDS in page
    assert REPLY in page
    assert "没有解决" in page


def test_a_question_can_be_taken_back_twice_and_nobody_answers_it_then(
    me: Browser, office: Browser, ctx: Context
) -> None:
    put(me)
    office.open("/console/questions/1")
    fields = office.form("/console/questions/1/answer") | {"answer": REPLY}
    action = me.form("/m/questions/1/withdraw")
    for _ in range(2):
        assert me.client.post("/m/questions/1/withdraw", data=action).status_code == 303
    assert office.client.post("/console/questions/1/answer", data=fields).status_code == 404
    office.open("/console/questions/1")
    assert office.status == 404
    assert states(ctx) == [(1, "withdrawn")]


def test_what_is_answered_cannot_be_taken_back(me: Browser, office: Browser, ctx: Context) -> None:
    put(me)
    action = me.form("/m/questions/1/withdraw")
    reply(office)
    me.client.post("/m/questions/1/withdraw", data=action)
    assert "已经答复，不能撤回" in me.open("/m/questions/1")
    assert states(ctx) == [(1, "answered")]


def test_an_overdue_question_stands_first_and_in_the_frame(
    me: Browser, office: Browser, ctx: Context, clock: Clock
) -> None:
    put(me)
    clock.forward(days=10)
    put(me.sign_in(person=1), "第二个问题")
    page = office.sign_in(operator=AUTHOR.name).open("/console/questions")
    assert "1 个提问已超期未答复" in page
    assert page.index("第 1 号") < page.index("第 2 号")
    assert '<b class="count">1</b>' in office.open("/console/")
    assert "已列为优先" in me.open("/m/questions/1")


def test_the_list_masks_people_and_shows_no_words(office: Browser, app: Flask, ctx: Context) -> None:
    publish(ctx)
    someone = register(ctx, "named", name="王小梅")
    put(Browser(app).sign_in(person=someone))
    page = office.open("/console/questions")
    assert "王小梅" not in page
    assert "王" in page
    assert WORDS not in page
    page = office.open("/console/questions?agency=-")
    assert "没有等待答复的提问" in page
    office.open("/console/questions/1")
    log = rows(ctx, "select actor, action, object from audit where object = 'question:1' order by id")
    assert [tuple(row) for row in log] == [
        ("person", "question.ask", "question:1"),
        (AUTHOR.name, "question.read", "question:1"),
    ]


def test_others_answers_come_first_and_are_found_by_words(me: Browser, office: Browser, app: Flask) -> None:
    put(me)
    reply(office, faq_question=QUESTION, faq_answer="满六个月。")
    assert QUESTION not in me.open("/faq")
    second = Browser(app).sign_in(operator=REVIEWER.name)
    second.open("/console/faq")
    assert "已发布" in second.send("/console/faq/1/publish")
    for path in ("/faq", "/faq?q=合同多久", "/policies/1", "/m/questions/new?policy=1", "/m/questions/new?q=签合同"):
        assert QUESTION in me.open(path), path
    assert "没有找到" in me.open("/faq?q=养老金")
    second.open("/console/faq")
    second.send("/console/faq/1/withdraw")
    assert QUESTION not in me.open("/policies/1")


def test_the_copy_holds_the_questions_and_an_erasure_leaves_none(me: Browser, office: Browser, ctx: Context) -> None:
    put(me)
    reply(office, faq_question=QUESTION, faq_answer="满六个月。")
    copy = export_data(ctx, 1)
    assert copy is not None
    (one,) = copy["questions"]
    assert (one["words"], one["answer"], one["state"]) == (WORDS, REPLY, "answered")
    erase(ctx, 1, actor="person")
    assert rows(ctx, "select 1 from question union all select 1 from inbox") == []
    assert [tuple(row) for row in rows(ctx, "select question_id, question from faq")] == [(None, QUESTION)]


def test_the_letter_leads_to_the_answer(me: Browser, office: Browser, ctx: Context) -> None:
    put(me)
    reply(office)
    deliver_letters(ctx)
    assert "您的提问已有答复" in me.open("/m/inbox")
    assert REPLY in me.send("/m/inbox/1")
    assert REPLY not in me.open("/m/inbox")


def test_a_firms_admin_asks_and_a_member_reads(app: Flask, ctx: Context) -> None:
    publish(ctx)
    boss, mate = register(ctx, "boss"), register(ctx, "mate")
    firm = register(ctx, "firm", **FIRM, members="boss:admin|mate:member")
    put(Browser(app).sign_in(person=boss, acting=firm))
    them = Browser(app).sign_in(person=mate, acting=firm)
    assert WORDS in them.open("/m/questions/1")
    assert "撤回提问" not in them.page
    them.open("/m/questions/new")
    assert them.status == 403
    assert WORDS not in Browser(app).sign_in(person=boss).open("/m/questions")


def test_a_proxy_asks_where_the_leave_says_so(app: Flask, ctx: Context) -> None:
    publish(ctx)
    father, daughter = person(ctx, 1), person(ctx, 2)
    leave(ctx, father, daughter, "read")
    her = Browser(app).sign_in(person=daughter, acting=father)
    her.open("/m/questions")
    assert her.status == 200
    her.open("/m/questions/new")
    assert her.status == 403
    leave(ctx, father, daughter, "read", "ask")
    put(her)
    asked = rows(ctx, "select profile_id, person_id, by_proxy from question")
    assert [tuple(row) for row in asked] == [(father, daughter, True)]
    assert "亲友代问" in Browser(app).sign_in(person=father).open("/m/questions")


def test_every_page_leads_to_a_person(browser: Browser, me: Browser) -> None:
    for page in (browser.open("/policies/"), browser.open("/faq"), me.open("/m/"), me.open("/m/questions")):
        assert 'href="/m/questions/new"' in page
        assert 'href="tel:12345"' in page
    assert 'href="/m/questions/new?kind=algorithm"' in browser.open("/algorithm")
    browser.open("/m/questions/new?policy=1")
    assert "/m/sign-in" in str(browser.answer.request.path) or "登录" in browser.page  # type: ignore[union-attr]


def test_english_readers_read_english(me: Browser, office: Browser) -> None:
    put(me)
    assert "Take the question back" in me.open("/m/questions/1?lang=en")
    assert "See first what others asked" in me.open("/m/questions/new?policy=1")
    assert "Questions that wait for an answer" in office.open("/console/questions?lang=en")
