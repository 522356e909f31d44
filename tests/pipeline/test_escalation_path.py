"""From the plan to the second message: app first, then what the person asked for, and never both where it was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import insert, select

from channels.base import Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.escalate import escalate_due
from pushsvc.pipeline.feedback import open_letter
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import tables
from pushsvc.store.inbox import write_letters
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import Sent, choose, make_campaign, make_person, make_policy, prefer, send_to
from tests.pipeline.test_replies import say
from tests.pipeline.waiting import second_steps

Memory = dict[str, MemoryChannel]
BOTH = ("app", "sms")


def send_all(ctx: Context, sender: Sender) -> None:
    """Send all that is due."""
    while deliver_next(ctx, sender, "normal"):
        pass


def told(ctx: Context, sender: Sender, n: int = 1, **columns: object) -> Sent:
    """A campaign whose people asked for an SMS behind an unread message; the app's copies have left."""
    sent = send_to(ctx, n, channels=BOTH, **columns)  # type: ignore[arg-type]  # columns of the campaign
    with transaction(ctx.engine) as conn:
        for person in sent.people:
            prefer(conn, ctx, person, escalate=["sms"], escalate_hours=24)
    plan(ctx, sent.campaign_id)
    send_all(ctx, sender)
    with transaction(ctx.engine) as conn:  # as the app's own channel does
        kept = (tables.delivery.c.wire_key, tables.delivery.c.recipient_id, tables.delivery.c.profile_id)
        accepted = conn.execute(select(*kept).where(tables.delivery.c.state == "accepted")).mappings().all()
        words = {"policy_id": sent.policy_id, "title": "补贴", "body": "给予补贴。"}
        write_letters(conn, [{**row, **words} for row in accepted], ctx.clock())
    return sent


def read(ctx: Context, person: int) -> None:
    """The person opens the letter that the app channel left in their inbox."""
    with transaction(ctx.engine) as conn:
        letter = conn.execute(select(tables.inbox.c.id).where(tables.inbox.c.recipient_id == person)).scalar_one()
    open_letter(ctx, person, letter)


def channels(memory: Memory) -> dict[str, int]:
    """Channel → messages that left."""
    return {name: len(memory[name].sent) for name in BOTH}


def test_app_first_and_the_sms_when_the_hours_are_over(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    told(ctx, sender, 2)
    assert channels(memory) == {"app": 2, "sms": 0}
    clock.forward(hours=23)
    sweep(ctx, sender)
    send_all(ctx, sender)
    assert channels(memory) == {"app": 2, "sms": 0}
    clock.forward(hours=2)
    assert sweep(ctx, sender).escalated == 2
    send_all(ctx, sender)
    assert channels(memory) == {"app": 2, "sms": 2}
    assert ledger.check(ctx).found == ()


def test_who_read_it_gets_no_sms(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    sent = told(ctx, sender, 2)
    clock.forward(hours=25)
    read(ctx, sent.people[0])
    sweep(ctx, sender)
    send_all(ctx, sender)
    assert [message.recipient for message in memory["sms"].sent] == [sent.people[1]]
    assert second_steps(ctx) == [("not_needed", "opened"), ("accepted", None)]


def test_who_reads_it_while_the_sms_is_in_the_queue_gets_none(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    sent = told(ctx, sender, 2)
    clock.forward(hours=25)
    escalate_due(ctx)
    read(ctx, sent.people[0])
    send_all(ctx, sender)
    assert [message.recipient for message in memory["sms"].sent] == [sent.people[1]]
    assert second_steps(ctx) == [("not_needed", "opened"), ("accepted", None)]
    assert ledger.check(ctx).found == ()


def test_who_answered_stop_meanwhile_gets_no_sms(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    told(ctx, sender, 2)
    say(ctx, "R")
    clock.forward(hours=25)
    sweep(ctx, sender)
    send_all(ctx, sender)
    assert channels(memory) == {"app": 2, "sms": 1}
    assert second_steps(ctx) == [("refused", "suppressed"), ("accepted", None)]
    assert ledger.check(ctx).found == ()


def test_the_second_step_keeps_quiet_hours_too(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    sent = told(ctx, sender)
    with transaction(ctx.engine) as conn:
        mine = tables.preference.c.profile_id == sent.people[0]
        quiet = {"quiet_from": time(9), "quiet_to": time(12)}
        conn.execute(tables.preference.update().where(mine).values(**quiet))
    clock.forward(hours=25)
    sweep(ctx, sender)
    send_all(ctx, sender)
    assert channels(memory)["sms"] == 0
    clock.forward(hours=2)
    send_all(ctx, sender)
    assert channels(memory)["sms"] == 1


def test_an_app_that_turns_the_message_down_is_followed_by_the_sms(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    deaf = MemoryChannel("app", clock=clock, answer=lambda m: Outcome("rejected", "no_device"))
    told(ctx, replace(sender, channels={**memory, "app": deaf}))
    clock.forward(hours=25)
    sweep(ctx, sender)
    send_all(ctx, sender)
    assert channels(memory)["sms"] == 1


def test_a_campaign_is_not_finished_while_a_second_step_waits(ctx: Context, sender: Sender, clock: Clock) -> None:
    sent = told(ctx, sender)
    states = []
    for hours in (1, 24, 0):
        clock.forward(hours=hours)
        sweep(ctx, sender)
        send_all(ctx, sender)
        advance(ctx)
        states.append(campaigns.report(ctx, sent.campaign_id)["state"])
    assert states == ["running", "finished", "finished"]


def test_after_its_end_a_campaign_has_no_second_step(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    told(ctx, sender, expires_at=clock() + timedelta(hours=12))
    clock.forward(hours=25)
    advance(ctx)
    sweep(ctx, sender)
    send_all(ctx, sender)
    assert channels(memory)["sms"] == 0
    assert second_steps(ctx) == [("expired", "expired")]


def test_who_puts_the_phone_first_is_told_by_sms_and_then_by_the_app_if_they_wish(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    sent = send_to(ctx, 1, channels=BOTH)
    with transaction(ctx.engine) as conn:
        conn.execute(tables.profile.update().values(birth_date=date(1950, 1, 1)))
        prefer(conn, ctx, sent.people[0], channel_order=["sms", "app", "email"], escalate=["app"])
    plan(ctx, sent.campaign_id)
    send_all(ctx, sender)
    assert channels(memory) == {"app": 0, "sms": 1}
    clock.forward(hours=25)
    sweep(ctx, sender)
    send_all(ctx, sender)
    assert channels(memory) == {"app": 1, "sms": 1}


@pytest.mark.parametrize("wishes", [{}, {"escalate": ["email"]}])
def test_who_did_not_ask_for_it_or_has_no_such_address_has_no_second_step(
    ctx: Context, sender: Sender, wishes: dict[str, list[str]]
) -> None:
    sent = send_to(ctx, 1, channels=BOTH)
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, sent.people[0], **wishes)
    plan(ctx, sent.campaign_id)
    assert second_steps(ctx) == []


def test_a_firms_members_are_told_once(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        member = make_person(conn, ctx, 1, channels=BOTH, consent=("notify",))
        firm = make_person(conn, ctx, 2, channels=(), kind="enterprise")
        conn.execute(insert(tables.member).values(profile_id=firm, person_id=member))
        prefer(conn, ctx, member, escalate=["sms"])
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign, [firm])
    plan(ctx, campaign)
    assert second_steps(ctx) == []
