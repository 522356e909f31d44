"""What each fault of a gateway means for a batch: what is said, what arrived, what a query proves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from channels.sandbox import Sandbox
from tests.channels.contract import Stage, set_stage
from tests.clock import Clock

PROVIDERS = ["http_sms", "http_push", "app"]
FAULTS = [
    ("refuse", "rejected", "refused", False),
    ("defer", "deferred", "busy", False),
    ("bounce", "accepted", "", True),
    ("429", "deferred", "http_429", False),
    ("500", "unknown", "http_500", False),
    ("500_after", "unknown", "http_500", True),
    ("hang", "unknown", "total_timeout", False),
    ("hang_up", "unknown", "", False),
    ("hang_up_after", "unknown", "", True),
    ("garbled", "unknown", "", True),
    ("answer_late", "unknown", "", True),
]


@pytest.fixture(params=PROVIDERS)
def stage(request: pytest.FixtureRequest, sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """Each gateway adapter, quick to lose patience."""
    return set_stage(request.param, sandbox, root, key=key, clock=clock, timeout=0.4)


def tell(stage: Stage, mode: str, **more: object) -> None:
    assert stage.sandbox is not None
    stage.sandbox.faults.tell({"channel": stage.channel.name, "mode": mode, "seconds": 30, **more})


@pytest.mark.parametrize(("mode", "status", "code", "arrives"), FAULTS)
def test_a_fault_is_told_as_it_is(
    stage: Stage, runner: asyncio.Runner, mode: str, status: str, code: str, arrives: bool
) -> None:
    tell(stage, mode)
    outcomes = runner.run(stage.channel.send(stage.batch("k1", "k2", "k3")))
    assert {outcome.status for outcome in outcomes} == {status}
    assert not code or {outcome.code for outcome in outcomes} == {code}
    assert stage.arrived() == (["k1", "k2", "k3"] if arrives else [])
    runner.run(stage.channel.close())


@pytest.mark.parametrize(
    ("mode", "known"), [("hang_up", "absent"), ("hang_up_after", "delivered"), ("garbled", "delivered")]
)
def test_a_query_settles_what_is_unknown(stage: Stage, runner: asyncio.Runner, mode: str, known: str) -> None:
    tell(stage, mode)
    batch = stage.batch("k1")
    runner.run(stage.channel.send(batch))
    stage.clock.forward(minutes=6)
    assert runner.run(stage.channel.query(["k1"], proof_after=batch.expires_at)) == {"k1": known}
    runner.run(stage.channel.close())


def test_too_many_requests_say_when_to_come_back(stage: Stage, runner: asyncio.Runner) -> None:
    tell(stage, "429")
    assert runner.run(stage.channel.send(stage.batch("k1")))[0].retry_after == 30
    assert runner.run(stage.channel.send(stage.batch("k1")))[0].status == "accepted"
    runner.run(stage.channel.close())


def test_members_may_fare_differently(stage: Stage, runner: asyncio.Runner) -> None:
    tell(stage, "refuse", match="9")
    first, second = stage.batch("good", to="13800138000"), stage.batch("bad", to="13800138009")
    batch = type(first)("both", first.messages + second.messages, first.expires_at)
    assert [outcome.status for outcome in runner.run(stage.channel.send(batch))] == ["accepted", "rejected"]
    assert stage.arrived() == ["good"]
    runner.run(stage.channel.close())


def test_a_bounced_message_is_found_rejected(stage: Stage, runner: asyncio.Runner) -> None:
    tell(stage, "bounce")
    runner.run(stage.channel.send(stage.batch("k1")))
    assert runner.run(stage.channel.query(["k1"])) == {"k1": "rejected"}
    runner.run(stage.channel.close())


def test_a_request_the_gateway_finds_expired_is_proven_unsent(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, runner: asyncio.Runner
) -> None:
    behind = Clock(clock() - timedelta(minutes=4))  # this worker's clock stands four minutes behind the gateway's
    stage = set_stage("http_sms", sandbox, root, key=key, clock=behind)
    outcome = runner.run(stage.channel.send(stage.batch("k1", minutes=3)))[0]
    assert (outcome.status, outcome.code) == ("deferred", "expired")
    assert stage.arrived() == []
    runner.run(stage.channel.close())


def test_another_key_is_turned_away(sandbox: Sandbox, root: Path, clock: Clock, runner: asyncio.Runner) -> None:
    stage = set_stage("http_sms", sandbox, root, key=b"another key", clock=clock)
    outcome = runner.run(stage.channel.send(stage.batch("k1")))[0]
    assert (outcome.status, outcome.code) == ("deferred", "http_401")
    assert runner.run(stage.channel.query(["k1"])) == {}
    assert stage.arrived() == []
    runner.run(stage.channel.close())
