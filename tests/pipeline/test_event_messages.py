"""What a message about an event says on each channel: how many days are left, or what changed, and why you."""

from __future__ import annotations

import email
from datetime import date
from email.policy import default

import pytest
from sqlalchemy import update

from channels.base import Message
from channels.memory import MemoryChannel
from channels.text import sms_parts
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import send_to

Memory = dict[str, MemoryChannel]
DEADLINE = {"kind": "deadline", "who": "deadline", "closes": "2026-07-01", "days": 8}
CHANGED = {
    "kind": "changed", "who": "changed", "before": 1,
    "changes": [{"field": "amount", "before": "10万元", "after": "20万元"}],
}  # fmt: skip


def one(
    ctx: Context, sender: Sender, memory: Memory, channel: str, detail: dict[str, object], **columns: object
) -> Message:
    """The one message of a campaign with this detail."""
    sent = send_to(ctx, 1, channels=(channel,), detail=detail, door=str(columns.pop("door", "subscribed")))
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.profile).values(locale=columns.pop("locale", "zh")))
        conn.execute(update(tables.policy).values(window_closes=date(2026, 7, 1), **columns))
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    return memory[channel].sent[0]


def test_an_sms_counts_the_days_in_one_part(ctx: Context, sender: Sender, memory: Memory) -> None:
    sms = one(ctx, sender, memory, "sms", DEADLINE)
    assert sms.text.startswith("【江澜政策】云湾区人才安居补贴（第三批），还有7天截止（7月1日）。")
    assert f"12345核验{sms.key[:6].upper()}" in sms.text
    assert sms_parts("", sms.text) <= 2


def test_a_message_that_waited_counts_the_days_left_when_it_leaves(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    clock.forward(days=6)
    assert "还有1天截止" in one(ctx, sender, memory, "sms", DEADLINE).text


def test_a_push_says_the_line_and_that_one_follows_it(ctx: Context, sender: Sender, memory: Memory) -> None:
    push = one(ctx, sender, memory, "app", DEADLINE)
    assert push.text == "您关注的政策，还有7天截止（7月1日）。以受理部门审核为准"


@pytest.mark.parametrize(
    ("locale", "line", "why"),
    [
        ("zh", "变化：金额由“10万元”改为“20万元”。", "因您订阅、收藏、申请过或收到过这项政策。"),
        ("en", "What changed: the amount changed from “10万元” to “20万元”.", "you subscribed to, saved, applied for"),
    ],
)
def test_a_mail_says_what_changed_and_why_it_came(
    ctx: Context, sender: Sender, memory: Memory, locale: str, line: str, why: str
) -> None:
    raw = one(ctx, sender, memory, "email", CHANGED, locale=locale).raw
    mail = email.message_from_bytes(raw or b"", policy=default)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert line in body.get_content()
        assert why in body.get_content()


def test_what_changed_in_a_sensitive_policy_is_not_said_outside(ctx: Context, sender: Sender, memory: Memory) -> None:
    sms = one(ctx, sender, memory, "sms", CHANGED, sensitive=True)
    assert "20万元" not in sms.text


def test_a_recommendation_of_an_event_stays_one(ctx: Context, sender: Sender, memory: Memory) -> None:
    push = one(ctx, sender, memory, "app", DEADLINE, door="recommended")
    assert push.text.startswith("为您推荐，可关闭，还有7天截止")
