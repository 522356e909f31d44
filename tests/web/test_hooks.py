"""Receipts of several providers of one channel: each signs with its own key, at its own address."""

from __future__ import annotations

import json
from dataclasses import replace

from channels.signing import signed_headers
from pushsvc.app import create_app
from pushsvc.context import Context
from tests.web.making import rows

BODY = json.dumps({"receipts": [{"key": "wire-1", "status": "delivered", "code": ""}]}).encode()


def test_each_provider_has_a_hook_that_only_its_own_key_opens(ctx: Context) -> None:
    given = {"sms_url": "main=http://127.0.0.1:1 reserve=http://127.0.0.1:2", "gateway_keys": "main=one reserve=two"}
    there = replace(ctx, settings=replace(ctx.settings, **given))
    client = create_app(there).test_client()
    mine, others = (signed_headers(key, BODY, ctx.clock()) for key in (b"two", b"one"))
    assert client.post("/hooks/reserve", data=BODY, headers=others).status_code == 403
    assert client.post("/hooks/reserve", data=BODY, headers=mine).status_code == 200
    assert client.post("/hooks/sms", data=BODY, headers=mine).status_code == 404
    assert rows(ctx, "select provider, status from receipt") == [("http_sms", "delivered")]
