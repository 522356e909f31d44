"""The page of the self-check: answered at once, kept only where that is ticked, and in no address."""

from __future__ import annotations

from flask import Flask

from pushsvc.context import Context
from tests.registering import register
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows, snapshot
from tests.web.test_feed import HOMELESS, OLD, SIXTY, firm_of

BIG = {"all": [{"fact": "employees", "le": 20, "clause": "第二条"}]}


def path(policy: int) -> str:
    return f"/m/policies/{policy}/check"


def test_the_answer_comes_at_once_and_clause_by_clause(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria={"all": [*SIXTY["all"], *HOMELESS["all"]]})
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    page = browser.open(path(policy))
    assert "自查：1 个问题" in page
    assert "出生日期" not in page.split('id="proof"')[0], "what is held is not asked again"
    before = snapshot(ctx)
    page = browser.send(path(policy), {"a.owns_home": "no"}, follow=False)
    assert browser.status == 200
    assert "<b>初步符合</b>" in page
    assert "您刚才填的" in page
    assert "查看并申领" in page
    page = browser.send(path(policy), {"a.owns_home": "yes"})
    assert "<b>目前不符合</b>" in page
    assert snapshot(ctx) == before


def test_what_is_ticked_to_be_kept_is_kept_as_ones_own_word(app: Flask, ctx: Context) -> None:
    policy, someone = publish(ctx, criteria=HOMELESS), person(ctx)
    browser = Browser(app).sign_in(person=someone)
    browser.open(path(policy))
    page = browser.send(path(policy), {"a.owns_home": "no", "keep": "1"})
    assert "已保存到您的信息：住房" in page
    assert rows(ctx, "select owns_home, sources->'owns_home'->>0 from profile") == [(False, "self")]
    assert "有 1 项初步符合" in browser.open("/m/")


def test_a_range_is_no_value_to_be_kept(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    browser = Browser(app).sign_in(person=person(ctx))
    browser.open(path(policy))
    page = browser.send(path(policy), {"a.birth_date": "b1", "keep": "1"})
    assert "<b>初步符合</b>" in page
    assert "已保存" not in page
    assert one(ctx, "select birth_date from profile") is None


def test_what_cannot_be_read_is_said_at_its_field_with_what_was_typed(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    firm, policy = firm_of(ctx, someone, role="admin"), publish(ctx, criteria=BIG)
    browser = Browser(app).sign_in(person=someone, acting=firm)
    browser.open(path(policy))
    page = browser.send(path(policy), {"x.employees": "<很多>", "keep": "1"})
    assert browser.status == 422
    assert 'aria-invalid="true" aria-describedby="e1" value="&lt;很多&gt;"' in page
    assert 'id="e1" role="alert"' in page
    assert one(ctx, "select employees from profile where kind = 'enterprise'") is None


def test_an_admin_checks_and_keeps_for_the_firm(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    firm, policy = firm_of(ctx, someone, role="admin"), publish(ctx, criteria=BIG)
    browser = Browser(app).sign_in(person=someone, acting=firm)
    browser.open(path(policy))
    assert "<b>初步符合</b>" in browser.send(path(policy), {"x.employees": "12", "keep": "1"})
    assert one(ctx, "select employees from profile where id = :id", id=firm) == 12


def test_a_sensitive_question_says_what_for_and_keeps_nothing_without_consent(app: Flask, ctx: Context) -> None:
    """个人信息保护法 29、30."""
    policy = publish(ctx, criteria={"fact": "disability", "eq": True}, title="创业场租补助")
    browser = Browser(app).sign_in(person=person(ctx))
    page = browser.open(path(policy))
    assert "用残疾认定仅判断创业场租补助资格。不同意不影响其他服务，可随时撤回。" in page
    page = browser.send(path(policy), {"a.disability": "yes", "keep": "1"})
    assert "<b>初步符合</b>" in page
    assert "须先单独同意使用" in page
    assert one(ctx, "select count(*) from sensitive_fact") == 0


def test_where_nothing_is_missing_nothing_is_asked(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    page = Browser(app).sign_in(person=person(ctx, birth_date=OLD)).open(path(policy))
    assert "登记的信息已经够判断，不用再填。" in page
    assert f'action="{path(policy)}"' not in page


def test_of_what_is_matched_to_nobody_it_says_so(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, kind="plan", criteria=None)
    assert "不按条件匹配到人" in Browser(app).sign_in(person=person(ctx)).open(path(policy))


def test_what_a_register_holds_is_not_overwritten(app: Flask, ctx: Context) -> None:
    """A fact that a register told since the form was opened stays, and the page says where to ask for a correction."""
    someone, policy = register(ctx, "a", source="register"), publish(ctx, criteria=HOMELESS)
    browser = Browser(app).sign_in(person=someone)
    browser.open(path(policy))
    register(ctx, "a", owns_home="yes", source="register")
    browser.send(path(policy), {"a.owns_home": "no", "keep": "1"})
    assert one(ctx, "select owns_home from profile") is True


def test_it_reads_in_english_too(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria={"all": [*SIXTY["all"], *HOMELESS["all"]]})
    browser = Browser(app).sign_in(person=person(ctx))
    page = browser.open(f"{path(policy)}?lang=en")
    assert "under 60" in page
    assert "Not sure, skip" in page
