"""A vendor's adapter makes its own request; what comes back is read whatever its status, within limits."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from channels.http import REPLY_LIMIT, Caller, Failure, Reply, refused
from channels.sandbox.wire import Answer, Request
from tests.channels.threads import http_server, raw_server, reply_server
from tests.clock import Clock


async def call(server: AbstractAsyncContextManager[str], clock: Clock, **more: str) -> Reply | Failure:
    """A POST of `{}` to this server."""
    async with server as url:
        caller = Caller(url, clock=clock, timeout=5.0)
        reply = await caller.call("POST", "/v3/push?a=b%20c", body=b"{}", headers={"X-Odd": "1"}, **more)
        await caller.close()
        return reply


def http(body: bytes, status: str, *headers: str) -> bytes:
    """A reply as it goes over the wire."""
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (http(b'{"code": 1}', "200 OK"), Reply({"code": 1}, 200)),
        (http(b"", "201 Created"), Reply(None, 201)),
        (http(b'{"Code": "Throttling"}', "400 Bad", "Retry-After: 7"), Reply({"Code": "Throttling"}, 400, 7.0)),
        (http(b"[1", "500 Oops"), Reply(None, 500)),
        (http(b" " * (REPLY_LIMIT + 1), "500 Oops"), Reply(None, 500)),
        (b"HTTP/1.1 429 Slow\r\nContent-Length: 9\r\n\r\n{", Reply(None, 429)),
        (http(b"", "302 Away", "Location: http://127.0.0.1:1/"), Reply(None, 302)),
        (http(b" " * (REPLY_LIMIT + 1), "200 OK"), Failure(False, "oversized_reply")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", Failure(False, "remote_protocol_error")),
        (b"", Failure(False, "remote_protocol_error")),
    ],
)
def test_a_reply_of_any_status_is_read(
    answer: bytes, reply: Reply | Failure, runner: asyncio.Runner, clock: Clock
) -> None:
    assert runner.run(call(reply_server(answer), clock)) == reply


def test_the_request_is_the_adapters_own(runner: asyncio.Runner, clock: Clock) -> None:
    seen: list[Request] = []

    async def note(request: Request) -> Answer:
        seen.append(request)
        return Answer({})

    assert runner.run(call(http_server(note), clock, host="push.example:8443")) == Reply({}, 200)
    (request,) = seen
    assert (request.method, request.path, request.body) == ("POST", "/v3/push?a=b%20c", b"{}")
    assert (request.headers["x-odd"], request.headers["accept-encoding"]) == ("1", "identity")
    assert request.headers["host"] == "push.example:8443"


def test_what_was_never_connected_or_never_answered_is_told_apart(runner: asyncio.Runner, clock: Clock) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def short() -> Reply | Failure:
        async with raw_server(silent) as url:
            caller = Caller(url, clock=clock, timeout=0.2)
            reply = await caller.call("GET", "/")
            await caller.close()
            return reply

    nobody = Caller("http://127.0.0.1:1", clock=clock, timeout=5.0)
    assert runner.run(nobody.call("GET", "/")) == Failure(True, "connect_error")
    runner.run(nobody.close())
    said = runner.run(short())
    assert isinstance(said, Failure)
    assert not said.unsent
    assert said.code in ("total_timeout", "read_timeout")


@pytest.mark.parametrize(("status", "unsent"), [(401, True), (429, True), (302, True), (400, False), (502, False)])
def test_a_status_proves_what_it_proves(*, status: int, unsent: bool) -> None:
    assert refused(Reply(None, status, 3.0)) == Failure(unsent, f"http_{status}", 3.0)


def test_a_url_without_http_is_an_error(clock: Clock) -> None:
    with pytest.raises(ValueError, match="must begin with http"):
        Caller("aliyun://x", clock=clock, timeout=1.0)
