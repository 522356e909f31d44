"""What somebody tries with questions who means harm: others' questions, scripts, floods, one person's public answer."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.faq import Draft, checked
from pushsvc.pipeline.question_words import QuestionError
from tests.registering import register
from tests.web.asking import QUESTION, REPLY, WORDS, put, reply, states
from tests.web.browser import Browser
from tests.web.making import AUDITOR, REVIEWER, one, person, publish, rows, snapshot
from tests.web.test_questions import me, office

__all__ = ["me", "office"]  # fixtures, used by their names

SCRIPT = "<script>alert(1)</script> 合同要几年？"


def test_anothers_question_is_not_there(me: Browser, app: Flask, ctx: Context) -> None:
    put(me)
    other = Browser(app).sign_in(person=person(ctx, 2))
    other.open("/m/questions/new")
    fields = {"csrf_token": one_token(other), "useful": "1"}
    before = snapshot(ctx, but=("resident_session",))
    assert other.client.get("/m/questions/1").status_code == 404
    assert other.client.get("/m/questions/new?follows=1").status_code == 404
    for act in ("withdraw", "useful"):
        assert other.client.post(f"/m/questions/1/{act}", data=fields).status_code == 404
    assert snapshot(ctx, but=("resident_session",)) == before
    assert WORDS not in other.open("/m/questions")


def test_a_form_sent_twice_asks_once(me: Browser, ctx: Context) -> None:
    me.open("/m/questions/new?policy=1")
    fields = me.form("/m/questions") | {"words": WORDS}
    places = {me.client.post("/m/questions", data=fields).headers["Location"] for _ in range(3)}
    assert places == {"/m/questions/1"}
    assert states(ctx) == [(1, "open")]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("", 422),
        ("  \n\t ", 422),
        ("\u200b\u200e\u202e", 422),
        ("。。。！？", 422),
        ("问" * 500, 200),
        ("问" * 501, 422),
        ("问" * 10_000, 422),
        ("😀👨‍👩‍👧 怎么办", 200),
        ("\u202eabc\u2066 钱到账了吗", 200),
        (SCRIPT, 200),
        ("a\r\nb", 200),
    ],
)
def test_odd_words_are_cleaned_or_refused_at_the_field(me: Browser, words: str, status: int) -> None:
    page = put(me, words)
    assert me.status == status
    assert "<script>alert" not in page
    assert status == 422 or not set(page) & set("\u202e\u2066\u200b")
    if status == 422 and words.strip().isprintable() and words.strip():
        assert 'aria-invalid="true" aria-describedby="w-e w-h"' in page
        assert words[:50] in page


def test_scripts_are_words_on_both_sides(me: Browser, office: Browser) -> None:
    put(me, SCRIPT)
    assert "&lt;script&gt;" in office.open("/console/questions/1")
    reply(office, words=SCRIPT, faq_question="<b>满几年？</b>", faq_answer=REPLY)
    assert "&lt;script&gt;" in me.open("/m/questions/1")
    for page in (me.page, office.open("/console/questions/1"), office.open("/console/faq")):
        assert "<script>alert" not in page
        assert "<b>满几年" not in page


def test_an_office_is_not_flooded(me: Browser, ctx: Context) -> None:
    for n in range(11):
        put(me, f"第{n}个问题")
    assert me.status == 422
    assert "等待答复的提问太多" in me.page
    for n in range(12):
        put(me, f"再问{n}")
    assert me.status == 429
    assert one(ctx, "select count(*) from question") == 10


def test_an_answer_counts_once_and_tells_once(me: Browser, office: Browser, ctx: Context) -> None:
    put(me)
    office.open("/console/questions/1")
    fields = office.form("/console/questions/1/answer") | {"answer": REPLY}
    for words in (REPLY, "另一个答复"):
        assert office.client.post("/console/questions/1/answer", data=fields | {"answer": words}).status_code == 303
    assert "已经答复" in office.open("/console/questions")
    assert one(ctx, "select count(*) from run") == 1
    assert REPLY in me.open("/m/questions/1")


def test_only_those_whose_task_it_is_read_and_answer(me: Browser, app: Flask, office: Browser, ctx: Context) -> None:
    put(me)
    auditor = Browser(app).sign_in(operator=AUDITOR.name)
    assert "<textarea" not in auditor.open("/console/questions/1")
    fields = {"csrf_token": one_token(auditor), "answer": REPLY, "faq_question": QUESTION, "faq_answer": REPLY}
    for path in ("/console/questions/1/answer", "/console/faq", "/console/faq/1/publish", "/console/faq/1/withdraw"):
        assert auditor.client.post(path, data=fields).status_code == 403
    assert Browser(app).client.get("/console/questions/1").status_code == 303
    me.open("/console/questions/1")
    assert "密码" in me.page
    assert states(ctx) == [(1, "open")]


def test_who_wrote_a_public_answer_does_not_publish_it(office: Browser, app: Flask, me: Browser, ctx: Context) -> None:
    reviewer = Browser(app).sign_in(operator=REVIEWER.name)
    reviewer.open("/console/faq")
    reviewer.send("/console/faq", {"ref": "policy-1", "faq_question": QUESTION, "faq_answer": REPLY})
    assert "由另一位同事发布" in reviewer.open("/console/faq")
    fields = {"csrf_token": one_token(reviewer)}
    reviewer.client.post("/console/faq/1/publish", data=fields)
    assert "起草人不能发布" in reviewer.open("/console/faq")
    assert QUESTION not in me.open("/policies/1")
    office.open("/console/faq")
    fields = {"csrf_token": one_token(office)}
    assert office.client.post("/console/faq/1/publish", data=fields).status_code == 403
    assert one(ctx, "select state from faq") == "draft"


@pytest.mark.parametrize(
    ("question", "reply_", "said"),
    [
        ("我的号码13800000000怎么改？", REPLY, "不能有手机号"),
        ("号码 138 0000 0000 怎么改？", REPLY, "不能有手机号"),
        ("怎么改？", "身份证11010519491231002X的已改", "不能有手机号"),
        ("怎么改？", "写信到 someone@example.com", "不能有手机号"),
        (WORDS, REPLY, "不要照抄"),
        (QUESTION, "", "都要写，或都不写"),
        ("", REPLY, "都要写，或都不写"),
        ("问" * 201, REPLY, "太长"),
    ],
)
def test_nothing_of_a_person_becomes_public(
    me: Browser, office: Browser, ctx: Context, question: str, reply_: str, said: str
) -> None:
    put(me)
    page = reply(office, faq_question=question, faq_answer=reply_)
    assert office.status == 422
    assert said in page
    assert REPLY in page  # what was typed is kept
    assert rows(ctx, "select 1 from faq") == []
    assert states(ctx) == [(1, "open")]


@pytest.mark.parametrize(
    "number",
    ["+8613812345678", "008613812345678", "138.1234.5678", "138  1234  5678", "138·1234·5678", "（138）12345678",
     "138–1234–5678", "1381234\n5678", "wang @ mail.example"],
)  # fmt: skip
def test_a_number_is_known_however_it_is_written(number: str) -> None:
    with pytest.raises(QuestionError, match="person stands"):
        checked(Draft("怎么联系", f"请联系 {number} 王先生"))


def test_days_and_sums_are_nobodys_number() -> None:
    said = "2026.07.01-2026.12.31，每户 1 300 000 元，电话 0575-8888 1234，见第 12345 号文"
    assert checked(Draft("什么时候", said)).answer == said


def test_what_was_asked_earlier_or_in_lines_is_not_made_public_either(
    me: Browser, office: Browser, ctx: Context
) -> None:
    put(me, "我住解放路十八号三单元，\n爱人有慢性病，能申请吗")
    reply(office)
    me.open("/m/questions/new?follows=1")
    me.send("/m/questions", {"words": "多久到账"})
    page = reply(office, 2, faq_question="我住解放路十八号三单元，爱人有慢性病，能申请吗", faq_answer="可以")
    assert office.status == 422
    assert "不要照抄" in page
    assert rows(ctx, "select 1 from faq") == []


def test_without_the_forms_token_nothing_is_asked_or_answered(me: Browser, office: Browser, ctx: Context) -> None:
    put(me)
    office.open("/console/questions/1")
    for browser, path in (
        (me, "/m/questions"),
        (me, "/m/questions/1/withdraw"),
        (office, "/console/questions/1/answer"),
        (office, "/console/faq"),
    ):
        assert browser.client.post(path, data={"words": "x", "answer": "x"}).status_code == 403
    assert states(ctx) == [(1, "open")]


@pytest.mark.parametrize("path", ["?policy=2", "?policy=0", "?policy=x", "?policy=99999999999999999999", "?follows=7"])
def test_what_is_not_there_cannot_be_asked_about(me: Browser, ctx: Context, path: str) -> None:
    publish(ctx, "draft-one", 2, state="draft")
    assert me.client.get(f"/m/questions/new{path}").status_code == 404
    me.open("/m/questions/new")
    name, _, value = path.lstrip("?").partition("=")
    me.send("/m/questions", {"words": WORDS, name: value})
    assert me.status == 404
    assert states(ctx) == []


def test_the_search_takes_anything(browser: Browser, ctx: Context) -> None:
    register(ctx, "x")
    for sought in ("%", "_", "'", "\\", "问" * 10_000, "😀", "a b", "\u202e"):
        browser.answer = browser.client.get("/faq", query_string={"q": sought})
        assert browser.status == 200


def one_token(browser: Browser) -> str:
    """The token of a form on the browser's last page."""
    return re.findall(r'name="csrf_token" value="([^"]+)"', browser.page)[0]
