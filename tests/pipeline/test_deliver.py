"""Delivering: write, commit, send, record; a message leaves once, whoever dies, and never against a person's will."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from channels.base import Batch, Message, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import deliveries, tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, give, make_campaign, make_person, make_policy, prefer, send_to

Memory = dict[str, MemoryChannel]


def states(ctx: Context) -> dict[str, int]:
    """State → deliveries."""
    with transaction(ctx.engine) as conn:
        found: dict[str, int] = {}
        for _, _, state, n, _ in deliveries.by_channel_and_state(conn):
            found[state] = found.get(state, 0) + n
        return found


def deliver_all(ctx: Context, sender: Sender) -> None:
    """Send until nothing is due."""
    while deliver_next(ctx, sender, "normal"):
        pass


def elsewhere(ctx: Context, sender: Sender) -> None:
    """Another worker, with a loop of its own, sweeps and sends all that is due."""

    def work() -> None:
        with asyncio.Runner() as loop:
            other = replace(sender, run=loop.run, worker="other")
            sweep(ctx, other)
            deliver_all(ctx, other)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def lapse(ctx: Context) -> None:
    """Let every lease be over, as if its worker had died."""
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.slice_).values(lease_until=ctx.clock() - timedelta(days=1000)))


class Dying(MemoryChannel):
    """Accepts the batch and then takes the worker with it: the outcome is never recorded."""

    async def send(self, batch: Batch) -> list[Outcome]:
        await super().send(batch)
        raise KeyboardInterrupt


def test_it_sends_each_planned_message_once(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 7)
    plan(ctx, sent.campaign_id)
    assert deliver_next(ctx, sender, "normal")
    assert not deliver_next(ctx, sender, "normal")
    assert states(ctx) == {"accepted": 7}
    assert len({m.key for m in memory["sms"].sent}) == 7


def test_a_slice_larger_than_a_batch_is_several_attempts(ctx: Context, sender: Sender, memory: Memory) -> None:
    memory["sms"].batch_size = 3
    plan(ctx, send_to(ctx, 7).campaign_id)
    deliver_next(ctx, sender, "normal")
    assert [len(batch.messages) for batch in memory["sms"].batches] == [3, 3, 1]
    assert len({batch.key for batch in memory["sms"].batches}) == 3


def test_consent_withdrawn_between_plan_and_delivery_sends_nothing(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    sent = send_to(ctx, 2)
    plan(ctx, sent.campaign_id)
    with transaction(ctx.engine) as conn:
        give(conn, ctx, sent.people[0], "notify", given=False)
    deliver_next(ctx, sender, "normal")
    assert [m.recipient for m in memory["sms"].sent] == [sent.people[1]]
    assert campaigns.report(ctx, sent.campaign_id)["refusals"] == {"no_basis": 1}


def test_personalisation_switched_off_stops_the_recommended_door_only(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    suggested = send_to(ctx, 1, door="recommended")
    plan(ctx, suggested.campaign_id)
    person = suggested.people[0]
    with transaction(ctx.engine) as conn:
        asked = make_campaign(conn, ctx, make_policy(conn, ctx, "asked"))
        choose(conn, ctx, asked, [person], "subscribed")
        prefer(conn, ctx, person, personalised=False)
    plan(ctx, asked)
    deliver_all(ctx, sender)
    assert len(memory["sms"].sent) == 1
    assert campaigns.report(ctx, suggested.campaign_id)["refusals"] == {"personalised_off": 1}
    assert campaigns.report(ctx, asked)["accepted"] == {"sms": 1}


def test_a_worker_that_dies_after_the_call_leaves_an_unknown_that_a_query_settles(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    plan(ctx, send_to(ctx, 3).campaign_id)
    gateway = Dying("sms", clock=clock)
    dying = replace(sender, channels={"sms": gateway})
    with pytest.raises(KeyboardInterrupt):
        deliver_next(ctx, dying, "normal")
    assert states(ctx) == {"sending": 3}
    lapse(ctx)
    clock.forward(minutes=5)
    sweep(ctx, dying)
    assert states(ctx) == {"accepted": 3}
    assert len(gateway.sent) == 3
    assert ledger.check(ctx, {"sms": {m.key for m in gateway.sent}}).lost == 0


def test_absence_is_no_proof_before_the_attempt_expired(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    quiet = replace(
        sender, channels={"sms": MemoryChannel("sms", clock=clock, answer=lambda m: Outcome("unknown", "timeout"))}
    )
    deliver_next(ctx, quiet, "normal")
    sweep(ctx, sender)
    assert states(ctx) == {"unknown": 1}
    clock.forward(minutes=5)
    sweep(ctx, sender)
    assert states(ctx) == {"planned": 1}
    deliver_next(ctx, sender, "normal")
    assert (states(ctx), len(memory["sms"].sent)) == ({"accepted": 1}, 1)


def test_mail_of_unknown_fate_is_sent_again_under_the_same_key(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    plan(ctx, send_to(ctx, 1, channels=("email",)).campaign_id)
    relay = Dying("email", clock=clock, after_unknown="accept_duplicate")
    with pytest.raises(KeyboardInterrupt):
        deliver_next(ctx, replace(sender, channels={"email": relay}), "normal")
    lapse(ctx)
    clock.forward(minutes=1)  # its attempt has expired: nobody is sending it any more
    sweep(ctx, sender)
    deliver_next(ctx, sender, "normal")
    assert relay.sent[0].key == memory["email"].sent[0].key
    assert states(ctx) == {"accepted": 1}


def test_a_worker_that_wakes_after_its_lease_changes_nothing(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    plan(ctx, send_to(ctx, 2, channels=("app",)).campaign_id)

    def sleepy(message: Message) -> Outcome:
        if message.recipient == 1 and states(ctx) == {"sending": 2}:
            lapse(ctx)
            clock.forward(minutes=1)
            elsewhere(ctx, sender)
        return Outcome("rejected", "too_late")

    deliver_next(ctx, replace(sender, channels={"app": MemoryChannel("app", clock=clock, answer=sleepy)}), "normal")
    assert states(ctx) == {"accepted": 2}
    assert len(memory["app"].sent) == 2


def test_a_paused_campaign_rests_and_goes_on(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    plan(ctx, sent.campaign_id)
    campaigns.pause(ctx, sent.campaign_id, "李萌")
    assert not deliver_next(ctx, sender, "normal")
    campaigns.resume(ctx, sent.campaign_id, "李萌")
    assert deliver_next(ctx, sender, "normal")


def test_a_cancelled_campaign_sends_nothing_more(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 2)
    plan(ctx, sent.campaign_id)
    assert campaigns.cancel(ctx, sent.campaign_id, "李萌") == 2
    deliver_next(ctx, sender, "normal")
    assert (states(ctx), memory["sms"].sent) == ({"cancelled": 2}, [])


def test_after_its_expiry_nothing_is_sent(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    sent = send_to(ctx, 1, expires_at=clock() + timedelta(hours=1))
    plan(ctx, sent.campaign_id)
    clock.forward(hours=2)
    deliver_next(ctx, sender, "normal")
    advance(ctx)
    assert (states(ctx), memory["sms"].sent) == ({"expired": 1}, [])
    assert campaigns.report(ctx, sent.campaign_id)["state"] == "expired"


def test_a_campaign_is_finished_when_nothing_of_it_can_change(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    advance(ctx)
    deliver_next(ctx, sender, "normal")
    advance(ctx)
    assert campaigns.report(ctx, sent.campaign_id)["state"] == "finished"


def test_lanes_do_not_take_each_others_slices(ctx: Context, sender: Sender) -> None:
    plan(ctx, send_to(ctx, 1, lane="urgent").campaign_id)
    assert not deliver_next(ctx, sender, "normal")
    assert deliver_next(ctx, sender, "urgent")


def test_without_a_rate_token_nothing_is_claimed(ctx: Context, sender: Sender) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    assert not deliver_next(ctx, replace(sender, may_send=lambda channel, n: False), "normal")
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(tables.slice_.c.state)).scalars().all() == ["ready"]


def test_a_slice_lost_between_two_writes_finds_a_home(ctx: Context, sender: Sender, memory: Memory) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.delivery).values(slice_id=None))
    sweep(ctx, sender)
    deliver_all(ctx, sender)
    assert len(memory["sms"].sent) == 1


def test_two_workers_never_win_the_same_slice(ctx: Context, sender: Sender, memory: Memory) -> None:
    small = replace(ctx, settings=replace(ctx.settings, slice_size=1))
    plan(small, send_to(ctx, 12).campaign_id)

    def work(_: int) -> list[str]:
        with asyncio.Runner() as loop:
            mine = MemoryChannel("sms")
            while deliver_next(small, Sender({"sms": mine}, loop.run, "w"), "normal"):
                pass
            return [m.key for m in mine.sent]

    with ThreadPoolExecutor(3) as pool:
        keys = [key for some in pool.map(work, range(3)) for key in some]
    assert len(keys) == len(set(keys)) == 12


def test_a_recorded_duty_holds_at_the_attempt_too(ctx: Context, sender: Sender, memory: Memory) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1)
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx), basis="办法第十条", doors=["entitled"])
        choose(conn, ctx, campaign_id, [person], "entitled")
    plan(ctx, campaign_id)
    deliver_all(ctx, sender)
    assert [m.recipient for m in memory["sms"].sent] == [person]
