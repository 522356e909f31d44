"""Do planning and delivering cost more a recipient where there are more? For `benchmarks.growth`.

Two databases, people as in `people_filling.REAL`, one ten times the other, measured in turn in one process. plan: the
whole audience. deliver: `DELIVERED` recipients a run, the SMS of what was planned, to the in-memory provider: a
worker's cost where the tables behind it are large. The clock stands at ten in the morning.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import select
from tqdm import tqdm

from benchmarks.campaign_filling import begin_again, fill_campaign
from benchmarks.databases import fresh_context, own_servers
from benchmarks.measuring import Peak, watching_memory
from benchmarks.people_filling import MORNING, fill_people
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.settings import Settings
from pushsvc.store.session import transaction
from pushsvc.store.tables import campaign, slice_

DELIVERED = 20_000
Took = dict[int, list[float]]  # size → microseconds a recipient


@dataclass(frozen=True)
class Place:
    """Where the two cities lie: in a folder that is kept, and filled once; None: in one of their own. PostgreSQL's
    buffers in MB."""

    folder: str | None = None
    buffers_mb: int | None = None


ANEW = Place()


def measure(sizes: tuple[int, int], runs: int, *, deliver: bool, place: Place) -> tuple[dict[str, Took], float]:
    """Microseconds a recipient of each size, by step ("plan", and "deliver" where asked), and MB of PSS at most."""
    found: dict[str, Took] = {"plan": {size: [] for size in sizes}}
    peak = Peak()
    with own_servers(place.folder, place.buffers_mb) as (settings, _), ExitStack() as stack:
        cities = {size: stack.enter_context(_city(settings, size, keep=bool(place.folder))) for size in sizes}
        for _ in tqdm(range(runs), desc="plan", leave=False, disable=None):
            for size, (ctx, campaign) in cities.items():
                begin_again(ctx, [campaign])
                with watching_memory(peak):
                    found["plan"][size].append(_timed_plan(ctx, campaign, size))
        if deliver:
            found["deliver"] = {size: [] for size in sizes}
            for run in tqdm(range(-1, runs), desc="deliver", leave=False, disable=None):  # the first warms up
                for size, (ctx, campaign) in cities.items():
                    _keep_due(ctx, campaign)
                    took = _timed_delivery(ctx, min(DELIVERED, sizes[0] // (5 * (runs + 1))))
                    if run >= 0:
                        found["deliver"][size].append(took)
    return found, peak.mb


@contextmanager
def _city(settings: Settings, size: int, *, keep: bool) -> Iterator[tuple[Context, int]]:
    with fresh_context(settings, f"growth{size}", keep=keep) as real:
        ctx = replace(real, clock=lambda: MORNING)
        with transaction(ctx.engine) as conn:
            known = conn.scalar(select(campaign.c.id))
        if known is None:
            fill_people(ctx, size)
        yield ctx, known or fill_campaign(ctx, "growth", (0, size))


def _timed_plan(ctx: Context, campaign: int, size: int) -> float:
    start = time.perf_counter()
    done = plan(ctx, campaign)
    assert done == size, done
    return 1e6 * (time.perf_counter() - start) / size


def _keep_due(ctx: Context, campaign: int) -> None:
    """Plan it again where no SMS are left: a small city's are soon sent."""
    left = select(slice_.c.id).where(slice_.c.channel == "sms", slice_.c.state == "ready", slice_.c.due_at <= MORNING)
    with transaction(ctx.engine) as conn:
        if conn.execute(left.limit(1)).first() is not None:
            return
    begin_again(ctx, [campaign])
    plan(ctx, campaign)


def _timed_delivery(ctx: Context, least: int) -> float:
    """Slices of SMS until so many were sent; a new provider each time, which keeps what it is given."""
    sms = MemoryChannel("sms")
    with asyncio.Runner() as runner:
        sender = Sender(channels={"sms": sms}, run=runner.run, worker="growth")
        start = time.perf_counter()
        while len(sms.sent) < least and deliver_next(ctx, sender, "bulk"):
            pass
        assert sms.sent, "no message was planned"
        return 1e6 * (time.perf_counter() - start) / len(sms.sent)
