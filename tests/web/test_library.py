"""The public library, and what it must never show."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.links import short_code
from pushsvc.store.session import transaction
from pushsvc.store.short_links import put_short_link
from tests.web.browser import Browser
from tests.web.making import publish


def test_it_lists_the_newest_first(ctx: Context, browser: Browser) -> None:
    publish(ctx, "old", 1, title="旧政策")
    publish(ctx, "new", 2, title="新政策")
    page = browser.open("/policies/")
    assert page.index("新政策") < page.index("旧政策")


def test_a_draft_is_nowhere(ctx: Context, browser: Browser) -> None:
    draft = publish(ctx, "draft", 1, title="未公布的草稿", state="draft")
    assert "未公布的草稿" not in browser.open("/policies/?q=草稿").split("<main")[1].split("value=")[0]
    browser.open(f"/policies/{draft}")
    assert browser.status == 404


def test_search_takes_percent_signs_as_they_are(ctx: Context, browser: Browser) -> None:
    publish(ctx, "a", 1, title="普通政策", body="正文")
    assert "普通政策" not in browser.open("/policies/?q=%25")


def test_words_and_filters_narrow_the_list(ctx: Context, browser: Browser) -> None:
    publish(ctx, "a", 1, title="人才安居", topic="talent")
    publish(ctx, "b", 2, title="稳岗返还", topic="enterprise")
    assert "稳岗返还" not in browser.open("/policies/?topic=talent")
    assert "人才安居" not in browser.open("/policies/?q=稳岗")


def test_only_open_windows_are_left_when_asked(ctx: Context, browser: Browser) -> None:
    publish(ctx, "a", 1, title="已截止的", window_opens=date(2026, 1, 1), window_closes=date(2026, 6, 23))
    publish(ctx, "b", 2, title="受理中的", window_opens=date(2026, 1, 1), window_closes=date(2026, 6, 24))
    page = browser.open("/policies/?open=1")
    assert "受理中的" in page
    assert "已截止的" not in page


def test_a_list_is_cut_into_pages(ctx: Context, browser: Browser) -> None:
    for number in range(1, 24):
        publish(ctx, f"p{number}", number, title=f"政策{number:03d}号")
    assert "政策003号" not in browser.open("/policies/")
    assert "政策003号" in browser.open("/policies/?page=2")
    assert "政策023号" in browser.open("/policies/?page=-5")


@pytest.mark.parametrize("path", ["/policies/?q=%00", "/policies/?topic=%ED%A0%80", "/s/%00", "/policies/" + "9" * 40])
def test_broken_input_is_refused_not_stumbled_over(browser: Browser, path: str) -> None:
    browser.open(path)
    assert browser.status in (200, 400, 404)


def test_a_policy_says_whom_it_is_for_in_words(ctx: Context, browser: Browser) -> None:
    criteria = {"all": [{"fact": "age", "ge": 60, "clause": "第二条"}, {"fact": "owns_home", "eq": False}]}
    policy = publish(ctx, "a", criteria=criteria)
    page = browser.open(f"/policies/{policy}")
    assert "第二条" in page
    assert "不少于60岁" in page
    assert "at least 60" in browser.open(f"/policies/{policy}?lang=en")


def test_a_title_cannot_run_a_script(ctx: Context, browser: Browser) -> None:
    policy = publish(ctx, "a", title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>", agency='"><b>')
    for path in ("/policies/", f"/policies/{policy}"):
        page = browser.open(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert '"><b>' not in page


def test_a_short_link_leads_to_its_policy(ctx: Context, browser: Browser) -> None:
    policy = publish(ctx, "a", title="短链接的政策")
    code = short_code(ctx.settings.secret_key, policy)
    with transaction(ctx.engine) as conn:
        put_short_link(conn, code, policy, ctx.clock())
    assert "短链接的政策" in browser.open(f"/s/{code}")
    browser.open("/s/nothing")
    assert browser.status == 404


def test_the_language_follows_the_reader(app: Flask, browser: Browser) -> None:
    assert '<html lang="zh-CN"' in browser.open("/policies/")
    assert '<html lang="en"' in browser.open("/policies/", headers={"Accept-Language": "en-GB,en"})
    assert '<html lang="en"' in browser.open("/policies/?lang=en")
    assert '<html lang="en"' in browser.open("/policies/"), "a choice is kept"
    assert '<html lang="zh-CN"' in Browser(app).open("/policies/?lang=fr")


def test_large_type_is_kept_on_the_next_page(browser: Browser) -> None:
    browser.open("/policies/?mode=elder&size=2")
    assert 'data-mode="elder" data-size="2"' in browser.open("/algorithm")
