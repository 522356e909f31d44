"""Rate tokens: a slice is claimed before anybody knows how many are in it; what it does not need is given back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from channels.base import Batch, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.outside import make_allowance
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import give, make_person, prefer, send_code, send_to

Memory = dict[str, MemoryChannel]


def stopped() -> float:
    """A pace at which no token comes in."""
    return 0.0


def paced(ctx: Context, sender: Sender, rate: float, clock: Callable[[], float] = stopped) -> Sender:
    """The sender with buckets of this rate for each provider."""
    given = replace(ctx, settings=replace(ctx.settings, rate_per_second=rate))
    return replace(sender, may_send=make_allowance(given, "test", clock))


def test_twenty_codes_in_twenty_slices_cost_twenty_tokens(ctx: Context, sender: Sender, memory: Memory) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1)
        address = conn.scalar(select(tables.address.c.id))
    assert address is not None
    for n in range(20):
        send_code(ctx, recipient_id=person, address_id=address, channel="sms", code=f"{n:06d}")
    mine = paced(ctx, sender, 15.0)
    while deliver_next(ctx, mine, "urgent"):
        pass
    assert len(memory["sms"].sent) == 15


def test_a_slow_campaign_of_small_slices_begins_at_once(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    sent = send_to(ctx, 3, rate_per_second=1.0)
    with transaction(ctx.engine) as conn:
        for person, end in zip(sent.people, ("09:31", "09:32", "09:33"), strict=True):
            prefer(conn, ctx, person, quiet_from="08:00", quiet_to=end)
    plan(ctx, sent.campaign_id)
    clock.forward(minutes=10)
    mine = paced(ctx, sender, 5000.0)
    while deliver_next(ctx, mine, "normal"):
        pass
    assert len(memory["sms"].sent) == 3


def test_a_slice_larger_than_the_burst_goes_whole_and_its_campaign_then_rests(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    small = replace(ctx, settings=replace(ctx.settings, slice_size=10))
    plan(small, send_to(ctx, 20, rate_per_second=1.0).campaign_id)
    seconds = [0.0]
    mine = paced(small, sender, 5000.0, lambda: seconds[0])
    sent = []
    for seconds[0] in (0.0, 5.0, 6.0, 15.0):
        while deliver_next(small, mine, "normal"):
            pass
        sent.append(len(memory["sms"].sent))
    assert sent == [10, 10, 20, 20]


def test_tokens_come_back_before_the_call_and_for_whom_the_gates_stop(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    sent = send_to(ctx, 8)
    plan(ctx, sent.campaign_id)
    with transaction(ctx.engine) as conn:
        give(conn, ctx, sent.people[0], "notify", given=False)
    asked: list[int] = []
    gateway: list[int] = []

    class Counting(MemoryChannel):
        async def send(self, batch: Batch) -> list[Outcome]:
            gateway.append(sum(asked))
            return await super().send(batch)

    def may_send(route: str, n: int) -> bool:
        asked.append(n)
        return True

    mine = replace(sender, channels={"sms": Counting(clock=clock, batch_size=3)}, may_send=may_send)
    assert deliver_next(ctx, mine, "normal")
    assert (asked[0], sum(asked), gateway[-1]) == (ctx.settings.slice_size, 7, 7)
