"""What every channel keeps, whatever stands behind it. Runs once per implementation."""

from __future__ import annotations

import asyncio
import gc
import json
from datetime import timedelta
from pathlib import Path

import pytest

from channels.base import Batch, ChannelError
from channels.registry import PROVIDERS
from channels.sandbox import Sandbox
from channels.signing import signed_headers
from tests.channels.contract import Stage, set_stage
from tests.clock import Clock


@pytest.fixture(params=sorted(PROVIDERS))
def stage(request: pytest.FixtureRequest, sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """Each provider of the registry in turn."""
    return set_stage(request.param, sandbox, root, key=key, clock=clock)


def test_it_says_what_it_is(stage: Stage) -> None:
    channel = stage.channel
    assert channel.name in ("app", "sms", "email")
    assert channel.provider in PROVIDERS
    assert channel.batch_size >= 1
    assert channel.after_unknown in ("repeat", "accept_duplicate", "settle")


def test_it_answers_for_each_message_and_each_arrives(stage: Stage, runner: asyncio.Runner) -> None:
    keys = [f"k{n}" for n in range(25)]
    outcomes = runner.run(stage.channel.send(stage.batch(*keys)))
    assert [outcome.status for outcome in outcomes] == ["accepted"] * 25
    assert sorted(stage.arrived()) == sorted(keys)
    runner.run(stage.channel.close())


def test_an_empty_batch_has_no_outcomes(stage: Stage, runner: asyncio.Runner) -> None:
    assert runner.run(stage.channel.send(stage.batch())) == []


def test_an_expired_batch_is_deferred_and_nothing_leaves(stage: Stage, runner: asyncio.Runner) -> None:
    batch = stage.batch("late1", "late2", minutes=0)
    assert [outcome.status for outcome in runner.run(stage.channel.send(batch))] == ["deferred", "deferred"]
    assert stage.arrived() == []


def test_batches_may_be_sent_at_once(stage: Stage, runner: asyncio.Runner) -> None:
    async def both() -> list[str]:
        batches = [stage.batch(*(f"{name}{n}" for n in range(10))) for name in "abc"]
        answers = await asyncio.gather(*(stage.channel.send(batch) for batch in batches))
        return [outcome.status for outcomes in answers for outcome in outcomes]

    assert runner.run(both()) == ["accepted"] * 30
    assert len(set(stage.arrived())) == 30
    runner.run(stage.channel.close())


def test_it_may_be_closed_and_used_again(stage: Stage, runner: asyncio.Runner) -> None:
    for key in ("before", "after"):
        assert runner.run(stage.channel.send(stage.batch(key)))[0].status == "accepted"
        runner.run(stage.channel.close())
    assert stage.arrived() == ["before", "after"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a loop that ended took its connections with it
def test_it_works_on_another_loop(stage: Stage) -> None:
    async def once(key: str, *, close: bool) -> str:
        outcomes = await stage.channel.send(stage.batch(key))
        if close:
            await stage.channel.close()
        return outcomes[0].status

    assert [asyncio.run(once("first", close=False)), asyncio.run(once("second", close=True))] == ["accepted"] * 2
    assert stage.arrived() == ["first", "second"]
    gc.collect()  # here, where their warnings are expected


def test_a_repeated_batch_arrives_as_often_as_after_unknown_admits(stage: Stage, runner: asyncio.Runner) -> None:
    for _ in range(2):
        assert runner.run(stage.channel.send(stage.batch("again")))[0].status == "accepted"
    assert stage.arrived() == ["again"] * (1 if stage.channel.after_unknown == "repeat" else 2)
    runner.run(stage.channel.close())


def test_a_query_tells_what_arrived_or_nothing_at_all(stage: Stage, runner: asyncio.Runner) -> None:
    runner.run(stage.channel.send(stage.batch("known")))
    found = runner.run(stage.channel.query(["known", "never"]))
    assert found == {} or (found["known"] in ("accepted", "delivered") and found["never"] == "absent")
    runner.run(stage.channel.close())


def test_absence_proves_nothing_before_the_expiry(stage: Stage, runner: asyncio.Runner) -> None:
    expiry = stage.clock() + timedelta(minutes=5)
    assert "never" not in runner.run(stage.channel.query(["never"], proof_after=expiry))
    stage.clock.forward(minutes=6)
    assert runner.run(stage.channel.query(["never"], proof_after=expiry)).get("never", "absent") == "absent"
    runner.run(stage.channel.close())


def test_odd_text_never_makes_it_raise(stage: Stage, runner: asyncio.Runner) -> None:
    odd = stage.batch("odd", text="\ud800 \x00 \r\n.\r\n 👍 " + "长" * 2000)
    assert [outcome.status for outcome in runner.run(stage.channel.send(odd))] == ["accepted"]
    runner.run(stage.channel.close())


def test_a_forged_callback_is_refused(stage: Stage, clock: Clock) -> None:
    body = json.dumps({"receipts": [{"key": "a", "status": "delivered", "code": ""}]}).encode()
    with pytest.raises(ChannelError) as caught:
        stage.channel.receipts(body, signed_headers(b"another key", body, clock()))
    assert caught.value.code in ("bad_signature", "no_receipts")


def test_a_signed_callback_is_read_where_there_are_receipts(stage: Stage, key: bytes, clock: Clock) -> None:
    body = json.dumps({"receipts": [{"key": "a", "status": "bounced", "code": "UNDELIV", "x": 1}]}).encode()
    if stage.callback is not None:
        batch = stage.batch("a", "b")
        found = stage.channel.receipts(*stage.callback(batch))
        assert [receipt.status for receipt in found] == ["delivered", "delivered"]
        named = [(m.key, "", "") for m in batch.messages], [("", batch.key, m.to) for m in batch.messages]
        by_id = [("", "", m.to) for m in batch.messages] if all(receipt.provider_id for receipt in found) else []
        assert [(receipt.key, receipt.batch, receipt.to) for receipt in found] in (*named, by_id)
        return
    if stage.silent or stage.channel.provider in ("smtp", "inbox", "console"):
        with pytest.raises(ChannelError, match="no "):
            stage.channel.receipts(body, signed_headers(key, body, clock()))
        return
    (receipt,) = stage.channel.receipts(body, signed_headers(key, body, clock()))
    assert (receipt.key, receipt.status, receipt.code, receipt.raw["x"]) == ("a", "bounced", "UNDELIV", 1)


def test_a_dead_provider_defers_everything(stage: Stage, runner: asyncio.Runner) -> None:
    if stage.sandbox is None:  # nothing stands behind it that could die
        return
    asyncio.run_coroutine_threadsafe(_close(stage.sandbox), stage.sandbox.loop).result(10)
    batch: Batch = stage.batch(*(f"k{n}" for n in range(20)))
    outcomes = runner.run(stage.channel.send(batch))
    assert {outcome.status for outcome in outcomes} == {"deferred"}
    assert {outcome.code for outcome in outcomes} <= {"connect", "connect_error"}
    assert runner.run(stage.channel.query(["k1"])) == {}


async def _close(sandbox: Sandbox) -> None:
    sandbox.stop_listening()
