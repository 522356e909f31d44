"""Pause, resume, cancel, send, retry, sweep in any order: each message keeps exactly one state, and leaves once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from channels.base import Message, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.retry_these import Wanted, retry_these
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import ending
from pushsvc.store.campaigns import move_campaign
from pushsvc.store.session import transaction
from tests import databases
from tests.clock import Clock
from tests.making import send_to

PEOPLE = 7
ANSWERS = (
    Outcome("accepted"), Outcome("rejected", "http_404"), Outcome("deferred", "busy"), Outcome("unknown", "timeout"),
)  # fmt: skip
ACTIONS = ("send", "send", "send", "advance", "pause", "resume", "retry", "sweep", "cancel", "killed_cancel")


@dataclass
class Stage:
    """A campaign of seven, its gateway, and what the model expects of both."""

    ctx: Context
    sender: Sender
    campaign_id: int
    mood: list[int]
    told: list[str] = field(default_factory=list)
    ended: int | None = None  # how many had been told when it was cancelled

    def answer(self, message: Message) -> Outcome:
        """The next of the drawn answers; accepted ones are counted by key."""
        outcome = ANSWERS[self.mood[len(self.told) % len(self.mood)]]
        self.mood = self.mood[1:] + self.mood[:1]
        if outcome.status == "accepted":
            self.told.append(message.key)
        return outcome


def act(stage: Stage, action: str) -> None:
    """One action; what the campaign's state does not allow is refused by name."""
    ctx, number = stage.ctx, stage.campaign_id
    verbs: dict[str, Callable[[], object]] = {
        "send": lambda: deliver_next(ctx, stage.sender, "normal"),
        "advance": lambda: advance(ctx),
        "pause": lambda: campaigns.pause(ctx, number, "李萌"),
        "resume": lambda: campaigns.resume(ctx, number, "李萌"),
        "retry": lambda: retry_these(ctx, number, Wanted(kind="permanent_config"), actor="李萌"),
        "sweep": lambda: sweep(ctx, stage.sender),
        "cancel": lambda: campaigns.cancel(ctx, number, "李萌"),
        "killed_cancel": lambda: half_cancel(stage),
    }
    try:
        verbs[action]()
    except CampaignError as error:
        if error.code != "state":
            raise
    if campaigns.report(ctx, number)["state"] == "cancelled" and stage.ended is None:
        stage.ended = len(stage.told)


def half_cancel(stage: Stage) -> None:
    """Cancelled by one who died after a slice."""
    with transaction(stage.ctx.engine) as conn:
        if not move_campaign(conn, stage.campaign_id, "cancelled"):
            return
    with transaction(stage.ctx.engine) as conn:
        runs = ending.runs_of(conn, stage.campaign_id)
        ending.end_slices(conn, runs, "cancelled", now=stage.ctx.clock(), limit=1)


def check(stage: Stage) -> None:
    """The model: as many as were planned, each told at most once, none after the end; the ledger agrees."""
    with transaction(stage.ctx.engine) as conn:
        states = Counter(conn.scalars(text("select state from delivery")).all())
        planned = conn.scalar(text("select planned_at is not null from campaign"))
        refused = conn.scalar(text("select count(*) from refusal"))
    assert sum(states.values()) + refused == (PEOPLE if planned else 0)
    assert len(set(stage.told)) == len(stage.told)
    assert states["accepted"] <= len(stage.told)
    assert stage.ended in (None, len(stage.told))
    found = ledger.check(stage.ctx, {"sms": set(stage.told)})
    assert (found.lost, found.unexplained, found.found) == (0, 0, ())


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(st.sampled_from(ACTIONS), min_size=3, max_size=14),
    mood=st.lists(st.integers(0, len(ANSWERS) - 1), min_size=1, max_size=9),
    batch=st.sampled_from([1, 2, 500]),
)
def test_the_ledger_stays_exact_whatever_people_do(
    ctx: Context, clock: Clock, actions: list[str], mood: list[int], batch: int
) -> None:
    databases.empty(ctx.engine)
    small = replace(ctx, settings=replace(ctx.settings, slice_size=3))
    with asyncio.Runner() as loop:
        stage = Stage(small, Sender({}, loop.run, "test"), send_to(small, PEOPLE).campaign_id, mood)
        gateway = MemoryChannel("sms", answer=stage.answer, batch_size=batch)
        stage.sender = replace(stage.sender, channels={"sms": gateway})
        for action in actions:
            act(stage, action)
            check(stage)
            clock.forward(minutes=2)
        sweep(small, stage.sender)
        check(stage)
    if stage.ended is not None:
        with transaction(small.engine) as conn:
            open_ = conn.scalar(text("select count(*) from delivery where state in ('planned', 'sending', 'waiting')"))
        assert open_ == 0
