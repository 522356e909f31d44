"""The official SDK as a judge: the sandbox takes what it sends, and ours is what it would send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jpush
import pytest
from jpush import common

from channels.base import Batch, Message
from channels.push.jpush import JPushChannel
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from channels.sandbox.wire import Answer, Request
from tests.channels.threads import http_server, in_thread
from tests.clock import Clock

TITLE, TEXT = "新政策", "稳岗返还已开放申报 👍"
DEVICES = ["1a0018970aa", "1a0018970ab"]


def official(url: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The SDK's own push, its server's address replaced."""
    monkeypatch.setitem(common.ZONES["DEFAULT"], "PUSH", f"{url}/v3/")
    client = jpush.JPush("sandbox", secret)
    client.session.trust_env = False
    return client.create_push()


def fill(push: Any, cid: str, sendno: int) -> None:
    """What we push, in the SDK's words."""
    extras = {"policy_id": "7"}
    push.platform = jpush.all_
    push.audience = jpush.audience(jpush.registration_id(*DEVICES))
    push.cid = cid
    push.options = {"sendno": sendno, "time_to_live": 86_400, "apns_production": True}
    push.notification = jpush.notification(
        alert=TEXT,
        android=jpush.android(alert=TEXT, title=TITLE, extras=extras),
        ios=jpush.ios(alert={"title": TITLE, "body": TEXT}, extras=extras),
        hmos=jpush.hmos(alert=TEXT, title=TITLE, category="SUBSCRIPTION", extras=extras),
    )


@pytest.fixture
def captured() -> Iterator[tuple[str, list[Request]]]:
    """A server that keeps requests as they came."""
    kept: list[Request] = []

    async def keep(request: Request) -> Answer:
        kept.append(request)
        return Answer({"sendno": "1", "msg_id": "18"})

    with in_thread(http_server(keep)) as url:
        yield url, kept


def test_ours_is_the_request_that_the_sdk_makes(
    captured: tuple[str, list[Request]], clock: Clock, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, kept = captured
    channel = JPushChannel(url.replace("http://", "jpush+http://sandbox:word@"), clock=clock)
    messages = [Message(f"k{n}", to, TEXT, TITLE, meta={"policy_id": "7"}) for n, to in enumerate(DEVICES)]
    runner.run(channel.send(Batch("b", tuple(messages), clock.now.replace(year=2027))))
    runner.run(channel.close())
    ours = json.loads(kept[0].body)
    push = official(url, "word", monkeypatch)
    fill(push, ours["cid"], ours["options"]["sendno"])
    push.send()
    assert ours == json.loads(kept[1].body)
    assert [(one.method, one.path, one.headers["authorization"]) for one in kept[:1]] == [
        (one.method, one.path, one.headers["authorization"]) for one in kept[1:]
    ]


def test_the_sandbox_takes_what_the_sdk_sends(
    sandbox: Sandbox, root: Path, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = official(sandbox.http_url, key.decode(), monkeypatch)
    fill(push, "sandbox-711261d4-5f17-4d2f-a855-5e5a8909b26e", 18)
    first, again = push.send(), push.send()
    assert first.payload == again.payload
    assert first.payload["sendno"] == "18"
    assert [row.get("repeat", False) for row in rows(journal_path(root, "app"))] == [False, False, True, True]


def test_the_sdk_understands_how_the_sandbox_refuses(
    sandbox: Sandbox, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = official(sandbox.http_url, key.decode(), monkeypatch)
    push.platform, push.notification = jpush.all_, jpush.notification(alert="x")
    push.audience = jpush.registration_id("of-the-dead")
    with pytest.raises(common.JPushFailure) as caught:
        push.send()
    assert caught.value.error_code == 1011
    other = official(sandbox.http_url, "another", monkeypatch)
    other.platform, other.audience, other.notification = push.platform, push.audience, push.notification
    with pytest.raises(common.Unauthorized):
        other.send()
