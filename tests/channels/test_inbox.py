"""The inbox and the small channels: callables of both kinds, and what goes wrong inside them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import timedelta

import pytest

from channels.base import ChannelError, Message, Outcome
from channels.console import ConsoleChannel
from channels.inbox import InboxChannel
from channels.memory import MemoryChannel
from tests.channels.contract import InboxRows, Stage
from tests.clock import Clock


def stage_of(channel: InboxChannel | ConsoleChannel | MemoryChannel, clock: Clock) -> Stage:
    return Stage(channel, clock, list)


def test_an_async_store_is_awaited(runner: asyncio.Runner, clock: Clock) -> None:
    table = InboxRows()

    async def write(messages: Sequence[Message]) -> None:
        table.write(messages)

    async def look(keys: Sequence[str]) -> list[str]:
        return table.look(keys)

    channel = InboxChannel(write=write, look=look, clock=clock)
    assert runner.run(channel.send(stage_of(channel, clock).batch("a", "a")))[1].status == "accepted"
    assert runner.run(channel.query(["a", "b"])) == {"a": "accepted", "b": "absent"}
    assert runner.run(channel.query(["a", "b"], proof_after=clock() + timedelta(1))) == {"a": "accepted"}


def test_a_store_that_fails_leaves_the_batch_unknown_and_answers_no_query(runner: asyncio.Runner, clock: Clock) -> None:
    def broken(_: object) -> list[str]:
        raise OSError("gone")

    channel = InboxChannel(write=broken, look=broken, clock=clock)  # type: ignore[arg-type]
    outcomes = runner.run(channel.send(stage_of(channel, clock).batch("a", "b")))
    assert outcomes == [Outcome("unknown", "inbox_OSError")] * 2
    assert runner.run(channel.query(["a"])) == {}
    assert runner.run(InboxChannel(write=broken, clock=clock).query(["a"])) == {}  # type: ignore[arg-type]


def test_the_console_masks_addresses_and_prints_no_terminal_codes(runner: asyncio.Runner, clock: Clock) -> None:
    stream = io.StringIO()
    channel = ConsoleChannel(stream=stream, clock=clock)
    stage = stage_of(channel, clock)
    runner.run(channel.send(stage.batch("a", text="您好\x1b[2J\r\n再见")))
    runner.run(channel.send(stage.batch("b", to="12345")))
    first, second = stream.getvalue().splitlines()
    assert first == "sms a → 13***00: 政策 您好�[2J 再见"
    assert "12345" not in second


def test_a_closed_console_leaves_the_batch_unknown(runner: asyncio.Runner, clock: Clock) -> None:
    stream = io.StringIO()
    stream.close()
    channel = ConsoleChannel(stream=stream)
    assert runner.run(channel.send(stage_of(channel, clock).batch("a")))[0].status == "unknown"


def test_a_memory_channel_answers_as_it_is_told(runner: asyncio.Runner, clock: Clock) -> None:
    said = {"a": Outcome("accepted"), "b": Outcome("deferred", "busy", retry_after=3.0)}
    channel = MemoryChannel("email", answer=lambda message: said[message.key])
    assert runner.run(channel.send(stage_of(channel, clock).batch("a", "b"))) == list(said.values())
    assert [message.key for message in channel.sent] == ["a"]
    assert len(channel.batches) == 1
    runner.run(channel.close())
    assert channel.closed


def test_a_memory_channel_without_a_clock_reads_no_receipts() -> None:
    with pytest.raises(ChannelError, match="without a clock"):
        MemoryChannel().receipts(b"{}", {})
