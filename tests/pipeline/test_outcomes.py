"""What a provider's answer leads to: a later try, a rejection by name, a suppressed address, or an unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from channels.base import Batch, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.retrying import MAX_ATTEMPTS
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import give, send_to
from tests.pipeline.test_deliver import states


def test_a_deferred_message_waits_as_long_as_the_provider_asks(ctx: Context, sender: Sender, clock: Clock) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    busy = MemoryChannel("sms", clock=clock, answer=lambda m: Outcome("deferred", "throttled", retry_after=90))
    deliver_next(ctx, replace(sender, channels={"sms": busy}), "normal")
    assert not deliver_next(ctx, sender, "normal")
    clock.forward(seconds=91)
    assert deliver_next(ctx, sender, "normal")
    assert states(ctx) == {"accepted": 1}


def test_a_message_deferred_too_often_is_rejected_by_name(ctx: Context, sender: Sender, clock: Clock) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    busy = MemoryChannel("sms", clock=clock, answer=lambda m: Outcome("deferred", "throttled"))
    for _ in range(MAX_ATTEMPTS):
        deliver_next(ctx, replace(sender, channels={"sms": busy}), "normal")
        clock.forward(hours=2)
    assert states(ctx) == {"rejected": 1}


def test_a_missing_outcome_is_unknown(ctx: Context, sender: Sender, clock: Clock) -> None:
    class Short(MemoryChannel):
        async def send(self, batch: Batch) -> list[Outcome]:
            return (await super().send(batch))[:1]

    plan(ctx, send_to(ctx, 2).campaign_id)
    deliver_next(ctx, replace(sender, channels={"sms": Short("sms", clock=clock)}), "normal")
    assert states(ctx) == {"accepted": 1, "unknown": 1}


def answering(sender: Sender, clock: Clock, outcome: Outcome) -> Sender:
    """A sender whose SMS provider always says the same."""
    return replace(sender, channels={"sms": MemoryChannel("sms", clock=clock, answer=lambda m: outcome)})


@pytest.mark.parametrize("code", ["expired", "connect", "connect_timeout"])
def test_a_provider_that_was_never_reached_does_not_use_up_the_tries(
    ctx: Context, sender: Sender, clock: Clock, code: str
) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    for _ in range(2 * MAX_ATTEMPTS):
        deliver_next(ctx, answering(sender, clock, Outcome("deferred", code)), "normal")
        clock.forward(hours=2)
    assert states(ctx) == {"planned": 1}
    deliver_next(ctx, sender, "normal")
    assert states(ctx) == {"accepted": 1}


@pytest.mark.parametrize(("code", "suppressed"), [("bad_address", 1), ("refused", 0), ("", 0)])
def test_a_dead_address_is_not_used_again(
    ctx: Context, sender: Sender, clock: Clock, code: str, suppressed: int
) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    deliver_next(ctx, answering(sender, clock, Outcome("rejected", code)), "normal")
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(func.count()).select_from(tables.suppression)).scalar_one() == suppressed


@pytest.mark.parametrize("end", ["cancel", "consent", "expire"])
def test_a_mail_that_may_have_arrived_is_never_called_unsent(
    ctx: Context, sender: Sender, clock: Clock, end: str
) -> None:
    sent = send_to(ctx, 1, channels=("email",), expires_at=clock() + timedelta(days=1))
    plan(ctx, sent.campaign_id)
    for outcome in (Outcome("unknown", "read_timeout"), Outcome("deferred", "451")):  # the repeat met a busy relay
        relay = MemoryChannel(
            "email", clock=clock, answer=lambda m, said=outcome: said, after_unknown="accept_duplicate"
        )
        deliver_next(ctx, replace(sender, channels={"email": relay}), "normal")
        clock.forward(minutes=5)
        sweep(ctx, sender)
    if end == "cancel":
        campaigns.cancel(ctx, sent.campaign_id, "李萌")
    elif end == "consent":
        with transaction(ctx.engine) as conn:
            give(conn, ctx, sent.people[0], "notify", given=False)
    else:
        clock.forward(days=2)
        advance(ctx)
    for _ in range(3):
        clock.forward(hours=2)
        sweep(ctx, sender)
        deliver_next(ctx, sender, "normal")
        advance(ctx)
    assert states(ctx) == {"unknown": 1}
    assert sender.channels["email"].sent == []  # type: ignore[attr-defined]  # the memory channel's own
    report = campaigns.report(ctx, sent.campaign_id)
    assert report["state"] == {"cancel": "cancelled", "consent": "finished", "expire": "expired"}[end]
    assert ledger.check(ctx).differences == ()


@pytest.mark.parametrize(("had", "state"), [(True, "accepted"), (False, "cancelled")])
def test_a_push_that_nobody_will_repeat_is_asked_about(
    ctx: Context, sender: Sender, clock: Clock, had: bool, state: str
) -> None:
    sent = send_to(ctx, 1, channels=("app",))
    plan(ctx, sent.campaign_id)

    class Silent(MemoryChannel):
        async def send(self, batch: Batch) -> list[Outcome]:
            if had:
                await super().send(batch)
            return []

    silent = Silent("app", clock=clock, after_unknown="repeat")
    mine = replace(sender, channels={"app": silent})
    deliver_next(ctx, mine, "normal")
    clock.forward(minutes=5)
    sweep(ctx, mine)  # put back on a guess
    campaigns.cancel(ctx, sent.campaign_id, "李萌")
    assert states(ctx) == {"unknown": 1}
    sweep(ctx, mine)
    assert states(ctx) == {state: 1}
    assert len(silent.sent) == had
