"""What meets in the queue: late workers, sweeps, receipts, a cancellation; nothing stays behind, nothing goes twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, insert, select, update

from channels.base import Known, Message, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import Used, plan, plan_chunk
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.retrying import MAX_ATTEMPTS, tally
from pushsvc.pipeline.sweep import BATCH, sweep
from pushsvc.store import attempts, receipts, tables
from pushsvc.store.members import record
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, prefer, send_to

Memory = dict[str, MemoryChannel]


def column(ctx: Context, of: Column[Any]) -> list[Any]:
    """All values of one column, sorted."""
    with transaction(ctx.engine) as conn:
        return sorted(conn.scalars(select(of)), key=str)


def states(ctx: Context) -> list[Any]:
    return column(ctx, tables.delivery.c.state)


def during(ctx: Context, sender: Sender, act: Callable[[], object], outcome: Outcome) -> None:
    """Send one SMS; `act` happens while the provider is being called, and the provider answers with `outcome`."""

    def answer(message: Message) -> Outcome:
        act()
        return outcome

    deliver_next(ctx, replace(sender, channels={"sms": MemoryChannel("sms", answer=answer)}), "normal")


def lapse(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.slice_).values(lease_until=ctx.clock() - timedelta(days=1000)))


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_a_deferral_that_comes_back_after_the_end_is_ended_too(
    ctx: Context, sender: Sender, clock: Clock, end: str
) -> None:
    sent = send_to(ctx, 1, expires_at=clock() + timedelta(minutes=1))
    plan(ctx, sent.campaign_id)

    def finish() -> None:
        if end == "cancelled":
            campaigns.cancel(ctx, sent.campaign_id, "李萌")
        else:
            clock.forward(minutes=2)
            advance(ctx)

    during(ctx, sender, finish, Outcome("deferred", "throttled"))
    sweep(ctx, sender)
    assert states(ctx) == [end]
    assert set(column(ctx, tables.slice_.c.state)) == {"done"}


def test_the_deferral_of_a_late_worker_does_not_move_what_another_holds(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    quiet = MemoryChannel("sms", clock=clock, answer=lambda m: Outcome("unknown", "timeout"))
    deliver_next(ctx, replace(sender, channels={"sms": quiet}), "normal")
    clock.forward(minutes=5)
    sweep(ctx, sender)  # proven unsent: planned again
    home = column(ctx, tables.delivery.c.slice_id)
    with transaction(ctx.engine) as conn:
        late = [attempts.Result(1, "planned", "expired")]
        assert record(conn, 1, late, tally("memory", [Outcome("deferred", "expired")]), clock()) == []
    assert column(ctx, tables.delivery.c.slice_id) == home


def test_what_cannot_be_settled_does_not_keep_the_rest_from_being_asked(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    plan(ctx, send_to(ctx, BATCH + 2).campaign_id)
    gateway = Forgetful("sms", clock=clock, answer=lambda m: Outcome("unknown", "timeout"))
    outside = replace(sender, channels={"sms": gateway})
    while deliver_next(ctx, outside, "normal"):
        pass
    for _ in range(3):
        clock.forward(minutes=5)
        sweep(ctx, outside)
    assert states(ctx).count("accepted") == 2


class Forgetful(MemoryChannel):
    """Knows of the last recipients only, however often it is asked of the others."""

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        known = {one.key: one.recipient for batch in self.batches for one in batch.messages}
        return {key: "accepted" for key in keys if known[key] > BATCH}


def test_an_sms_that_is_never_there_is_given_up_by_name(ctx: Context, sender: Sender, clock: Clock) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    lost = MemoryChannel("sms", clock=clock, answer=lambda m: Outcome("unknown", "timeout"))
    outside = replace(sender, channels={"sms": lost})
    for _ in range(2 * MAX_ATTEMPTS):
        deliver_next(ctx, outside, "normal")
        clock.forward(hours=2)
        sweep(ctx, outside)
    assert (states(ctx), column(ctx, tables.delivery.c.code)) == (["rejected"], ["gave_up:absent"])


def test_a_mail_whose_relay_always_hangs_up_is_not_sent_for_ever(ctx: Context, sender: Sender, clock: Clock) -> None:
    sent = send_to(ctx, 1, channels=("email",))
    plan(ctx, sent.campaign_id)
    relay = MemoryChannel(
        "email", clock=clock, after_unknown="accept_duplicate", answer=lambda m: Outcome("unknown", "hung_up")
    )
    outside = replace(sender, channels={"email": relay})
    for _ in range(3 * MAX_ATTEMPTS):
        deliver_next(ctx, outside, "normal")
        clock.forward(hours=2)
        sweep(ctx, outside)
    assert len(relay.batches) == MAX_ATTEMPTS
    assert states(ctx) == ["unknown"]
    advance(ctx)
    advance(ctx)
    assert campaigns.report(ctx, sent.campaign_id)["state"] == "finished"


def test_an_unknown_mail_is_repeated_slower_each_time(ctx: Context, sender: Sender, clock: Clock) -> None:
    plan(ctx, send_to(ctx, 1, channels=("email",)).campaign_id)
    relay = MemoryChannel(
        "email", clock=clock, after_unknown="accept_duplicate", answer=lambda m: Outcome("unknown", "hung_up")
    )
    outside = replace(sender, channels={"email": relay})
    for _ in range(60):
        deliver_next(ctx, outside, "normal")
        sweep(ctx, outside)
        clock.forward(seconds=2)
    assert len(relay.batches) <= 4


def test_a_short_wish_of_the_provider_does_not_use_up_the_attempts(ctx: Context, sender: Sender, clock: Clock) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    busy = MemoryChannel("sms", clock=clock, answer=lambda m: Outcome("deferred", "throttled", retry_after=1))
    for _ in range(60):
        deliver_next(ctx, replace(sender, channels={"sms": busy}), "normal")
        clock.forward(seconds=1)
    assert states(ctx) == ["planned"]


def test_a_chunk_planned_after_the_person_was_refused_does_not_break_the_plan(ctx: Context, sender: Sender) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        firm = make_person(conn, ctx, 2, channels=(), kind="enterprise")
        conn.execute(insert(tables.member).values(profile_id=firm, person_id=person))
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign_id, [firm, person])
    plan_chunk(ctx, campaign_id, 1, Used())
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.delivery).values(state="rejected"))
    plan(ctx, campaign_id, chunk=1)
    assert campaigns.report(ctx, campaign_id)["refusals"] == {"same_address": 1}


def test_quiet_hours_that_began_while_it_waited_are_kept(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    sent = send_to(ctx, 2)
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, sent.people[0], quiet_from=time(22, 0), quiet_to=time(8, 0))
    plan(ctx, sent.campaign_id)
    clock.forward(hours=13)  # 22:30: the campaign was paused, the provider was down, the queue was long
    while deliver_next(ctx, sender, "normal"):
        pass
    assert [m.recipient for m in memory["sms"].sent] == [sent.people[1]]
    clock.forward(hours=9.5)
    assert deliver_next(ctx, sender, "normal")
    assert len(memory["sms"].sent) == 2


def test_one_campaign_that_fails_does_not_stop_the_others(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        make_campaign(conn, ctx, make_policy(conn, ctx, "a"), audience={"min_z": "much"})
    good = send_to(ctx, 1, ref="b").campaign_id
    advance(ctx)
    assert campaigns.report(ctx, good)["deliveries"] == {"sms": {"planned": 1}}


def test_a_paused_campaign_expires_too(ctx: Context, clock: Clock) -> None:
    sent = send_to(ctx, 1, expires_at=clock() + timedelta(minutes=1))
    plan(ctx, sent.campaign_id)
    campaigns.pause(ctx, sent.campaign_id, "李萌")
    clock.forward(minutes=2)
    advance(ctx)
    assert states(ctx) == ["expired"]


def keep(ctx: Context, *told: tuple[str, str]) -> None:
    """Store receipts of (wire key, status)."""
    rows = [{"wire_key": key, "status": status, "code": "", "raw": {}} for key, status in told]
    with transaction(ctx.engine) as conn:
        receipts.store_receipts(conn, "sms", rows, ctx.clock())


def test_strange_receipts_do_not_hold_up_ours(ctx: Context, sender: Sender, memory: Memory) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    deliver_next(ctx, sender, "normal")
    keep(ctx, ("x1", "delivered"), ("x2", "delivered"), ("x3", "delivered"), (memory["sms"].sent[0].key, "delivered"))
    match_receipts(ctx, limit=2)
    assert states(ctx) == ["delivered"]


def test_receipts_that_come_together_are_taken_in_their_order(ctx: Context, sender: Sender, memory: Memory) -> None:
    plan(ctx, send_to(ctx, 8).campaign_id)
    deliver_next(ctx, sender, "normal")
    keep(ctx, *((m.key, status) for m in memory["sms"].sent for status in ("complained", "delivered")))
    match_receipts(ctx)
    assert set(states(ctx)) == {"complained"}


def test_a_bounce_of_an_unknown_message_leaves_the_ledger_whole(ctx: Context, sender: Sender, clock: Clock) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    silent = MemoryChannel("sms", clock=clock, answer=lambda m: Outcome("unknown", "timeout"))
    deliver_next(ctx, replace(sender, channels={"sms": silent}), "normal")
    keep(ctx, (silent.batches[0].messages[0].key, "bounced"))
    match_receipts(ctx)
    assert (states(ctx), ledger.check(ctx).differences) == (["bounced"], ())
