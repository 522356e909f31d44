"""The page of one's tags: seen, picked, deleted, brought back; and the way there from a card."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pushsvc.context import Context
from tests.modelling import use_model
from tests.registering import issue, register
from tests.web.browser import Browser
from tests.web.making import one, person, snapshot
from tests.web.test_feed import firm_of

UNKNOWN = {"fact": "owns_home", "eq": False}


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """Somebody with two tags from a register, number 1, on the page of their tags; a policy bears a third."""
    register(ctx, "a", interests="租房|科技创新", source="街道", as_of="2026-03-01")
    issue(ctx, "p", tags="租房|托育", topic="family")
    browser = Browser(app).sign_in(person=1)
    browser.open("/m/tags")
    return browser


def held(ctx: Context) -> list[str]:
    return list(one(ctx, "select interests from profile where id = 1"))


def test_each_tag_stands_there_with_its_source_and_a_button(me: Browser) -> None:
    assert "推荐用到 2 个标签" in me.page
    assert "来自街道 · 2026年3月1日" in me.page
    assert me.page.count('aria-label="删除标签：') == 2
    assert 'value="托育"' in me.page


def test_a_tag_is_deleted_for_good_until_undone(ctx: Context, me: Browser) -> None:
    assert "已删除标签：租房" in me.send("/m/tags/delete")
    assert held(ctx) == ["科技创新"]
    assert "已删除的标签" in me.page
    register(ctx, "a", interests="租房|科技创新|创业")
    assert held(ctx) == ["科技创新", "创业"]
    assert "已恢复" in me.send("/m/tags/restore")
    assert held(ctx) == ["科技创新", "创业", "租房"]


def test_a_tag_of_the_dictionary_is_picked_and_the_pick_undone(ctx: Context, me: Browser) -> None:
    page = me.send("/m/tags/add", {"tag": "托育"})
    assert "已添加标签：托育" in page
    assert "您自己选的" in page
    assert held(ctx) == ["租房", "科技创新", "托育"]
    undo = page.partition('class="toast"')[2].partition("</form>")[0]
    data = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', undo))
    me.client.post("/m/tags/delete", data=data)
    assert held(ctx) == ["租房", "科技创新"]


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("别的", "unknown_tag", "没有这个标签"),
        ("残疾人", "sensitive_tag", "敏感信息不作标签"),
        ("", "unknown_tag", "没有这个标签"),
    ],
)
def test_what_is_not_in_the_dictionary_is_refused_with_its_code(
    ctx: Context, me: Browser, word: str, code: str, said: str
) -> None:
    before = snapshot(ctx)
    page = me.send("/m/tags/add", {"tag": word})
    assert me.status == 422
    assert f'data-code="{code}"' in page
    assert said in page
    assert snapshot(ctx) == before


@pytest.mark.parametrize("path", ["add", "delete", "restore"])
def test_nothing_is_done_without_the_pages_own_token(ctx: Context, me: Browser, path: str) -> None:
    before = snapshot(ctx)
    assert me.client.post(f"/m/tags/{path}", data={"tag": "租房"}).status_code in (400, 403)
    assert snapshot(ctx) == before


def test_deleting_and_undoing_what_is_not_there_changes_nothing(ctx: Context, me: Browser) -> None:
    before = snapshot(ctx)
    for action, word in (("delete", "托育"), ("restore", "租房"), ("restore", "残疾")):
        data = me.form("/m/tags/delete") | {"tag": word}
        assert me.client.post(f"/m/tags/{action}", data=data).status_code == 404
    assert snapshot(ctx) == before


def test_from_the_card_one_tap_and_a_confirmation_delete_the_tag_and_the_next_feed_is_without_it(
    app: Flask, ctx: Context
) -> None:
    use_model(ctx, {"interest=租房": 5.0})
    register(ctx, "a", interests="租房")
    register(ctx, "b")
    issue(ctx, "p", criteria=UNKNOWN)
    me = Browser(app).sign_in(person=1)
    page = me.open("/m/")
    assert "根据标签租房推荐，可删除" in page
    (link,) = re.findall(r'<a class="btn tag" href="([^"]+)"', page)
    assert "删除标签“租房”？" in me.open(link.replace("&amp;", "&"))
    page = me.send("/m/tags/delete")
    assert "已删除标签：租房" in page
    assert me.answer is not None
    assert me.answer.request.path == "/m/"
    assert "根据标签" not in page
    assert 'class="btn tag"' not in page
    assert "根据标签租房推荐，可删除" in me.send("/m/tags/restore")


def test_a_rule_speaks_first_and_the_tags_that_ordered_it_are_named_beside(app: Flask, ctx: Context) -> None:
    use_model(ctx, {"interest=租房": 5.0})
    register(ctx, "a", interests="租房", birth_date="1950-05-01")
    register(ctx, "b")
    issue(ctx, "p", criteria={"all": [{"fact": "age", "ge": 60, "clause": "第三条"}]})
    page = Browser(app).sign_in(person=1).open("/m/")
    assert "因您的年龄符合第三条" in page
    assert re.search(r'用到的标签</small><a class="btn tag" [^>]*><span lang="zh-CN">租房', page)


def test_every_tag_that_spoke_is_named_and_none_that_did_not(app: Flask, ctx: Context) -> None:
    use_model(ctx, {"interest=租房": 1.0, "interest=托育": 3.0, "interest=创业": 2.0, "interest=外贸": -1.0})
    register(ctx, "a", interests="租房|托育|创业|外贸|别的")
    register(ctx, "b")
    issue(ctx, "p", criteria=UNKNOWN)
    page = Browser(app).sign_in(person=1).open("/m/")
    assert re.findall(r'<a class="btn tag" [^>]*><span lang="zh-CN">([^<]+)', page) == ["托育", "创业", "租房"]


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_stays_on_this_site(me: Browser, away: str) -> None:
    me.open(f"/m/tags/delete?tag=租房&next={away}")
    assert me.form("/m/tags/delete")["next"] == "/m/tags"
    assert f'href="{away}' not in me.page
    me.send("/m/tags/delete", {"next": away})
    assert me.answer is not None
    assert me.answer.request.path == "/m/tags"


def test_a_tag_that_is_not_held_leads_to_the_list(me: Browser) -> None:
    assert "推荐用到 2 个标签" in me.open("/m/tags/delete?tag=别的")


def test_with_recommendations_off_it_says_that_no_tag_is_used(me: Browser) -> None:
    me.open("/m/preferences")
    me.send("/m/preferences/personalised", {"on": None})
    assert "为我推荐已关闭，现在不使用任何标签。" in me.open("/m/tags")


def test_an_admin_tends_the_firms_tags_while_acting_for_it(app: Flask, ctx: Context) -> None:
    someone = person(ctx, interests=["租房"])
    firm = firm_of(ctx, someone, role="admin")
    issue(ctx, "p", tags="研发")
    me = Browser(app).sign_in(person=someone, acting=firm)
    assert "推荐用到 0 个标签" in me.open("/m/tags")
    me.send("/m/tags/add", {"tag": "研发"})
    assert one(ctx, "select interests from profile where id = :id", id=firm) == ["研发"]
    assert held(ctx) == ["租房"]
