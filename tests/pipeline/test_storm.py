"""Workers, sweeps and people at once against a provider in a bad mood: each message once, each with an end."""

from __future__ import annotations

import asyncio
import random
import threading
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
from pushsvc.pipeline.preferences import set_choices
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import tables
from pushsvc.store.session import transaction
from pushsvc.store.states import PENDING
from tests.clock import Clock
from tests.making import Sent, send_to

PEOPLE, WORKERS = 60, 3


class Moody(MemoryChannel):
    """Takes, delays or forgets to answer by lot; now and then its caller dies in mid-call."""

    def __init__(self, seed: int, clock: Clock) -> None:
        super().__init__("sms", clock=clock, answer=self._lot, batch_size=4)
        self.mood = random.Random(seed)
        self.calm = False
        self.lock = threading.Lock()

    async def send(self, batch: Batch) -> list[Outcome]:
        with self.lock:
            outcomes = await super().send(batch)
            if not self.calm and self.mood.random() < 0.15:
                raise RuntimeError("the worker died")
            return outcomes

    def _lot(self, message: Message) -> Outcome:
        draw = 1.0 if self.calm else self.mood.random()
        if draw < 0.2:
            return Outcome("deferred", "throttled", retry_after=5)
        if draw < 0.3:
            self.sent.append(message)  # it arrives, but nobody says so
        return Outcome("unknown", "timeout") if draw < 0.4 else Outcome("accepted")


def work(ctx: Context, gateway: Moody, seed: int) -> None:
    """A worker that comes back after each death, and sweeps now and then."""
    lot = random.Random(seed)
    with asyncio.Runner() as loop:
        sender = Sender({"sms": gateway}, loop.run, f"w{seed}")
        for _ in range(40):
            try:
                deliver_next(ctx, sender, "normal")
                if lot.random() < 0.3:
                    sweep(ctx, sender)
            except RuntimeError:
                continue


def meddle(ctx: Context, sent: Sent, clock: Clock, seed: int) -> None:
    """People change their minds, leases lapse, an operator pauses, goes on, cancels; time passes."""
    lot = random.Random(seed)
    for _ in range(25):
        clock.forward(seconds=lot.choice((1, 10, 40)))
        set_choices(ctx, lot.choice(sent.people), {"personalised": lot.random() < 0.5})
        with transaction(ctx.engine) as conn:
            lapsed = tables.slice_.c.state == "leased", tables.slice_.c.id % 3 == lot.randrange(3)
            conn.execute(update(tables.slice_).where(*lapsed).values(lease_until=clock() - timedelta(days=1000)))
        campaigns.pause(ctx, sent.campaign_id, "李萌")
        campaigns.resume(ctx, sent.campaign_id, "李萌")
    if seed % 2:
        campaigns.cancel(ctx, sent.campaign_id, "李萌")


def calm_down(ctx: Context, gateway: Moody, clock: Clock) -> None:
    """The provider answers again, and the rest is worked off."""
    gateway.calm = True
    with asyncio.Runner() as loop:
        sender = Sender({"sms": gateway}, loop.run, "last")
        for _ in range(12):
            clock.forward(hours=2)
            with transaction(ctx.engine) as conn:
                conn.execute(update(tables.slice_).values(lease_until=clock() - timedelta(days=1000)))
            sweep(ctx, sender)
            while deliver_next(ctx, sender, "normal"):
                pass
    advance(ctx)


@pytest.mark.parametrize("seed", range(3))
def test_no_sms_is_sent_twice_and_none_is_left_behind(ctx: Context, clock: Clock, seed: int) -> None:
    small = replace(ctx, settings=replace(ctx.settings, slice_size=10))
    sent = send_to(small, PEOPLE, door="recommended")
    advance(small)
    gateway = Moody(seed, clock)
    with ThreadPoolExecutor(WORKERS + 1) as pool:
        jobs = [pool.submit(work, small, gateway, seed * 10 + n) for n in range(WORKERS)]
        jobs.append(pool.submit(meddle, small, sent, clock, seed))
        for job in jobs:
            job.result()
    calm_down(small, gateway, clock)
    keys = [message.key for message in gateway.sent]
    assert len(keys) == len(set(keys))
    with transaction(ctx.engine) as conn:
        left = conn.scalars(select(tables.delivery.c.state).where(tables.delivery.c.state.in_((*PENDING, "unknown"))))
        assert left.all() == []
        assert set(conn.scalars(select(tables.slice_.c.state))) == {"done"}
    found = ledger.check(small, {"sms": set(keys)})
    assert (found.lost, found.unexplained, found.differences) == (0, 0, ())
    assert campaigns.report(small, sent.campaign_id)["state"] == ("cancelled" if seed % 2 else "finished")
