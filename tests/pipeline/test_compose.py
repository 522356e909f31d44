"""Composing: the right words for each channel and language, nothing about interests on the wire, and a way to stop."""

from __future__ import annotations

import email
from datetime import date
from email.policy import default

import pytest
from sqlalchemy import update

from channels.base import Message
from channels.memory import MemoryChannel
from channels.text import sms_parts, units
from pushsvc.context import Context
from pushsvc.links import read_unsubscribe
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.making import send_to

Memory = dict[str, MemoryChannel]


def one(ctx: Context, sender: Sender, memory: Memory, channel: str, **policy: object) -> Message:
    """The one message that a campaign to one person sends on a channel; `policy` changes its policy first."""
    locale = policy.pop("locale", "zh")
    door = str(policy.pop("door", "subscribed"))
    sent = send_to(ctx, 1, channels=(channel,), door=door)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.policy).values(title="云湾区人才安居补贴（第三批）", **policy))
        conn.execute(update(tables.profile).values(locale=locale))
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    return memory[channel].sent[0]


def test_an_sms_says_what_until_when_how_to_check_and_how_to_stop(ctx: Context, sender: Sender, memory: Memory) -> None:
    sms = one(ctx, sender, memory, "sms", window_closes=date(2026, 6, 30))
    assert sms.text.startswith("【江澜政策】云湾区人才安居补贴（第三批），6月30日截止。")
    assert f"12345核验{sms.key[:6].upper()}" in sms.text
    assert sms.text.endswith("回R停收")
    assert sms_parts("", sms.text) == 1


def test_an_sms_bears_no_link(ctx: Context, sender: Sender, memory: Memory) -> None:
    assert "http" not in one(ctx, sender, memory, "sms").text


def test_english_readers_get_english(ctx: Context, sender: Sender, memory: Memory) -> None:
    assert "Free; no passwords." in one(ctx, sender, memory, "sms", locale="en").text


def test_a_sensitive_policy_has_a_neutral_title_everywhere(ctx: Context, sender: Sender, memory: Memory) -> None:
    push = one(ctx, sender, memory, "app", sensitive=True)
    assert push.title == "您关注的一项政策有更新"
    assert "补贴" not in push.title + push.text


def test_a_push_keeps_to_what_a_lock_screen_shows(ctx: Context, sender: Sender, memory: Memory) -> None:
    push = one(ctx, sender, memory, "app", window_closes=date(2026, 6, 30))
    assert units(push.title) <= 20
    assert units(push.text) <= 50


@pytest.mark.parametrize(("door", "reason"), [("subscribed", "因您订阅了"), ("recommended", "可随时关闭")])
def test_a_mail_says_why_and_how_to_stop(ctx: Context, sender: Sender, memory: Memory, door: str, reason: str) -> None:
    mail = email.message_from_bytes(one(ctx, sender, memory, "email", door=door).raw, policy=default)
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert reason in plain
    assert reason in html
    url = mail["List-Unsubscribe"].strip("<>")
    assert url in plain
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read_unsubscribe(ctx.settings.secret_key, url.rpartition("/")[2]).door == door


def test_the_message_id_is_the_wire_key(ctx: Context, sender: Sender, memory: Memory) -> None:
    message = one(ctx, sender, memory, "email")
    mail = email.message_from_bytes(message.raw, policy=default)
    assert mail["Message-ID"] == f"<{message.key}@jianglan.example>"


def test_a_vendor_sees_a_number_and_words_only(ctx: Context, sender: Sender, memory: Memory) -> None:
    sms = one(ctx, sender, memory, "sms")
    assert (dict(sms.meta), sms.to) == ({}, "13800000001")


def test_a_title_that_would_break_the_signature_is_tamed(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 1)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.policy).values(title="【紧急】\n关于" + "补贴" * 400))
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    text = memory["sms"].sent[0].text
    assert text.count("【") == 1
    assert "\n" not in text
    assert "12345核验" in text


def test_no_value_or_template_breaks_an_sms_into_lines_or_signatures(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    words = {"zh": {"sms": "【再签】\n{% for item in items %}{{ item.agency }}{% endfor %}\t{{ check }}"}}
    sent = send_to(ctx, 1, content=words)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.policy).values(agency="云湾区\r\n【局】\x07"))
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    text = memory["sms"].sent[0].text
    assert text.startswith("【江澜政策】〔再签〕 云湾区 〔局〕 ")
    assert not any(char < " " for char in text)
