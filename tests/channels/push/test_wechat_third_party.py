"""WeChat by other hands: wechatpy talks to the sandbox as we do, and reads the events that we read."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest
from wechatpy import WeChatClient, parse_message
from wechatpy.exceptions import InvalidSignatureException, WeChatClientException
from wechatpy.utils import check_signature

from channels.base import ChannelError
from channels.push.wechat import WeChatChannel
from channels.push.wechat_events import checked_query, read_event
from channels.sandbox import Sandbox
from tests.channels.contract import Stage, set_stage
from tests.channels.push.test_wechat_events import JOB, SENT
from tests.clock import Clock

TOKEN = "token-of-the-account"


@pytest.fixture
def stage(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """Our adapter before the sandbox."""
    return set_stage("wechat_mp", sandbox, root, key=key, clock=clock)


def client(sandbox: Sandbox, key: bytes, token: str) -> Any:
    """wechatpy's client, which believes the sandbox to be WeChat."""

    class Here(WeChatClient):  # type: ignore[misc]  # untyped
        API_BASE_URL = f"{sandbox.http_url}/cgi-bin/"

    return Here("sandbox", key.decode(), access_token=token, auto_retry=False)


def stable_token(sandbox: Sandbox, key: bytes) -> str:
    """The token that WeChat hands out, asked for by wechatpy's transport."""
    told = {"grant_type": "client_credential", "appid": "sandbox", "secret": key.decode()}
    found = client(sandbox, key, "none").post("stable_token", data=told)
    assert found["expires_in"] > 0
    return str(found["access_token"])


def test_its_client_is_taken_by_the_sandbox_with_our_message(
    stage: Stage, sandbox: Sandbox, key: bytes, runner: asyncio.Runner
) -> None:
    assert isinstance(stage.channel, WeChatChannel)
    content = stage.channel.content(stage.batch("k1").messages[0])
    said = client(sandbox, key, stable_token(sandbox, key)).post("message/subscribe/bizsend", data=content)
    assert said["errcode"] == 0
    assert stage.arrived() == ["k1"]
    runner.run(stage.channel.close())


def test_it_hears_the_same_refusals(stage: Stage, sandbox: Sandbox, key: bytes) -> None:
    assert isinstance(stage.channel, WeChatChannel)
    content = stage.channel.content(stage.batch("k1", to="openid-of-somebody-stop").messages[0])
    for token, code in ((stable_token(sandbox, key), 43101), ("forged", 40001)):
        with pytest.raises(WeChatClientException) as caught:
            client(sandbox, key, token).post("message/subscribe/bizsend", data=content)
        assert caught.value.errcode == code


@pytest.mark.parametrize("event", [SENT, JOB])
def test_it_reads_the_events_that_we_read(event: str) -> None:
    theirs = parse_message(event)
    (ours,) = read_event(event.encode())
    assert ours.to == theirs.source
    assert ours.status == "delivered"


def test_a_signature_that_it_makes_is_one_that_we_take(clock: Clock) -> None:
    stamp, nonce = str(int(clock().timestamp())), "nonce"
    signature = hashlib.sha1("".join(sorted((TOKEN, stamp, nonce))).encode()).hexdigest()
    check_signature(TOKEN, signature, stamp, nonce)
    query = f"signature={signature}&timestamp={stamp}&nonce={nonce}"
    assert checked_query(TOKEN, {"X-Pushsvc-Query": query}, clock())["nonce"] == nonce
    with pytest.raises(InvalidSignatureException):
        check_signature("another", signature, stamp, nonce)
    with pytest.raises(ChannelError):
        checked_query("another", {"X-Pushsvc-Query": query}, clock())
