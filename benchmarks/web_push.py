"""Web Push, encrypted and signed: `python -m benchmarks.web_push [--profiles N] [--runs R] [--json]`.

ours: messages a second through `channels.push.web_push` in batches of 500, each encrypted for one of 1,000 browsers,
with its VAPID header, over kept lines to a sink on loopback (`benchmarks.web_push_sink`, a process that counts by
Topic; its count must be N, each once). baseline: `pywebpush`, `WebPusher.send` over one kept requests session, with the
same messages and fields and a VAPID header made once, which `webpush()` would sign for each. `to_async`: ours against
its other way, `WebPusher.send_async` over one aiohttp session, as many at once as ours (`async_`, messages a second).
limit: the encryption alone, a new key for each message, nothing posted. One process each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pywebpush
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from tqdm import tqdm

from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.sinks import Sink
from benchmarks.web_push_sink import push_sink
from channels.base import Batch, Message
from channels.push.sealing import payload, seal
from channels.push.subscription import read_subscription
from channels.push.web_push import LINES, PATH, WebPush, topic
from channels.signers.base64url import encode
from channels.signers.vapid import Vapid, public_text

BROWSERS = 1000
BATCH = 500
SUBJECT = "mailto:push@jianglan.example"
TTL = 86_400
_WITH: Any = pywebpush  # it brings requests and aiohttp


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked.profiles, asked.runs), as_json=asked.json)


def measure(profiles: int, runs: int) -> dict[str, Any]:
    """The object to print, with `received` of the last run of ours."""
    start, peak, found = time.perf_counter(), Peak(), Measured("web_push", profiles, "messages/s")
    at_once: list[float] = []
    key = encode(b"\x07" * 32)
    with tempfile.TemporaryDirectory() as folder, push_sink(Path(folder)) as sink, asyncio.Runner() as loop:
        messages = _messages(profiles, sink.url)
        with_requests, with_aiohttp = partial(_requests, messages, key), partial(_aiohttp, messages, key)
        for run in tqdm(range(-1, runs), desc="web_push", leave=False, disable=None):  # the first warms up
            with watching_memory(peak):
                ours = _counted(sink, profiles, lambda: loop.run(_ours(messages, key, sink.url)))
            found.more["received"] = sink.arrived()[0]
            theirs = _counted(sink, profiles, with_requests)
            theirs_at_once = _counted(sink, profiles, lambda: loop.run(with_aiohttp()))
            bare = rate(profiles, partial(_encrypted, messages, sink.url))
            if run >= 0:
                found.ours.append(ours)
                found.baseline.append(theirs)
                found.limit.append(bare)
                at_once.append(theirs_at_once)
    pace = statistics.median(at_once)
    found.more |= {"async_": round(pace, 1), "to_async": round(statistics.median(found.ours) / pace, 2)}
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def _messages(n: int, url: str) -> list[Message]:
    """As many messages, each with its key, to one browser after the other."""
    told = []
    for number in range(min(n, BROWSERS)):
        point = public_text(generate_private_key(SECP256R1()).public_key())
        auth = encode(number.to_bytes(16, "big"))
        told.append(json.dumps({"endpoint": f"{url}/wp/{number}", "p256dh": point, "auth": auth}))
    text = "您关注的人才安居补贴6月30日截止，请打开收件箱查看"
    return [Message(f"{i:032x}", told[i % len(told)], title="人才安居补贴", text=text) for i in range(n)]


def _counted(sink: Sink, n: int, work: Any) -> float:
    """The rate of work that sends n messages. Raises AssertionError unless each arrived, once."""
    sink.ask("/forget")
    pace = rate(n, work)
    assert sink.arrived() == (n, n), (sink.arrived(), n)
    return pace


async def _ours(messages: list[Message], key: str, url: str) -> None:
    channel = WebPush(vapid_key=key, subject=SUBJECT, clock=_now, allowed=(url,))
    for start in range(0, len(messages), BATCH):
        batch = Batch(f"b{start}", tuple(messages[start : start + BATCH]), _now() + timedelta(seconds=20))
        outcomes = await channel.send(batch)
        assert all(one.status == "accepted" for one in outcomes)
    await channel.close()


def _requests(messages: list[Message], key: str) -> None:
    headers = _headers(key, messages[0])
    with _WITH.requests.Session() as session:
        for message in messages:
            pusher = pywebpush.WebPusher(_told(message), requests_session=session)
            answer = pusher.send(payload(message, PATH), {**headers, "topic": topic(message.key).decode()}, ttl=TTL)
            assert answer.status_code == 201


async def _aiohttp(messages: list[Message], key: str) -> None:
    headers, waiting = _headers(key, messages[0]), iter(messages)
    async with _WITH.aiohttp.ClientSession(connector=_WITH.aiohttp.TCPConnector(limit=LINES)) as session:

        async def work() -> None:
            for message in waiting:
                pusher = pywebpush.WebPusher(_told(message), aiohttp_session=session)
                told = {**headers, "topic": topic(message.key).decode()}
                answer = await pusher.send_async(
                    payload(message, PATH), told, ttl=TTL, timeout=_WITH.aiohttp.ClientTimeout(total=20)
                )
                assert answer.status == 201

        await asyncio.gather(*(work() for _ in range(LINES)))


def _headers(key: str, message: Message) -> dict[str, str]:
    """What pywebpush is handed beside the body: the VAPID header, made once, as its documentation allows."""
    origin = str(json.loads(message.to)["endpoint"]).partition("/wp/")[0]
    return {"authorization": Vapid(key, SUBJECT).header(origin, _now()).decode(), "urgency": "normal"}


def _told(message: Message) -> dict[str, Any]:
    """The subscription as pywebpush takes it."""
    told = json.loads(message.to)
    return {"endpoint": told["endpoint"], "keys": {"p256dh": told["p256dh"], "auth": told["auth"]}}


def _encrypted(messages: list[Message], url: str) -> None:
    for message in messages:
        seal(b"x" * 150, read_subscription(message.to, (url,)))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
