"""A channel that closes after the plan: the message takes another that is open, once, or is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from channels.base import Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger, preferences
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import tables
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.receipts import suppress_addresses
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import VALUES, choose, give, make_campaign, make_person, make_policy, moment, prefer
from tests.pipeline.test_deliver import deliver_all

Memory = dict[str, MemoryChannel]
NOTHING = {"app": 0, "sms": 0, "email": 0}


def planned(
    ctx: Context, *people: tuple[str, ...], door: str = "subscribed", escalate: tuple[str, ...] = (), **columns: object
) -> list[int]:
    """People with these channels, to whom a planned campaign is to go; nobody was written to yet."""
    with transaction(ctx.engine) as conn:
        made = []
        for n, channels in enumerate(people, start=1):
            made.append(make_person(conn, ctx, n, channels=channels, consent=("notify", "recommend")))
            prefer(conn, ctx, made[-1], escalate=list(escalate), **columns)
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx), doors=[door])
        choose(conn, ctx, campaign, made, door)
    plan(ctx, campaign)
    return made


def withdraw(ctx: Context, person: int, channel: str, purpose: str = "notify") -> None:
    """No more on this channel; on all others it stands."""
    with transaction(ctx.engine) as conn:
        give(conn, ctx, person, purpose, channel=channel, given=False)


def rows(ctx: Context) -> list[tuple[str, str, str | None]]:
    """(channel, state, code) of each delivery, by recipient."""
    with transaction(ctx.engine) as conn:
        d = tables.delivery.c
        query = select(d.channel, d.state, d.code).order_by(d.recipient_id, d.step, d.id)
        return [(row.channel, row.state, row.code) for row in conn.execute(query)]


def left(memory: Memory) -> dict[str, int]:
    """How many messages left, by channel."""
    return {name: len(channel.sent) for name, channel in memory.items()}


def test_another_open_channel_takes_what_its_own_may_not_send(ctx: Context, sender: Sender, memory: Memory) -> None:
    [person] = planned(ctx, ("app", "sms"))
    withdraw(ctx, person, "app")
    deliver_all(ctx, sender)
    assert rows(ctx) == [("sms", "accepted", None)]
    assert left(memory) == NOTHING | {"sms": 1}
    assert memory["sms"].sent[0].to == VALUES["sms"].format(n=1)
    assert ledger.check(ctx).differences == ()


def test_the_key_is_that_of_the_new_channel(ctx: Context, sender: Sender, memory: Memory) -> None:
    [person] = planned(ctx, ("app", "sms"))
    withdraw(ctx, person, "app")
    deliver_all(ctx, sender)
    with transaction(ctx.engine) as conn:
        run = conn.scalars(select(tables.run.c.id)).one()
    assert memory["sms"].sent[0].key == ctx.keyring.wire_key(run, person, "sms", 0)


def test_the_persons_order_decides(ctx: Context, sender: Sender, memory: Memory) -> None:
    [person] = planned(ctx, ("app", "sms", "email"))
    withdraw(ctx, person, "app")
    deliver_all(ctx, sender)
    assert left(memory) == NOTHING | {"sms": 1}


def test_without_another_channel_it_is_refused(ctx: Context, sender: Sender, memory: Memory) -> None:
    [person] = planned(ctx, ("app", "sms"))
    for channel in ("app", "sms"):
        withdraw(ctx, person, channel)
    deliver_all(ctx, sender)
    assert rows(ctx) == [("app", "refused", "no_basis")]
    assert left(memory) == NOTHING


def test_a_channel_switched_off_and_a_dead_number_are_left_too(ctx: Context, sender: Sender, memory: Memory) -> None:
    first, second = planned(ctx, ("app", "email"), ("sms", "email"))
    preferences.set_choices(ctx, first, {"app": False})
    with transaction(ctx.engine) as conn:
        number = conn.scalars(select(tables.delivery.c.address_id).where(tables.delivery.c.recipient_id == second))
        suppress_addresses(conn, list(number), "bounce", ctx.clock())
    deliver_all(ctx, sender)
    assert left(memory) == NOTHING | {"email": 2}
    assert ledger.check(ctx).differences == ()


@pytest.mark.parametrize("change", [{"muted": ["talent"]}, {"personalised": False}])
def test_what_the_person_wants_nowhere_takes_no_other_channel(
    ctx: Context, sender: Sender, memory: Memory, change: dict[str, object]
) -> None:
    [person] = planned(ctx, ("app", "sms"), door="recommended")
    preferences.set_choices(ctx, person, change)
    deliver_all(ctx, sender)
    assert left(memory) == NOTHING


def test_a_number_that_another_of_the_campaign_has_takes_nothing(ctx: Context, sender: Sender, memory: Memory) -> None:
    ctx = replace(ctx, settings=replace(ctx.settings, slice_size=1))
    _, second = planned(ctx, ("sms",), ("app",))
    with transaction(ctx.engine) as conn:
        replace_addresses(conn, ctx.keyring, [NewAddress(second, "sms", VALUES["sms"].format(n=1), "*")])
    withdraw(ctx, second, "app")
    deliver_all(ctx, sender)
    assert sorted(rows(ctx)) == [("app", "refused", "no_basis"), ("sms", "accepted", None)]
    assert left(memory) == NOTHING | {"sms": 1}


def test_quiet_hours_hold_the_other_channel_too(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    clock.now = moment("2026-06-24T21:30:00+08:00")
    [person] = planned(ctx, ("app", "sms"), quiet_from="22:00", quiet_to="08:00")
    withdraw(ctx, person, "app")
    clock.forward(hours=1)
    deliver_all(ctx, sender)
    assert left(memory) == NOTHING
    assert rows(ctx) == [("sms", "planned", None)]
    clock.forward(hours=10)
    deliver_all(ctx, sender)
    assert left(memory) == NOTHING | {"sms": 1}


def test_what_was_tried_before_changes_no_channel(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    [person] = planned(ctx, ("app", "sms"))
    busy = MemoryChannel("app", clock=clock, answer=lambda message: Outcome("deferred", "throttled"))
    deliver_next(ctx, replace(sender, channels={"app": busy}), "normal")
    withdraw(ctx, person, "app")
    clock.forward(hours=1)
    deliver_all(ctx, sender)
    assert rows(ctx) == [("app", "refused", "no_basis")]


def test_whoever_has_a_second_step_keeps_to_it(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    [person] = planned(ctx, ("app", "sms"), escalate=("sms",))
    withdraw(ctx, person, "app")
    deliver_all(ctx, sender)
    for _ in range(3):
        clock.forward(hours=25)
        sweep(ctx, sender)
        deliver_all(ctx, sender)
    assert rows(ctx) == [("app", "refused", "no_basis"), ("sms", "accepted", None)]
    assert left(memory) == NOTHING | {"sms": 1}


def test_a_campaign_that_is_cancelled_takes_back_what_moved(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    clock.now = moment("2026-06-24T21:30:00+08:00")
    [person] = planned(ctx, ("app", "sms"), quiet_from="22:00", quiet_to="08:00")
    withdraw(ctx, person, "app")
    clock.forward(hours=1)
    deliver_all(ctx, sender)
    campaigns.cancel(ctx, 1, "李萌")
    assert rows(ctx) == [("sms", "cancelled", "cancelled")]
    assert ledger.check(ctx).differences == ()
