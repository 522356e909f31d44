"""One step of the sweep, or one provider, may fail: the others are done, and it is tried again in the next round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from channels.base import Known, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.alone import alone
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.sweep import sweep
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, prefer
from tests.registering import ask

Memory = dict[str, MemoryChannel]


class Garbled(MemoryChannel):
    """Answers no question in a way that can be read."""

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        raise ValueError("no JSON")


def unknown(message: object) -> Outcome:
    return Outcome("unknown", "timeout")


@pytest.fixture
def three(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> Sender:
    """One message on each channel whose fate nobody knows; the SMS gateway's answers cannot be read."""
    memory |= {"sms": Garbled("sms", clock=clock, answer=unknown)}
    memory["app"] = MemoryChannel("app", clock=clock, after_unknown="settle", answer=unknown)
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        people = [make_person(conn, ctx, n, channels=(name,), consent=("notify",)) for n, name in enumerate(memory)]
        choose(conn, ctx, campaign, people)
    plan(ctx, campaign)
    memory["email"]._answer = unknown
    while deliver_next(ctx, sender, "normal"):
        pass
    clock.forward(minutes=10)
    return sender


def test_a_provider_whose_answers_cannot_be_read_stops_nobody_elses(
    ctx: Context, three: Sender, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    swept = sweep(ctx, three)
    assert swept.settled == 2
    states = dict(ask(ctx, "select channel, state from delivery"))
    assert states == {"app": "planned", "sms": "unknown", "email": "planned"}
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == ["settling sms failed"]


def test_the_steps_after_it_are_taken_too(ctx: Context, three: Sender, clock: Clock) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 9, consent=("notify",))
        prefer(conn, ctx, person, cadence="daily")
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx, "policy-2"))
        choose(conn, ctx, campaign, [person])
    plan(ctx, campaign)
    clock.forward(days=1)
    swept = sweep(ctx, three)
    assert (swept.digests, swept.settled) == (1, 2)


def test_a_step_that_fails_is_logged_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    assert (alone("counting", lambda: 1 // 0, -1), alone("counting", lambda: 3, -1)) == (-1, 3)
    assert [record.getMessage() for record in caplog.records] == ["counting failed; what is beside it goes on"]


def test_whoever_ends_the_worker_ends_the_round() -> None:
    def killed() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        alone("counting", killed, 0)
