"""Rows L19 to L21 and L26: what may be pushed, who lets it go, and messages that nobody mistakes for a fraud."""

from __future__ import annotations

import re

import pytest

from channels.memory import MemoryChannel
from channels.text import sms_parts
from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.audience import match
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.feed import feed
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.publish import PublishError, publish, submit
from pushsvc.store.campaigns import edit_campaign
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from tests.law.sending import PHONE, fates, release, run
from tests.registering import OLD_ENOUGH, POLICY, ask, count, issue, register
from tests.web.browser import Browser

Memory = dict[str, MemoryChannel]
OLD = {"birth_date": "1950-05-01", "phone": PHONE, "consents": "notify:any|recommend:any"}


@pytest.mark.parametrize("kind", ["consultation", "plan", "response", "gazette"])
def test_L19_a_draft_for_consultation_is_matched_to_nobody_and_told_to_subscribers_only(
    ctx: Context, sender: Sender, memory: Memory, kind: str
) -> None:
    """重大行政决策程序暂行条例 15, 优化营商环境条例 62: a draft asks for opinions; nobody qualifies by it."""
    fits = register(ctx, "fits", **OLD)
    asked = register(ctx, "asked", **OLD | {"phone": "13800130218"})
    subscribe(ctx, asked, {"ref": "w", "themes": "talent"})
    draft = issue(ctx, "p", kind=kind, criteria=OLD_ENOUGH, topic="talent", basis="办法第十条")
    assert match(ctx, "p")["eligible"] == 0
    campaigns.edit(ctx, draft, actor="李萌", doors=["entitled", "subscribed", "recommended"], basis="办法第十条")
    release(ctx, draft)
    run(ctx, sender)
    assert [message.recipient for message in memory["sms"].sent] == [asked]
    assert [item.fit.state for item in feed(ctx, fits)] == [None]


def test_L20_only_a_published_version_is_pushed_or_shown(
    ctx: Context, sender: Sender, memory: Memory, browser: Browser
) -> None:
    """优化营商环境条例 64: what is not published is no basis for anything: it reaches nobody."""
    person = register(ctx, "a", **OLD)
    assert upsert_policy(ctx, {"ref": "p", **POLICY, "criteria": OLD_ENOUGH}) == "new"
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, "p")
    assert policy is not None
    early = campaigns.create(ctx, policy, author="李萌")
    campaigns.submit(ctx, early, "李萌")
    with pytest.raises(CampaignError) as error:
        campaigns.approve(ctx, early, "周岚")
    assert error.value.code == "unpublished"
    run(ctx, sender)
    assert (memory["sms"].sent, feed(ctx, person)) == ([], [])
    browser.open("/policies/1")
    assert browser.status == 404


def test_L20_what_was_published_cannot_be_changed_under_its_readers(ctx: Context) -> None:
    """优化营商环境条例 64, 政府信息公开条例 26: a change is a version of its own, published like the first."""
    issue(ctx, "p")
    before = ask(ctx, "select * from policy")
    changed = upsert_policy(ctx, {"ref": "p", **POLICY, "amount": "20万元"})
    assert isinstance(changed, list)
    assert changed[0].code == "published"
    assert ask(ctx, "select * from policy") == before


def test_L21_whoever_wrote_it_does_not_review_it(ctx: Context) -> None:
    """先审后发: a policy and a campaign each pass a second pair of eyes, whatever spelling of the name is given."""
    assert upsert_policy(ctx, {"ref": "p", **POLICY}) == "new"
    for same in ("李萌", " 李 萌 "):
        with pytest.raises(PublishError) as refused:
            publish(ctx, "p", author="李萌", reviewer=same)
        assert refused.value.code == "same_person"
    draft = publish(ctx, "p", author="李萌", reviewer="周岚")
    campaigns.submit(ctx, draft, "李萌")
    with pytest.raises(CampaignError) as error:
        campaigns.approve(ctx, draft, "李萌")
    assert error.value.code == "same_person"


@pytest.mark.parametrize(
    "change",
    [{"basis": "另一办法"}, {"content": {"zh": {"sms": "别的话"}}}, {"audience": {"top_n": 9}}, {"lane": "bulk"},
     {"doors": ["subscribed"]}, {"title": "另一标题"}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_L21_an_approval_is_bound_to_what_was_read_and_an_edit_voids_it(
    ctx: Context, sender: Sender, memory: Memory, change: dict[str, object]
) -> None:
    """先审后发: what leaves is what was approved, by hash: edited openly or behind our back, it is reviewed anew."""
    register(ctx, "a", **OLD)
    draft = issue(ctx, "p", criteria=OLD_ENOUGH, basis="办法第十条")
    campaigns.submit(ctx, draft, "李萌")
    campaigns.approve(ctx, draft, "周岚")
    campaigns.edit(ctx, draft, actor="李萌", **change)
    assert ask(ctx, "select state, approved_hash, reviewer from campaign") == [("draft", None, None)]
    campaigns.submit(ctx, draft, "李萌")
    campaigns.approve(ctx, draft, "周岚")
    with transaction(ctx.engine) as conn:
        edit_campaign(conn, draft, {"title": "偷换的标题"})
    with pytest.raises(CampaignError) as error:
        campaigns.start(ctx, draft, "李萌")
    assert error.value.code == "approval_void"
    run(ctx, sender)
    assert (memory["sms"].sent, fates(ctx), count(ctx, "selection")) == ([], [], 0)


def test_L21_a_policy_edited_after_it_was_submitted_is_reviewed_anew(ctx: Context) -> None:
    """先审后发: the reviewer's word is for the content that lay before them."""
    assert upsert_policy(ctx, {"ref": "p", **POLICY}) == "new"
    submit(ctx, "p", "李萌")
    assert upsert_policy(ctx, {"ref": "p", **POLICY, "amount": "20万元"}) == "changed"
    with pytest.raises(PublishError) as error:
        publish(ctx, "p", author="李萌", reviewer="周岚")
    assert error.value.code == "changed"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_L26_an_sms_bears_no_link_can_be_checked_and_speaks_plainly(
    ctx: Context, sender: Sender, memory: Memory, locale: str
) -> None:
    """算法推荐管理规定 19: elders are protected from fraud: no link to tap, a code to check, no fee, few words."""
    register(ctx, "a", locale=locale, **OLD)
    title = "长者助餐，详见http://bad.example/x或www.bad.example"
    release(ctx, issue(ctx, "p", title=title, criteria=OLD_ENOUGH, basis="办法第十条"))
    run(ctx, sender)
    (sms,) = memory["sms"].sent
    assert not re.search(r"http|www|://|\.example|/s/", sms.text)
    assert f"12345{'核验' if locale == 'zh' else ', quote '}{sms.key[:6].upper()}" in sms.text
    assert ("不收费、不索要密码" if locale == "zh" else "Free; no passwords") in sms.text
    assert sms_parts("", sms.text) <= (1 if locale == "zh" else 2)


@pytest.mark.parametrize(
    "words", ["请点 https://a.example/x", "见 WWW.a.example", "{% for item in items %}{{ item.url }}{% endfor %}"]
)
def test_L26_words_with_a_link_are_not_taken_for_an_sms(ctx: Context, words: str) -> None:
    """算法推荐管理规定 19: no operator can teach people to tap links in messages that claim to be an office's."""
    draft = issue(ctx, "p")
    with pytest.raises(CampaignError) as error:
        campaigns.edit(ctx, draft, actor="李萌", content={"zh": {"sms": words}})
    assert error.value.code == "bad_content"
    campaigns.edit(ctx, draft, actor="李萌", content={"zh": {"email_text": f"{words} {{{{ unsubscribe_url }}}}"}})
