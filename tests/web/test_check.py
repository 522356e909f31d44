"""The public page that says whether a message was ours: to anybody, of nobody, and not to those who try all codes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.compose import check_code
from pushsvc.web.check import SHOWN, TRY_CLIENT
from tests.clock import Clock
from tests.making import send_to
from tests.web.browser import Browser, told
from tests.web.making import AUTHOR, operators, rows, snapshot
from tests.web.test_english import unmarked

TITLE = "云湾区人才安居补贴（第三批）"
_LEFT = """
    insert into run (kind, key, campaign_id, created_at) select 'campaign', 'campaign:' || id, id, created_at
    from campaign returning id
"""
_SENT = """
    insert into delivery (run_id, profile_id, recipient_id, address_id, policy_id, channel, door, state, wire_key,
        planned_at, accepted_at, updated_at)
    select run.id, 1, 1, 1, c.policy_id, 'sms', 'subscribed', 'accepted', :key, :at, :at, :at
    from run join campaign c on c.id = run.campaign_id returning id
"""
KEY = "7a2b5c" + "0" * 26


@pytest.fixture
def sent(ctx: Context) -> str:
    """The code of an SMS that left today."""
    send_to(ctx, 1)
    rows(ctx, _LEFT)
    rows(ctx, _SENT, key=KEY, at=ctx.clock())
    return check_code(KEY)


def test_the_page_is_in_the_bar_and_at_the_foot(browser: Browser) -> None:
    assert browser.open("/policies/").count('href="/check"') == 2
    assert 'name="code"' in browser.open("/check")


@pytest.mark.parametrize("typed", ["7A2B5C", "7a2b5c", " 7A2 B5C", "７Ａ２Ｂ５Ｃ"])
def test_ours_is_told_with_the_policy_and_the_day(browser: Browser, sent: str, typed: str) -> None:
    for day in ("", "&day=2026-06-24", "&day=2026-06-25"):
        page = browser.open(f"/check?code={typed}{day}")
        assert (sent in page, TITLE in page, "2026年6月24日发出" in page, "是我们发的" in page) == (True,) * 4


def test_what_was_never_sent_may_be_a_fraud(browser: Browser, sent: str) -> None:
    for path in ("code=7A2B5D", "code=FFFFFF", "code=7A2B5C&day=2026-06-23", "code=7A2B5C&day=2026-06-26"):
        page = browser.open(f"/check?{path}")
        assert (browser.status, "可能是诈骗" in page, TITLE in page) == (200, True, False)


def test_nobody_is_named_and_nothing_is_changed(ctx: Context, browser: Browser, sent: str) -> None:
    before = snapshot(ctx)
    page = told(browser.open(f"/check?code={sent}"))
    assert not any(word in page for word in (KEY, "138", "p1", "sms**1", "recipient"))
    assert snapshot(ctx) == before


def test_a_sensitive_policy_is_not_named(ctx: Context, browser: Browser, sent: str) -> None:
    rows(ctx, "update policy set sensitive = true returning id")
    page = browser.open(f"/check?code={sent}&day=2026-06-24")
    assert ("您关注的一项政策" in page, TITLE in page, "人力资源" in page) == (True, False, False)
    assert "/policies/1" not in page


def test_a_policy_that_is_not_public_has_no_link(ctx: Context, browser: Browser, sent: str) -> None:
    assert 'href="/policies/1"' in browser.open(f"/check?code={sent}")
    rows(ctx, "update policy set state = 'withdrawn' returning id")
    assert 'href="/policies/1"' not in browser.open(f"/check?code={sent}")


def test_a_code_that_many_messages_share_proves_nothing(ctx: Context, browser: Browser, sent: str) -> None:
    many = _SENT.replace("(run_id,", "(step, run_id,").replace("select run.id", "select {step}, run.id")
    for n in range(1, SHOWN + 1):
        rows(ctx, many.format(step=n), key=f"7a2b5c{n:026x}", at=ctx.clock() - timedelta(days=n))
    page = browser.open(f"/check?code={sent}")
    assert ("有多种消息用过这个校验码" in page, TITLE in page) == (True, False)
    assert TITLE in browser.open(f"/check?code={sent}&day=2026-06-24")


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "%27%20or%201=1--",
        "%25",
        "______",
        "7A2B5",
        "%00%00",
        "7A2B5Z",
        "%ED%A0%80",
        "x" * 9000,
    ],
)
def test_what_is_no_code_is_said_so_and_runs_nowhere(browser: Browser, typed: str) -> None:
    page = browser.open(f"/check?code={typed}")
    assert browser.status in (400, 422)
    assert "<script>alert" not in page
    assert "校验码是 6 位" in page or browser.status == 400


@pytest.mark.parametrize("day", ["2026-13-01", "0001-01-01", "9999-12-31", "yesterday", "<b>", "２０２６-06-24"])
def test_what_is_no_date_is_said_so(browser: Browser, sent: str, day: str) -> None:
    page = browser.open(f"/check?code={sent}&day={day}")
    assert (browser.status, "这不是日期" in page, TITLE in page, "<b>&" in page) == (422, True, False, False)


def test_nobody_tries_all_codes(app: Flask, ctx: Context, sent: str, clock: Clock) -> None:
    stranger = Browser(app)
    found = []
    for n in range(TRY_CLIENT.times + 1):
        stranger.open(f"/check?code={n:06X}")
        found.append(stranger.status)
    assert (set(found[:-1]), found[-1]) == ({200}, 429)
    assert stranger.open(f"/check?code={sent}").count(TITLE) == 0
    stranger.open("/check")
    assert stranger.status == 200  # the form itself costs nothing
    operators(ctx, AUTHOR)
    clerk = Browser(app).sign_in(operator="limeng")
    assert TITLE in clerk.open(f"/check?code={sent}")  # who looks things up for those who telephone
    clock.forward(hours=1)
    assert TITLE in stranger.open(f"/check?code={sent}")


def test_only_reading_is_possible(browser: Browser, sent: str) -> None:
    assert browser.client.post("/check", data={"code": sent}).status_code == 405


def test_the_english_page_says_what_stays_chinese(ctx: Context, browser: Browser, sent: str) -> None:
    for path in (
        "/check?lang=en",
        f"/check?code={sent}",
        "/check?code=FFFFFF",
        "/check?code=zz",
        "/check?code=FFFFFF&day=2026-06-24",
    ):
        assert unmarked(browser.open(path)) == [], path
    assert "We sent a message that quotes 7A2B5C" in browser.open(f"/check?code={sent}")
