"""The page of stages: the reader's own, why each holds, and the way to the fact behind it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pushsvc.context import Context
from tests.registering import register
from tests.web.browser import Browser
from tests.web.test_own_word import helped

__all__ = ["helped"]  # a fixture, used by its name


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A person of whom a birthday is registered."""
    told = {"birth_date": "1990-01-01", "source": "household_register", "as_of": "2026-01-01"}
    return Browser(app).sign_in(person=register(ctx, "me", **told))


def test_a_stage_is_corrected_by_the_fact_behind_it(me: Browser) -> None:
    page = me.open("/m/stages")
    for words in ("现在处于：生活、出行", "户籍登记", "1990年1月1日", "还不能确定"):
        assert words in page
    link = "/m/facts/correct?fact=owns_home&amp;next=/m/stages"
    assert link in page
    me.open(link.replace("&amp;", "&"))
    page = me.send("/m/facts/correct", {"claimed": "no"})
    assert "现在处于：生活、置业、出行" in page
    assert "已记下" in page
    assert "更正：出生日期" in page
    assert "更改：住房" in page


def test_nobody_is_led_elsewhere(me: Browser) -> None:
    me.open("/m/facts/correct?fact=owns_home&next=//evil.example/")
    assert 'name="next"' not in me.page
    assert 'href="//evil' not in me.page
    me.send("/m/facts/correct", {"claimed": "no", "next": "https://evil.example/"}, follow=False)
    assert me.answer is not None
    assert me.answer.headers["Location"] == "/m/facts"


def test_a_firm_has_the_stages_of_firms(app: Flask, ctx: Context) -> None:
    boss = register(ctx, "boss")
    told = {"employees": "5", "founded_on": "2018-01-01", "legal_status": "active", "members": "boss:admin"}
    firm = register(ctx, "firm", kind="enterprise", **told)
    page = Browser(app).sign_in(person=boss, acting=firm).open("/m/stages")
    assert "现在处于：招聘用工、经营发展" in page
    assert "养老" not in page


def test_who_may_only_read_is_offered_no_change(helped: dict[str, Browser]) -> None:
    page = helped["neighbour"].open("/m/stages")
    assert "还不能确定" in page
    assert "/m/facts/correct" not in page


def test_it_is_said_in_english_too(me: Browser) -> None:
    page = me.open("/m/stages?lang=en")
    assert "Now in: everyday life, travel" in page
    visible = re.sub(r'<[^>]*lang="zh-CN"[^>]*>[^<]*|<!--.*?-->', "", page, flags=re.S)
    assert not re.search("[\u4e00-\u9fff]", visible)
