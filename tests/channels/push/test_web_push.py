"""What each answer of a push service means for its message, and what one that misbehaves does to the others."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from channels.base import Batch, ChannelError, Message, Outcome
from channels.push.answers import Answer
from channels.push.web_push import DAY, LINES, WebPush, outcome, topic
from channels.reasons import REASONS, kind, reason, troubled
from channels.registry import open_channel
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from channels.sandbox.wire import Answer as Said
from channels.sandbox.wire import Request
from tests.channels.contract import Stage, set_stage
from tests.channels.stages.web_push import SUBJECT, VAPID_KEY, Browsers
from tests.channels.threads import http_server, in_thread, raw_server, reply_server
from tests.clock import Clock


@pytest.fixture
def stage(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """The adapter before the sandbox."""
    return set_stage("web_push", sandbox, root, key=key, clock=clock, timeout=10.0)


def opened(clock: Clock, *urls: str, **more: Any) -> WebPush:
    """An adapter that may post to these origins."""
    return WebPush(vapid_key=VAPID_KEY, subject=SUBJECT, clock=clock, **{"timeout": 10.0, "allowed": urls, **more})


def send(runner: asyncio.Runner, channel: WebPush, stage: Stage, messages: list[Message]) -> list[Outcome]:
    """Send them, and close."""
    batch = Batch("b", tuple(messages), stage.batch("x").expires_at)

    async def once() -> list[Outcome]:
        found = await channel.send(batch)
        await channel.close()
        return found

    return runner.run(once())


@pytest.mark.parametrize(
    ("mode", "status", "code", "arrives"),
    [
        ("refuse", "rejected", "http_410", False),
        ("429", "deferred", "http_429", False),
        ("500", "unknown", "http_500", False),
        ("500_after", "unknown", "http_500", True),
        ("hang_up", "unknown", "read_error", False),
        ("hang_up_after", "unknown", "read_error", True),
    ],
)
def test_a_fault_hits_one_message(
    stage: Stage, runner: asyncio.Runner, *, mode: str, status: str, code: str, arrives: bool
) -> None:
    assert stage.sandbox is not None
    stage.sandbox.faults.tell({"channel": "app", "mode": mode, "match": "bad"})
    found = runner.run(stage.channel.send(stage.batch("good1", "bad", "good2")))
    assert [one.status for one in found] == ["accepted", status, "accepted"]
    assert found[1].code == code
    assert ("bad" in stage.arrived()) == arrives
    runner.run(stage.channel.close())


@pytest.mark.parametrize(("mode", "arrives"), [("hang", False), ("answer_late", True)])
def test_one_that_is_slow_is_waited_for_in_vain(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, runner: asyncio.Runner, *, mode: str, arrives: bool
) -> None:
    stage = set_stage("web_push", sandbox, root, key=key, clock=clock, timeout=3.0)
    sandbox.faults.tell({"channel": "app", "mode": mode, "match": "bad", "seconds": 60})
    found = runner.run(stage.channel.send(stage.batch("good", "bad")))
    assert [(one.status, one.code) for one in found] == [("accepted", ""), ("unknown", "total_timeout")]
    assert ("bad" in stage.arrived()) == arrives
    runner.run(stage.channel.close())


def test_a_repeat_after_an_unknown_end_arrives_once(stage: Stage, runner: asyncio.Runner) -> None:
    assert stage.sandbox is not None
    stage.sandbox.faults.tell({"channel": "app", "mode": "500_after"})
    batch = stage.batch("again")
    assert [runner.run(stage.channel.send(batch))[0].status for _ in range(2)] == ["unknown", "accepted"]
    assert stage.arrived() == ["again"]
    runner.run(stage.channel.close())


def test_what_is_said_travels_sealed_and_lives_a_day(stage: Stage, runner: asyncio.Runner, root: Path) -> None:
    batch = stage.batch("wire-key", text="您有一条新政策")
    runner.run(stage.channel.send(batch))
    (row,) = rows(journal_path(root, "app"))
    assert (row["ttl"], row["urgency"]) == (DAY + 300, "normal")
    assert row["key"] == f"wire-key:{topic('wire-key').decode()}"
    body = base64.b64decode(row["body"])
    assert "政策".encode() not in body
    assert b"wire-key" not in body
    runner.run(stage.channel.close())


@pytest.mark.parametrize(("asked", "sent"), [("high", "high"), ("very-low", "very-low"), ("high\r\nX: y", "normal")])
def test_the_urgency_is_one_that_rfc_8030_knows(
    stage: Stage, runner: asyncio.Runner, root: Path, *, asked: str, sent: str
) -> None:
    stage.meta = {"urgency": asked}
    runner.run(stage.channel.send(stage.batch("k")))
    assert [row["urgency"] for row in rows(journal_path(root, "app"))] == [sent]
    runner.run(stage.channel.close())


@given(st.text(max_size=64), st.text(max_size=64))
def test_a_topic_is_its_keys_own(one: str, other: str) -> None:
    assert re.fullmatch(rb"[A-Za-z0-9_-]{1,32}", topic(one))
    assert (topic(one) == topic(other)) == (one.encode(errors="replace") == other.encode(errors="replace"))


def test_another_subject_or_a_bad_key_is_a_bad_option(clock: Clock) -> None:
    for options in ({"vapid_key": "x", "subject": SUBJECT}, {"vapid_key": VAPID_KEY, "subject": "x"}):
        with pytest.raises(ChannelError) as caught:
            open_channel("web_push", {**options, "clock": clock})
        assert caught.value.code == "bad_option"


@pytest.mark.parametrize(
    ("status", "expected", "what"),
    [
        (200, "accepted", "accepted"),
        (201, "accepted", "accepted"),
        (202, "accepted", "accepted"),
        (307, "deferred", "transient"),
        (400, "deferred", "account"),
        (401, "deferred", "account"),
        (403, "deferred", "account"),
        (404, "rejected", "permanent"),
        (410, "rejected", "permanent"),
        (413, "rejected", "permanent"),
        (429, "deferred", "throttled"),
        (500, "unknown", "unknown"),
        (502, "unknown", "unknown"),
        (503, "deferred", "throttled"),
    ],
)
def test_what_a_status_means(clock: Clock, *, status: int, expected: str, what: str) -> None:
    found = outcome(Answer(status, "https://push.example/m/abc?x=1", "7"), clock())
    assert (found.status, kind("web_push", found)) == (expected, what)
    known = reason("web_push", f"http_{status}")
    assert known is not None
    assert known.suppress == (status in (404, 410))
    if expected == "accepted":
        assert found.provider_id == "abc"
    assert found.retry_after == (7.0 if expected == "deferred" else None)


@given(st.integers(100, 599), st.text(max_size=300), st.none() | st.text(max_size=20))
@limits(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_head_has_an_outcome_that_can_be_stored(
    clock: Clock, status: int, location: str, retry_after: str | None
) -> None:
    found = outcome(Answer(status, location, retry_after), clock())
    assert found.provider_id.isascii()
    assert len(found.provider_id) <= 100
    assert found.code in ("", f"http_{status}")
    assert not found.code or reason("web_push", found.code) in (*REASONS.values(), None)


def test_a_dead_subscription_says_nothing_against_the_service() -> None:
    assert not troubled("web_push", Outcome("rejected", "http_410"))
    assert troubled("web_push", Outcome("unknown", "http_500"))


def test_what_is_no_subscription_is_rejected_and_the_rest_goes(stage: Stage, runner: asyncio.Runner) -> None:
    good = stage.batch("good").messages[0]
    elsewhere = good.to.replace("http://127.0.0.1", "https://10.0.0.1")
    batch = [Message("a", "x"), good, Message("b", elsewhere), Message("c", "{}")]
    found = runner.run(stage.channel.send(Batch("b", tuple(batch), stage.batch("x").expires_at)))
    codes = [one.code for one in found]
    assert codes == ["bad_subscription", "", "host_not_allowed", "bad_subscription"]
    assert [one.status for one in found] == ["rejected", "accepted", "rejected", "rejected"]
    runner.run(stage.channel.close())


def test_one_that_hangs_holds_up_no_other(stage: Stage, runner: asyncio.Runner, clock: Clock) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    assert stage.sandbox is not None
    with in_thread(raw_server(never)) as url:
        browsers, slow = Browsers(stage.sandbox.http_url), Browsers(url)
        channel = opened(clock, stage.sandbox.http_url, url, timeout=3.0)
        messages = [Message(f"s{n}", slow.subscription(f"s{n}"), text="x") for n in range(60)]
        messages += [Message(f"g{n}", browsers.subscription(f"g{n}"), text="x") for n in range(60)]
        found = send(runner, channel, stage, messages)
    assert {one.status for one in found[60:]} == {"accepted"}
    assert {one.status for one in found[:60]} == {"unknown", "deferred"}
    assert sum(one.status == "unknown" for one in found[:60]) == LINES // 2, "the rest never left"


def test_one_that_is_shut_is_tried_once_a_line_and_not_waited_for(runner: asyncio.Runner, stage: Stage) -> None:
    closed = "http://127.0.0.1:9"
    browsers = Browsers(closed)
    messages = [Message(f"k{n}", browsers.subscription("one"), text="x") for n in range(100)]
    found = send(runner, opened(stage.clock, closed), stage, messages)
    assert {(one.status, one.code) for one in found} == {("deferred", "connect_error")}
    assert {kind("web_push", one) for one in found} == {"transient"}


def counted(at: dict[str, int]) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
    """A push service that counts lines and what comes on them, and answers 201 to all."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at["lines"] = at.get("lines", 0) + 1
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            assert found is not None
            await reader.readexactly(int(found[1]))
            at["requests"] = at.get("requests", 0) + 1
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")

    return talk


def test_lines_are_bounded_and_kept(stage: Stage, runner: asyncio.Runner, clock: Clock) -> None:
    at: dict[str, int] = {}
    with in_thread(raw_server(counted(at))) as url:
        browsers, channel = Browsers(url), opened(clock, url)
        to = browsers.subscription("one")
        batch = stage.batch(*(f"k{n}" for n in range(200)), to=to)

        async def twice() -> list[Outcome]:
            found = await channel.send(batch) + await channel.send(batch)
            await channel.close()
            return found

        assert {one.status for one in runner.run(twice())} == {"accepted"}
    assert at == {"lines": LINES, "requests": 400}


def test_nothing_leaves_at_the_expiry(stage: Stage, runner: asyncio.Runner, clock: Clock) -> None:
    async def late(request: Request) -> Said:
        clock.forward(minutes=10)
        return Said({}, 201)

    with in_thread(http_server(late)) as url:
        to = Browsers(url).subscription("one")
        messages = [Message(f"k{n}", to, text="x") for n in range(LINES * 3)]
        found = send(runner, opened(clock, url), stage, messages)
    sent = [one for one in found if one.status == "accepted"]
    assert 1 <= len(sent) <= LINES
    assert {(one.status, one.code) for one in found if one not in sent} == {("deferred", "expired")}


REPLIES = [
    (b"HTTP/1.1 201 Created\r\nLocation: /m/x", "unknown", "read_error"),
    (b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nx", "accepted", ""),
    (b"HTTP/1.1 410 Gone\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 70_000, "rejected", "http_410"),
    (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\n\r\n", "accepted", ""),
    (
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
        "deferred",
        "",
    ),
    (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "unknown", "read_error"),
    (b"HTTP/1.1 201 " + b"x" * 100_000, "unknown", "read_error"),
    (b"SSH-2.0-OpenSSH\r\n", "unknown", "read_error"),
    (b"", "unknown", "read_error"),
]


@pytest.mark.parametrize(("reply", "status", "code"), REPLIES)
def test_odd_answers(
    stage: Stage, runner: asyncio.Runner, clock: Clock, *, reply: bytes, status: str, code: str
) -> None:
    with in_thread(reply_server(reply)) as url:
        found = send(runner, opened(clock, url), stage, [Message("k", Browsers(url).subscription("one"), text="x")])
    assert found[0].status == status
    assert not code or found[0].code == code


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"HTTP/1.1 2" + tail))
@limits(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_makes_it_raise(stage: Stage, runner: asyncio.Runner, clock: Clock, reply: bytes) -> None:
    with in_thread(reply_server(reply)) as url:
        (found,) = send(runner, opened(clock, url), stage, [Message("k", Browsers(url).subscription("one"), text="x")])
    assert found.status in ("accepted", "unknown", "deferred", "rejected")
