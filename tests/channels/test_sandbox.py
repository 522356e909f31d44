"""The counterpart itself: killed at any moment, posting receipts, refusing what is no request."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.base import Batch, ChannelError, Message
from channels.registry import open_channel
from channels.sandbox import Sandbox, count
from channels.sandbox.wire import Answer, Request
from channels.signing import signed_headers
from channels.sms.http import HttpSms
from tests.channels.contract import Stage, journalled, mail, set_stage
from tests.channels.threads import http_server, in_thread, sandbox_server
from tests.clock import Clock

TOP = Path(__file__).parents[2]


@contextmanager
def process(root: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The sandbox as a process of its own; its addresses."""
    command = [sys.executable, "-m", "channels.sandbox", str(root)]
    env = {**os.environ, "PUSHSVC_GATEWAY_KEY": "k", "PYTHONPATH": str(TOP)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=root.parent) as running:
        assert running.stdout is not None
        try:
            yield running, json.loads(running.stdout.readline())
        finally:
            running.kill()


def channels_to(urls: dict[str, str]) -> list[Any]:
    """An adapter for each of the sandbox's doors, on the real clock as it is another process."""
    clock = lambda: datetime.now(UTC)  # noqa: E731
    gateway = {"url": urls["http"], "key": b"k", "clock": clock, "timeout": 10.0}
    smtp = {"url": urls["smtp"], "sender": "a@b.example", "clock": clock}
    return [open_channel("http_sms", gateway), open_channel("http_push", gateway), open_channel("smtp", smtp)]


async def send_until_it_dies(channel: Any, running: subprocess.Popen[str]) -> set[str]:
    """Sends batches until one is not accepted whole, killing the sandbox on the way; the accepted keys."""
    accepted: set[str] = set()
    for number in range(1000):
        keys = [f"{channel.name}-{number}-{n}" for n in range(20)]
        messages = tuple(Message(key, "13800138000@b.example", "政策", raw=mail(key)) for key in keys)
        if number == 5:
            asyncio.get_running_loop().call_later(0.01, running.send_signal, signal.SIGKILL)
        outcomes = await channel.send(Batch(f"b{number}", messages, datetime.now(UTC) + timedelta(minutes=1)))
        accepted |= {key for key, outcome in zip(keys, outcomes, strict=True) if outcome.status == "accepted"}
        if any(outcome.status != "accepted" for outcome in outcomes):
            break
    await channel.close()
    return accepted


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path, which: int) -> None:
    root = tmp_path / "sandbox"
    with process(root) as (running, urls):
        channel = channels_to(urls)[which]
        accepted = asyncio.run(send_until_it_dies(channel, running))
        assert running.wait(10) == -signal.SIGKILL
    assert len(accepted) >= 100
    assert accepted <= set(journalled(root, channel.name))
    with process(root) as (_, urls):
        again = channels_to(urls)[which]
        if again.name != "email":
            assert set(asyncio.run(ask(again, accepted)).values()) == {"delivered"}
    found = count(root)[channel.name]
    assert found["distinct"] == found["total"] >= len(accepted)


async def ask(channel: Any, keys: set[str]) -> dict[str, str]:
    found: dict[str, str] = await channel.query(sorted(keys))
    await channel.close()
    return found


def test_it_ends_cleanly_when_asked(tmp_path: Path) -> None:
    with process(tmp_path / "sandbox") as (running, _):
        running.terminate()
        assert running.wait(10) == 0


def test_two_sandboxes_do_not_share_a_journal(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> None:
    with pytest.raises(ChannelError) as caught, in_thread(sandbox_server(root, key=key, clock=clock)):
        pass
    assert caught.value.code == "in_use"


def test_a_restarted_push_gateway_still_drops_what_it_has_seen(
    root: Path, key: bytes, clock: Clock, runner: asyncio.Runner
) -> None:
    for _ in range(2):
        with in_thread(sandbox_server(root, key=key, clock=clock)) as running:
            stage = set_stage("http_push", running, root, key=key, clock=clock)
            assert runner.run(stage.channel.send(stage.batch("k1", "k1")))[0].status == "accepted"
            runner.run(stage.channel.close())
    assert count(root)["app"] == {
        "distinct": 1,
        "total": 1,
        "duplicates": 0,
        "repeats": 3,
        "message_ids_equal": True,
    }


def test_receipts_come_signed_and_again_until_they_are_taken(root: Path, key: bytes, clock: Clock) -> None:
    got: list[tuple[str, list[str]]] = []
    refusals = [Answer({}, 503), Answer({}, 500)]
    reader = HttpSms("http://x", key=key, clock=clock)

    async def hook(request: Request) -> Answer | None:
        if refusals:
            return refusals.pop()
        receipts = reader.receipts(request.body, request.headers)
        got.append((request.path, [f"{receipt.key} {receipt.status}" for receipt in receipts]))
        return Answer({}, 204)

    async def send(sandbox: Sandbox) -> None:
        sandbox.faults.tell({"channel": "app", "mode": "bounce"})
        for provider, name in (("http_sms", "a"), ("http_push", "b")):
            stage = set_stage(provider, sandbox, root, key=key, clock=clock)
            await stage.channel.send(stage.batch(f"{name}1", f"{name}2"))
            await stage.channel.close()

    with (
        in_thread(http_server(hook)) as url,
        in_thread(sandbox_server(root, key=key, clock=clock, hooks_url=url)) as sandbox,
    ):
        asyncio.run(send(sandbox))
        assert sandbox.receipts is not None
        asyncio.run_coroutine_threadsafe(sandbox.receipts.settled(), sandbox.loop).result(20)
    assert got == [("/hooks/sms", ["a1 delivered", "a2 delivered"]), ("/hooks/app", ["b1 bounced", "b2 bounced"])]


def test_the_journal_holds_no_address(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, runner: asyncio.Runner
) -> None:
    for provider in ("http_sms", "http_push", "smtp"):
        stage: Stage = set_stage(provider, sandbox, root, key=key, clock=clock)
        runner.run(stage.channel.send(stage.batch("k1")))
        runner.run(stage.channel.close())
        text = (root / f"{stage.channel.name}.jsonl").read_text(encoding="utf-8")
        assert stage.batch("x").messages[0].to not in text
        assert "政策" not in text


def test_faults_and_counts_can_be_asked_over_http(sandbox: Sandbox) -> None:
    with httpx.Client(base_url=sandbox.http_url, trust_env=False) as client:
        assert client.get("/healthz").json() == {"ok": True}
        assert client.get("/count").json()["sms"]["total"] == 0
        assert client.post("/faults", json={"channel": "sms", "mode": "refuse"}).status_code == 200
        answer = client.post("/faults", json={"channel": "sms", "mode": "explode"})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_fault")
    assert sandbox.faults.next("sms", ["x"]) is not None


SENT = {"batch_key": "b", "expires_at": "2026-06-24T12:00:00+08:00", "messages": [{"key": "k", "to": "1"}]}


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/sms/send", b"{", 400),
        ("/sms/send", [], 400),
        ("/sms/send", {**SENT, "messages": 1}, 400),
        ("/sms/send", {**SENT, "messages": [{"key": "k"}]}, 400),
        ("/sms/send", {**SENT, "expires_at": "soon"}, 400),
        ("/sms/send", {**SENT, "expires_at": "2026-06-24T12:00:00"}, 400),
        ("/sms/send", {**SENT, "messages": SENT["messages"] * 5001}, 400),  # type: ignore[operator]
        ("/sms/query", {"keys": [1]}, 400),
        ("/sms/query", b"[" * 100_000, 400),
        ("/email/send", SENT, 404),
        ("/sms/other", {}, 404),
        ("/fax/send", SENT, 404),
        ("/sms/send", SENT, 200),
    ],
)
def test_what_is_no_request_is_refused(
    sandbox: Sandbox, key: bytes, clock: Clock, root: Path, path: str, content: object, status: int
) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    with httpx.Client(base_url=sandbox.http_url, trust_env=False) as client:
        assert client.post(path, content=body, headers=signed_headers(key, body, clock())).status_code == status
        assert client.post(path, content=body, headers=signed_headers(b"x", body, clock())).status_code in (401, 404)
    assert journalled(root, "sms") == (["k"] if status == 200 else [])


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /faults HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /faults HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /faults HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_broken_http_is_answered_and_cut(sandbox: Sandbox, request_bytes: bytes) -> None:
    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.http_port)
        writer.write(request_bytes)
        answer = await reader.read()
        writer.close()
        return answer

    assert asyncio.run(talk()).startswith(b"HTTP/1.1 400 ")
