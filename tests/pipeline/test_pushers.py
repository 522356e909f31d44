"""The vendors behind devices: opened as the settings name them, no routes of their own, hooks of their own."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from channels.app import AppChannel
from channels.base import ChannelError
from channels.sandbox.journal import count, journal_path
from channels.sandbox.journal import rows as journal
from channels.signers.token import Token
from pushsvc.app import create_app
from pushsvc.context import Context
from pushsvc.links import hook_token
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.devices import register
from pushsvc.pipeline.outside import make_sender, open_channels, open_hooks
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.token_store import RedisTokens
from tests.channels.devices import TOOK, Vendor
from tests.channels.stages.jpush import account
from tests.channels.threads import in_thread, sandbox_server
from tests.clock import Clock
from tests.making import VALUES, send_to
from tests.pipeline.test_fan_out import planned, with_vendors
from tests.pipeline.test_letters import rows as states
from tests.web.making import one, rows

ALL = "jpush+http://key:hidden@127.0.0.1:1 wechat+http://app:hidden@127.0.0.1:1?template=T webhook+http://127.0.0.1:1/hook"


def given(ctx: Context, urls: str, **more: object) -> Context:
    return replace(ctx, settings=replace(ctx.settings, push_urls=urls, **more))  # type: ignore[arg-type]  # as it is


def test_they_are_reached_through_the_app_channel_and_are_no_routes(ctx: Context) -> None:
    there = given(ctx, ALL)
    channels = open_channels(there)
    assert sorted(channels) == ["app", "email", "sms"]
    app = channels["app"]
    assert isinstance(app, AppChannel)
    assert set(app.platforms) == {"gateway", "jpush", "wechat", "webhook", "web"}
    with asyncio.Runner() as runner:
        assert sorted(make_sender(there, runner).channels) == ["app", "email", "sms"]
    assert {"jpush", "wechat", "webhook", "web", "app"} <= set(open_hooks(there))


def test_without_any_the_registry_is_never_asked(ctx: Context) -> None:
    app = open_channels(given(ctx, "", vapid_key=""))["app"]
    assert isinstance(app, AppChannel)
    assert list(app.platforms) == []


@pytest.mark.parametrize(
    "given_urls",
    [
        "jpush+http://key:hidden@127.0.0.1:1?colour=1",
        "wechat+http://app:hidden@127.0.0.1:1?template=T&nonsense!=title",
        "jpush+http://key:hidden@127.0.0.1:1?ttl=often",
    ],
)
def test_one_that_cannot_be_opened_names_the_setting_and_no_secret(ctx: Context, given_urls: str) -> None:
    with pytest.raises(ChannelError, match="PUSHSVC_PUSH_URLS") as caught:
        open_channels(given(ctx, given_urls))
    assert "hidden" not in str(caught.value)


def test_every_device_of_a_person_is_told_once_through_the_settings(ctx: Context, tmp_path: Path) -> None:
    """A campaign with the service's own sender; the vendors are the sandbox's, each with its own protocol."""
    sent = send_to(ctx, 2, channels=("app",))  # both have an imported token
    me = sent.people[0]
    openid, portal_id = "o6_bmjrPTlm6_2sgVt7hMZOPa", "portal-user-1"
    for platform, token in (("jpush", "1a0018970a1"), ("jpush", "1a0018970a2"), ("wechat", openid)):
        register(ctx, me, platform, token)
    register(ctx, me, "webhook", portal_id)
    plan(ctx, sent.campaign_id)
    key = ctx.settings.gateway_key
    with in_thread(sandbox_server(tmp_path / "sandbox", key=key, clock=ctx.clock)) as sandbox:
        urls = (
            f"{account(sandbox, 'jpush', key)} {account(sandbox, 'wechat', key)}?template=T-1&thing1=title&thing2=text"
            f" webhook+{sandbox.http_url}/platform"
        )
        there = given(ctx, urls, app_url=sandbox.http_url)
        with asyncio.Runner() as runner:
            sender = make_sender(there, runner)
            assert deliver_next(there, sender, "normal")
            runner.run(sender.channels["app"].close())
        to = {row["to"] for row in journal(journal_path(tmp_path / "sandbox", "app"))}
        told = [VALUES["app"].format(n=n) for n in (1, 2)] + ["1a0018970a1", "1a0018970a2", openid, portal_id]
        assert to == {sandbox.gateway.hash(one) for one in told}
        figures = count(tmp_path / "sandbox")["app"]
    assert (figures["total"], figures["duplicates"]) == (6, 0)
    assert [(state, code) for state, code, *_ in states(ctx)] == [("accepted", None)] * 2


def event(openid: str, number: str, code: str) -> bytes:
    return (
        f"<xml><FromUserName>{openid}</FromUserName><Event>subscribe_msg_sent_event</Event><SubscribeMsgSentEvent>"
        f"<List><MsgID>{number}</MsgID><ErrorCode>{code}</ErrorCode></List></SubscribeMsgSentEvent></xml>"
    ).encode()


def called_back(there: Context, body: bytes, *, forged: bool = False) -> tuple[int, str]:
    """What WeChat is answered at its hook."""
    stamp, nonce = str(int(there.clock().timestamp())), "n"
    secret = "forged" if forged else hook_token(there.settings.secret_key, "wechat")[:32]
    signature = hashlib.sha1("".join(sorted((secret, stamp, nonce))).encode()).hexdigest()
    query = f"signature={signature}&timestamp={stamp}&nonce={nonce}&echostr=hello"
    client = create_app(there).test_client()
    if not body:
        answer = client.get(f"/hooks/wechat?{query}")
    else:
        answer = client.post(f"/hooks/wechat?{query}", data=body, headers={"X-Pushsvc-Query": "forged"})
    return answer.status_code, answer.get_data(as_text=True)


def sent_by_wechat(ctx: Context, sender: Sender) -> Context:
    register(ctx, planned(ctx, 1).people[0], "wechat", "openid-1")
    deliver_next(ctx, with_vendors(ctx, sender, wechat=Vendor(after_unknown="settle")), "normal")
    return given(ctx, ALL)


def test_the_final_word_of_wechat_finds_its_message(ctx: Context, sender: Sender) -> None:
    there = sent_by_wechat(ctx, sender)
    assert called_back(there, event("openid-1", TOOK.provider_id, "0")) == (200, "success")
    assert match_receipts(there) == 1
    assert [(state, code) for state, code, *_ in states(ctx)] == [("delivered", "0")]
    assert one(ctx, "select provider from receipt") == "wechat_mp"


def test_one_about_another_message_or_person_finds_none(ctx: Context, sender: Sender) -> None:
    there = sent_by_wechat(ctx, sender)
    for body in (event("openid-1", "other", "0"), event("openid-2", TOOK.provider_id, "0")):
        assert called_back(there, body)[0] == 200
    assert match_receipts(there) == 0
    assert [state for state, *_ in states(ctx)] == ["accepted"]


def test_bad_news_ends_the_device_and_leaves_the_message(ctx: Context, sender: Sender) -> None:
    there = sent_by_wechat(ctx, sender)
    assert called_back(there, event("openid-1", TOOK.provider_id, "43101"))[0] == 200
    match_receipts(there)
    assert [state for state, *_ in states(ctx)] == ["accepted"]
    assert rows(ctx, "select drop_reason from device") == [("43101",)]
    assert one(ctx, "select count(*) from suppression") == 0


def test_a_forged_one_changes_nothing_and_the_address_may_be_tried(ctx: Context, sender: Sender) -> None:
    there = sent_by_wechat(ctx, sender)
    assert called_back(there, event("openid-1", TOOK.provider_id, "43101"), forged=True)[0] == 403
    assert rows(ctx, "select drop_reason from device") == [(None,)]
    assert called_back(there, b"") == (200, "hello")
    assert called_back(there, b"", forged=True)[0] == 403
    client = create_app(there).test_client()
    assert [client.get(f"/hooks/{name}").status_code for name in ("sms", "pigeon", "jpush")] == [404, 404, 400]


def test_tokens_stand_in_redis_as_ciphertext_for_all(ctx: Context, redis_url: str, clock: Clock) -> None:
    client = redis.Redis.from_url(redis_url)
    one_, two = (RedisTokens(client, ctx.keyring, clock) for _ in range(2))
    token = Token("secret-token", clock() + timedelta(hours=2))
    one_.put("wechat:app", token)
    assert two.get("wechat:app") == token
    assert two.get("wechat:other") is None
    kept = client.get("token:wechat:app")
    assert isinstance(kept, bytes)
    assert b"secret-token" not in kept
    assert 7000 < int(client.ttl("token:wechat:app")) <= 7200  # type: ignore[arg-type]  # the client's own types
    client.set("token:wechat:app", b"nonsense" * 4)
    assert two.get("wechat:app") is None
    with one_.lock("wechat:app") as mine, two.lock("wechat:app") as others:
        assert (mine, others) == (True, False)
    with two.lock("wechat:app") as free:
        assert free
    client.close()


def test_without_redis_each_process_keeps_its_own(ctx: Context, clock: Clock) -> None:
    away = redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    store = RedisTokens(away, ctx.keyring, clock)
    token = Token("t", clock() + timedelta(hours=2))
    store.put("a", token)
    assert store.get("a") == token
    with store.lock("a") as mine, store.lock("a") as again:
        assert (mine, again) == (True, False)
