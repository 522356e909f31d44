"""The counting sink speaks the gateways' protocol, counts by key, and keeps bodies when told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.sinks import counting_sink
from channels.base import Batch, Message
from channels.push.http import HttpPush
from channels.sms.http import HttpSms

NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)


def batch(first: int, n: int) -> Batch:
    messages = tuple(Message(f"{i:032x}", f"+86138{i:08d}", text="通知", title="标题") for i in range(first, first + n))
    return Batch("batch", messages, NOW + timedelta(seconds=20))


def test_it_accepts_what_both_adapters_send_and_counts_every_key_and_every_repeat(tmp_path: Path) -> None:
    async def send(url: str) -> set[str]:
        channels = [adapter(url, key=b"key", clock=lambda: NOW) for adapter in (HttpSms, HttpPush)]
        said = [await channels[0].send(batch(0, 500)), await channels[0].send(batch(499, 1))]
        said.append(await channels[1].send(batch(1000, 40)))
        for channel in channels:
            await channel.close()
        return {outcome.status for outcomes in said for outcome in outcomes}

    with counting_sink(tmp_path / "sink") as sink:
        assert asyncio.run(send(sink.url)) == {"accepted"}
        assert sink.arrived() == (540, 541)
        assert sink.bodies() == []
        sink.ask("/forget")
        assert sink.arrived() == (0, 0)
        sink.ask("/keep")
        asyncio.run(send(sink.url))
        assert [path for path, _ in sink.bodies()] == ["/sms/send", "/sms/send", "/push/send"]
        assert sink.bodies()[1][1].count(b'"key":') == 1
