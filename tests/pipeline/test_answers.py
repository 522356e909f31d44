"""An answer reaches whoever asked: a letter always, one SMS or mail where no app would show it, and never twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.answer_letters import TEMPLATE, WORDS
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.preferences import set_choices
from pushsvc.pipeline.questions import Asking, By, answer, ask
from pushsvc.pipeline.rights import erase
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_person, make_policy
from tests.pipeline.vendors import ALIYUN, approved, with_routes, write
from tests.registering import ask as query
from tests.registering import register

Memory = dict[str, MemoryChannel]
SECRET = "我的残疾证办好了吗"


def asked(ctx: Context, *channels: str, **columns: Any) -> int:
    """A person with these channels who put a question; their number."""
    with transaction(ctx.engine) as conn:
        who = make_person(conn, ctx, 1, channels=channels, **columns)
        make_policy(conn, ctx, visible_no=1, sensitive=True)
    ask(ctx, who, Asking(SECRET, policy_id=1), By(who))
    return who


@pytest.mark.parametrize(
    ("channels", "told"),
    [
        (("app", "sms", "email"), {"app"}),
        (("sms", "email"), {"app", "sms"}),
        (("email",), {"app", "email"}),
        ((), {"app"}),
    ],
)
def test_a_letter_always_and_one_message_beside_it_without_an_app(
    ctx: Context, channels: tuple[str, ...], told: set[str]
) -> None:
    asked(ctx, *channels)
    answer(ctx, 1, "办好了", by="李萌")
    assert {row[0] for row in query(ctx, "select channel from delivery")} == told


def test_the_words_are_neutral_and_in_the_readers_language(ctx: Context, sender: Sender, memory: Memory) -> None:
    asked(ctx, "sms", locale="en")
    answer(ctx, 1, "办好了", by="李萌")
    while deliver_next(ctx, sender, "urgent"):
        pass
    (text,) = (message.text for message in memory["sms"].sent)
    assert text == WORDS["en"]
    for words in WORDS.values():
        assert not any(word in words for word in ("残疾", "办好", "补贴", "http"))


def test_no_sms_to_a_number_that_is_stopped_or_switched_off(ctx: Context) -> None:
    who = asked(ctx, "sms", "email")
    set_choices(ctx, who, {"sms": False})
    answer(ctx, 1, "办好了", by="李萌")
    assert {row[0] for row in query(ctx, "select channel from delivery")} == {"app", "email"}


def test_quiet_hours_hold_it(ctx: Context, clock: Clock) -> None:
    who = asked(ctx, "sms")
    clock.now = datetime(2026, 6, 24, 15, tzinfo=UTC)  # 23:00 in the city
    set_choices(ctx, who, {"quiet_from": "22:00", "quiet_to": "07:30"})
    answer(ctx, 1, "办好了", by="李萌")
    assert {(row[0] - clock()).seconds for row in query(ctx, "select due_at from slice")} == {8 * 3600 + 1800}


def test_where_only_vendors_send_the_template_must_be_approved(ctx: Context) -> None:
    vendors = with_routes(ctx, aliyun=ALIYUN)
    asked(vendors, "sms")
    answer(vendors, 1, "办好了", by="李萌")
    assert {row[0] for row in query(ctx, "select channel from delivery")} == {"app"}
    approved(vendors, write(vendors, "您在${city}的提问已有答复。", TEMPLATE))
    ask(vendors, 1, Asking("第二个问题"), By(1))
    answer(vendors, 2, "办好了", by="李萌")
    assert {row[0] for row in query(ctx, "select channel from delivery where run_id = 2")} == {"app", "sms"}


def test_a_message_lives_a_week_and_not_longer(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    asked(ctx, "sms")
    answer(ctx, 1, "办好了", by="李萌")
    clock.forward(days=6)
    while deliver_next(ctx, sender, "urgent"):
        pass
    assert len(memory["sms"].sent) == 1
    ask(ctx, 1, Asking("第二个问题"), By(1))
    answer(ctx, 2, "办好了", by="李萌")
    clock.forward(days=8)
    while deliver_next(ctx, sender, "urgent"):
        pass
    assert len(memory["sms"].sent) == 1
    assert {row[0] for row in query(ctx, "select state from delivery where run_id = 2")} == {"expired"}


def test_who_was_erased_meanwhile_gets_nothing_by_any_channel(ctx: Context, sender: Sender, memory: Memory) -> None:
    who = asked(ctx, "sms")
    answer(ctx, 1, "办好了", by="李萌")
    erase(ctx, who, actor="person")
    while deliver_next(ctx, sender, "urgent"):
        pass
    assert all(not channel.sent for channel in memory.values())
    assert {row[0] for row in query(ctx, "select code from delivery")} == {"erased"}


def test_a_letter_gives_nobody_an_app_that_campaigns_would_take_for_read(ctx: Context) -> None:
    who = asked(ctx, "sms")
    answer(ctx, 1, "办好了", by="李萌")
    linked = "select a.channel from profile_address pa join address a on a.id = pa.address_id where pa.profile_id = :id"
    assert query(ctx, linked, id=who) == [("sms",)]


def test_a_firms_answer_goes_to_who_asked_and_after_they_left_to_an_admin(ctx: Context) -> None:
    boss, second = register(ctx, "boss"), register(ctx, "second")
    firm = register(ctx, "firm", kind="enterprise", members="boss:admin|second:admin")
    ask(ctx, firm, Asking("申报材料要盖章吗"), By(second))
    answer(ctx, 1, "要", by="李萌")
    register(ctx, "firm", kind="enterprise", members="boss:admin")
    ask(ctx, firm, Asking("要几份"), By(second))
    answer(ctx, 2, "两份", by="李萌")
    told = query(ctx, "select run_id, recipient_id from delivery where channel = 'app' order by run_id")
    assert told == [(1, second), (2, boss)]
