"""A gateway may answer anything: what is not a clear answer for a message leaves it unknown, and nothing raises."""

from __future__ import annotations

import asyncio
import gzip
import json
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Batch, Message, Outcome
from channels.gateway import _by_key, _known, _outcome
from channels.http import REPLY_LIMIT, RETRY_LIMIT
from channels.sandbox.wire import Answer, Request
from channels.sms.http import HttpSms
from tests.channels.threads import http_server, raw_server, reply_server
from tests.clock import Clock

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text()
    | st.sampled_from(["k1", "accepted", "key", "status", "results"]),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["key", "status", "results", "retry_after"]), inner)
    ),
)


async def ask(server: AbstractAsyncContextManager[str], clock: Clock, *, timeout: float = 5.0) -> list[Outcome]:
    """Sends k1 and k2 to this server."""
    async with server as url:
        channel = HttpSms(url, key=b"k", clock=clock, timeout=timeout)
        messages = (Message("k1", "13800138000"), Message("k2", "13800138000"))
        outcomes = await channel.send(Batch("b", messages, clock() + timedelta(minutes=5)))
        await channel.close()
        return outcomes


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A reply as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def results(*rows: dict[str, Any]) -> bytes:
    """A reply with these rows."""
    return http(json.dumps({"results": list(rows)}).encode())


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (http(b"", status="500 Oops"), "unknown", "http_500"),
        (http(b"", status="502 Oops"), "unknown", "http_502"),
        (http(b"", status="503 Busy"), "deferred", "http_503"),
        (http(b"", status="404 Gone"), "deferred", "http_404"),
        (http(b"", status="400 Bad"), "unknown", "http_400"),
        (http(b"", "Location: http://127.0.0.1:1/", status="302 Away"), "deferred", "http_302"),
        (http(b"not json"), "unknown", "no_answer"),
        (http(b"[" * 100_000), "unknown", "no_answer"),
        (http(b'{"results": {"k1": "accepted"}}'), "unknown", "no_answer"),
        (http(b'[{"key": "k1", "status": "accepted"}]'), "unknown", "no_answer"),
        (http(gzip.compress(b" " * 10**8), "Content-Encoding: gzip"), "unknown", "no_answer"),
        (http(b" " * (REPLY_LIMIT + 1)), "unknown", "oversized_reply"),
        (b"", "unknown", "remote_protocol_error"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "unknown", "remote_protocol_error"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "unknown", "remote_protocol_error"),
        (results({"key": "k1", "status": "sent"}, {"key": "k2", "status": None}), "unknown", ""),
    ],
)
def test_a_reply_that_is_no_answer(reply: bytes, status: str, code: str, runner: asyncio.Runner, clock: Clock) -> None:
    outcomes = runner.run(ask(reply_server(reply), clock))
    assert [(outcome.status, outcome.code) for outcome in outcomes] == [(status, code)] * 2


def test_answers_are_matched_by_key_and_a_missing_one_is_unknown(runner: asyncio.Runner, clock: Clock) -> None:
    reply = results({"key": "k9", "status": "rejected"}, {"key": "k2", "status": "accepted", "id": 7})
    assert runner.run(ask(reply_server(reply), clock)) == [
        Outcome("unknown", "no_answer"),
        Outcome("accepted", "", "7"),
    ]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("5", 5.0), ("99999", 86_400.0), ("soon", None), ("Wed, 24 Jun 2026 01:31:30 GMT", 90.0), ("²", None)],
)
def test_a_retry_after_is_read_by_the_clock_within_a_day(
    header: str, seconds: float | None, runner: asyncio.Runner, clock: Clock
) -> None:
    reply = http(b"", f"Retry-After: {header}", status="429 Slow")
    assert {outcome.retry_after for outcome in runner.run(ask(reply_server(reply), clock))} == {seconds}


@pytest.mark.parametrize(
    ("asked", "seconds"), [(30, 30.0), (2.5, 2.5), (10**400, RETRY_LIMIT), (-1, None), (True, None), ("30", None)]
)
def test_a_wait_for_one_message_is_held_within_a_day(
    asked: object, seconds: float | None, runner: asyncio.Runner, clock: Clock
) -> None:
    reply = results(*({"key": key, "status": "deferred", "retry_after": asked} for key in ("k1", "k2")))
    assert {outcome.retry_after for outcome in runner.run(ask(reply_server(reply), clock))} == {seconds}


async def heard(reader: asyncio.StreamReader, *, within: float) -> bool:
    """Whether the other side says something, or hangs up, within these seconds."""
    try:
        await asyncio.wait_for(reader.read(1), within)
    except TimeoutError:
        return False
    return True


def test_a_reply_that_drips_forever_ends_in_time(runner: asyncio.Runner, clock: Clock) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not await heard(reader, within=0.01):
            writer.write(b" ")

    outcomes = runner.run(ask(raw_server(drip), clock, timeout=0.2))
    assert {(outcome.status, outcome.code) for outcome in outcomes} == {("unknown", "total_timeout")}


def test_a_gateway_that_reads_nothing_is_unknown_not_endless(runner: asyncio.Runner, clock: Clock) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    outcomes = runner.run(ask(raw_server(silent), clock, timeout=0.2))
    assert {outcome.status for outcome in outcomes} == {"unknown"}


def test_batches_go_over_kept_connections(runner: asyncio.Runner, clock: Clock) -> None:
    opened: list[object] = []

    async def answer(request: Request) -> Answer:
        rows = [{"key": row["key"], "status": "accepted"} for row in json.loads(request.body)["messages"]]
        opened.append(asyncio.current_task())  # one task a connection
        return Answer({"results": rows})

    async def twenty() -> None:
        async with http_server(answer) as url:
            channel = HttpSms(url, key=b"k", clock=clock)
            for number in range(20):
                batch = Batch("b", (Message(f"k{number}", "13800138000"),), clock() + timedelta(minutes=1))
                assert (await channel.send(batch))[0].status == "accepted"
            await channel.close()

    runner.run(twenty())
    assert (len(opened), len(set(opened))) == (20, 1)


@given(JSON)
def test_no_json_makes_the_reading_fail(found: Any) -> None:
    for row in _by_key(found).values():
        outcome = _outcome(row)
        assert outcome.status in ("accepted", "deferred", "rejected", "unknown")
        assert outcome.retry_after is None or 0 <= outcome.retry_after <= RETRY_LIMIT
    assert set(_known(found, ["k1"], None)) <= {"k1"}
    assert set(_known({"results": found, "at": found}, ["k1"], None)) <= {"k1"}


@given(st.text(alphabet=st.characters(), max_size=200))
def test_whatever_a_gateway_calls_a_message_can_be_stored(said: str) -> None:
    found = _outcome({"key": "k", "status": "rejected", "code": said + "\0\ud800", "id": "\0" + said})
    for word in (found.code, found.provider_id):
        assert len(word) <= 100
        assert "\0" not in word
        assert word.encode().decode() == word


def test_absence_counts_only_by_the_gateways_own_clock(clock: Clock) -> None:
    found = {"results": {"k1": "absent", "k2": "delivered"}}
    for at in (None, "yesterday", clock().isoformat(), clock().replace(tzinfo=None).isoformat()):
        assert _known({**found, "at": at}, ["k1", "k2"], clock()) == {"k2": "delivered"}
    later = {**found, "at": (clock() + timedelta(seconds=1)).isoformat()}
    assert _known(later, ["k1", "k2"], clock()) == {"k1": "absent", "k2": "delivered"}


def test_the_inbox_row_stands_before_the_push(tmp_path: Path, runner: asyncio.Runner, clock: Clock) -> None:
    from channels.app import AppChannel

    order: list[str] = []

    async def answer(request: Request) -> Answer:
        rows = json.loads(request.body)["messages"]
        order.extend(f"push {row['key']}" for row in rows)
        return Answer({"results": [{"key": row["key"], "status": "rejected", "code": "gone"} for row in rows]})

    async def go(write: Any) -> list[Outcome]:
        async with http_server(answer) as url:
            channel = AppChannel(url, write=write, key=b"k", clock=clock)
            messages = (Message("a", "token"), Message("b", ""))
            outcomes = await channel.send(Batch("x", messages, clock() + timedelta(minutes=1)))
            await channel.close()
            return outcomes

    async def write(messages: Any) -> None:
        order.extend(f"row {message.key}" for message in messages)

    def broken(messages: Any) -> None:
        raise OSError("the database is gone")

    first, second = runner.run(go(write))
    assert order == ["row a", "row b", "push a"]
    assert (first.status, first.code) == ("rejected", "gone")
    assert (second.status, second.code) == ("accepted", "inbox_only")
    assert {outcome.status for outcome in runner.run(go(broken))} == {"unknown"}
    assert order == ["row a", "row b", "push a"]
