"""Rows L15 and L16: what is ciphertext, what operators see, what a vendor is handed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from channels.sandbox.wire import Answer, Request
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.outside import open_channels
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.rights import erase
from tests.channels.threads import http_server, in_thread
from tests.law.sending import CONSENTS, MAIL, NAME, PHONE, release, run, suggest
from tests.law.test_rights import everything
from tests.making import send_code
from tests.registering import ask, issue, register
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, api_key, operators

WANG = {"name": NAME, "phone": PHONE, "email": MAIL, "interests": "长者助餐", "region": "990105", "consents": CONSENTS}
TOKEN = "device-token-of-wang"
MEMBERS = {"/sms/send": {"key", "to", "text"}, "/push/send": {"key", "to", "title", "text"}}


def test_L15_addresses_names_and_codes_are_ciphertext_in_every_table(ctx: Context) -> None:
    """个人信息保护法 51: encrypted at rest: whoever reads the tables finds neither number, mail, name nor code."""
    person = register(ctx, "a", app_token=TOKEN, **WANG)
    ((address,),) = ask(ctx, "select id from address where channel = 'sms'")
    send_code(ctx, recipient_id=person, address_id=address, channel="sms", code="918273")
    tables = everything(ctx)
    for secret in (PHONE, MAIL, NAME, TOKEN, "918273"):
        assert secret not in tables
        assert secret.encode().hex() not in tables
    ciphers = ask(ctx, "select cipher from address union all select name from profile")
    assert len({bytes(cipher) for (cipher,) in ciphers}) == 4


def test_L15_operators_see_masks_and_their_looking_is_written_down(app: Flask, ctx: Context, sender: Sender) -> None:
    """个人信息保护法 51, 54: whoever runs a campaign needs no full number, and access leaves a trace."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR)
    person = register(ctx, "a", name=NAME, phone=PHONE)
    suggest(ctx, person, "p", door="subscribed")
    run(ctx, sender)
    page = Browser(app).sign_in(operator="shenqi").open("/console/campaigns/1/refusals/no_basis")
    assert "138****0217" in page
    read = app.test_client().get("/api/v1/profiles/a", headers=api_key(ctx, "read")).get_data(as_text=True)
    for shown in (page, read):
        assert PHONE not in shown
        assert NAME not in shown
    assert ask(ctx, "select actor, action from audit") == [("shenqi", "refusals.read")]


@pytest.mark.parametrize("change", ["update audit set actor = 'nobody'", "delete from audit", "delete from consent"])
def test_L15_the_log_only_grows(ctx: Context, change: str) -> None:
    """个人信息保护法 51, 54: what an audit rests on cannot be rewritten by those it is about."""
    person = register(ctx, "a", consents="notify:any")
    erase(ctx, person, actor="person")
    before = ask(ctx, "select * from audit"), ask(ctx, "select * from consent")
    with pytest.raises(DBAPIError, match="never changed"):
        ask(ctx, change)
    assert (ask(ctx, "select * from audit"), ask(ctx, "select * from consent")) == before


@pytest.mark.parametrize("door", ["entitled", "subscribed", "recommended"])
def test_L16_a_vendor_is_handed_a_number_a_key_and_the_words_only(
    ctx: Context, runner: Callable[..., object], door: str
) -> None:
    """个人信息保护法 21: a processor gets what it needs to deliver: no name, interest, door, policy or person's id."""
    seen: list[Request] = []

    async def gateway(request: Request) -> Answer:
        seen.append(request)
        messages = json.loads(request.body)["messages"]
        return Answer({"results": [{"key": one["key"], "status": "accepted"} for one in messages]})

    person = register(ctx, "wang-ref", **WANG, app_token=TOKEN)
    texter = register(ctx, "li-ref", **WANG | {"phone": "13800130218", "email": ""})
    for someone in (person, texter):
        subscribe(ctx, someone, {"ref": "w", "keyword": "长者助餐"})
        suggest(ctx, someone, f"policy-for-{someone}", door=door)
    release(ctx, issue(ctx, "delicate", title="长者助餐与残疾人补贴", topic="elder", sensitive=True))
    with in_thread(http_server(gateway)) as url:
        there = replace(ctx, settings=replace(ctx.settings, sms_url=url, app_url=url))
        channels = open_channels(there)
        run(there, Sender(channels={n: channels[n] for n in ("app", "sms")}, run=runner, worker="test"))
        for channel in channels.values():
            runner(channel.close())
    assert {request.path for request in seen} == MEMBERS.keys()
    for request in seen:
        content = json.loads(request.body)
        assert content.keys() == {"batch_key", "expires_at", "messages"}
        assert all(message.keys() == MEMBERS[request.path] for message in content["messages"])
        ours = {name for name in request.headers if name.startswith("x-")}
        assert ours == {"x-pushsvc-timestamp", "x-pushsvc-signature"}
        text = json.dumps(content, ensure_ascii=False) + str(request.headers)
        for secret in (NAME, MAIL, "wang-ref", "li-ref", "policy-for-", "长者助餐", "残疾", door, "delicate"):
            assert secret not in text, secret
    keys = [message["key"] for request in seen for message in json.loads(request.body)["messages"]]
    assert len(set(keys)) == len(keys) == 4
    assert all(len(key) >= 20 and "-" not in key for key in keys)
