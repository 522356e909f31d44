"""Hooks: each provider's own key or secret opens its own address, and nothing that comes in makes us fall over."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import Receipt
from channels.memory import MemoryChannel
from channels.signing import signed_headers
from pushsvc.app import create_app
from pushsvc.context import Context
from pushsvc.web.errors import said_path
from tests.channels.test_said import JSON
from tests.draws import draws
from tests.pipeline.blind import TOKEN, Blind
from tests.web.making import person, rows, snapshot

BODY = json.dumps({"receipts": [{"key": "wire-1", "status": "delivered", "code": ""}]}).encode()
TO = "13800000001"
REPORT = json.dumps([{"batch": "b", "to": TO, "status": "delivered"}]).encode()
ANSWER = json.dumps([{"phone": TO, "said": "R", "id": "1"}]).encode()


@pytest.fixture
def hooks(app: Flask, ctx: Context) -> Flask:
    """An application with a gateway `sms` that signs, and a vendor `ali` that cannot."""
    gateway = MemoryChannel("sms", clock=ctx.clock)
    app.extensions["pushsvc.channels"] = {"sms": gateway, "ali": Blind(ctx.clock)}  # type: ignore[arg-type]
    return app


def signed(ctx: Context, body: bytes, key: bytes = b"memory") -> dict[str, str]:
    return signed_headers(key, body, ctx.clock())


def test_each_provider_has_a_hook_that_only_its_own_key_opens(ctx: Context) -> None:
    given = {"sms_url": "main=http://127.0.0.1:1 reserve=http://127.0.0.1:2", "gateway_keys": "main=one reserve=two"}
    there = replace(ctx, settings=replace(ctx.settings, **given))
    client = create_app(there).test_client()
    mine, others = (signed_headers(key, BODY, ctx.clock()) for key in (b"two", b"one"))
    assert client.post("/hooks/reserve", data=BODY, headers=others).status_code == 403
    assert client.post("/hooks/reserve", data=BODY, headers=mine).status_code == 200
    assert client.post("/hooks/sms", data=BODY, headers=mine).status_code == 404
    assert rows(ctx, "select provider, route, status from receipt") == [("http_sms", "reserve", "delivered")]


def test_a_vendor_proves_itself_by_the_address_and_gets_its_thanks(hooks: Flask, ctx: Context) -> None:
    client = hooks.test_client()
    answer = client.post(f"/hooks/ali/{TOKEN}", data=REPORT)
    assert (answer.status_code, answer.get_json()) == (200, {"code": 0, "msg": "接收成功"})
    assert rows(ctx, "select route, batch_key, lookup from receipt") == [("ali", "b", ctx.keyring.lookup("sms", TO))]
    answer = client.post("/hooks/sms", data=BODY, headers=signed(ctx, BODY))
    assert answer.get_json() == {"new": 1}


@pytest.mark.parametrize("name", ["X-Pushsvc-Token", "x-pushsvc-token", "X_Pushsvc_Token", "X-PUSHSVC-TOKEN"])
@pytest.mark.parametrize("path", ["/hooks/ali", "/hooks/ali/guess", "/hooks/ali/replies", "/hooks/ali/guess/replies"])
def test_the_secret_is_believed_in_the_address_alone(hooks: Flask, ctx: Context, name: str, path: str) -> None:
    before = snapshot(ctx)
    answer = hooks.test_client().post(path, data=ANSWER if "replies" in path else REPORT, headers={name: TOKEN})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "bad_signature")
    assert snapshot(ctx) == before


def test_a_sent_header_does_not_spoil_the_address_either(hooks: Flask) -> None:
    headers = {"X-Pushsvc-Token": "guess"}
    assert hooks.test_client().post(f"/hooks/ali/{TOKEN}", data=REPORT, headers=headers).status_code == 200


def test_a_reply_acts_at_once(hooks: Flask, ctx: Context) -> None:
    person(ctx)
    answer = hooks.test_client().post(f"/hooks/ali/{TOKEN}/replies", data=ANSWER)
    assert (answer.status_code, answer.get_json()["code"]) == (200, 0)
    assert rows(ctx, "select channel, reason, source from suppression") == [("sms", "opt_out", "reply:ali")]
    assert rows(ctx, "select kind from sms_reply") == [("stop",)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/hooks/sms/replies", 400, "no_replies"),
        ("/hooks/nobody/replies", 404, "not_found"),
        ("/hooks/nobody/x", 404, "not_found"),
        ("/hooks/ali/x/y/z", 404, "not_found"),
    ],
)
def test_what_is_no_hook_says_so(hooks: Flask, path: str, status: int, code: str) -> None:
    answer = hooks.test_client().post(path, data=b"[]")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/hooks/sms", f"/hooks/ali/{TOKEN}", f"/hooks/ali/{TOKEN}/replies"])
def test_a_large_body_is_not_read(hooks: Flask, path: str) -> None:
    class Body:
        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

    given: dict[str, Any] = {"wsgi.input": Body(), "CONTENT_LENGTH": str(1 << 30)}
    assert hooks.test_client().post(path, environ_overrides=given).status_code == 413


class Crashes(MemoryChannel):
    """An adapter with a fault of its own."""

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        raise RuntimeError("a fault")


def test_the_secret_stands_in_no_log_and_no_answer(
    hooks: Flask, ctx: Context, caplog: pytest.LogCaptureFixture
) -> None:
    hooks.extensions["pushsvc.channels"]["ali"] = Crashes("sms", clock=ctx.clock)
    with caplog.at_level(logging.DEBUG):
        answer = hooks.test_client().post(f"/hooks/ali/{TOKEN}", data=REPORT)
    assert answer.status_code == 500
    assert "/hooks/ali/… failed" in caplog.text
    assert TOKEN not in caplog.text + answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/hooks/ali", "/hooks/ali"),
        ("/hooks/ali/secret", "/hooks/ali/…"),
        ("/hooks/ali/secret/replies", "/hooks/ali/…"),
        ("/m/policies/7/x", "/m/policies/7/x"),
        ("/", "/"),
    ],
)
def test_paths_as_they_are_logged(path: str, said: str) -> None:
    assert said_path(path) == said


ODD = (
    '{"key": "a\\u0000", "status": "delivered"}',
    '{"key": "b", "status": "delivered", "code": "\\u0000", "more": "\\ud800"}',
    '{"key": "c", "status": "delivered", "n": NaN, "m": 1e999, "i": ' + "9" * 5_000 + "}",
    '{"key": "d", "status": "delivered", "deep": ' + "[" * 50_000 + "]" * 50_000 + "}",
    '{"key": "e", "status": "delivered", "code": ' + "[" * 900 + "]" * 900 + "}",
    '{"key": "f", "status": "delivered", "text": "' + "x" * 500_000 + '"}',
)


def test_odd_entries_cost_no_other(hooks: Flask, ctx: Context) -> None:
    body = f'{{"receipts": [{", ".join(ODD)}, {{"key": "z", "status": "delivered"}}]}}'.encode()
    answer = hooks.test_client().post("/hooks/sms", data=body, headers=signed(ctx, body))
    assert (answer.status_code, answer.get_json()) == (200, {"new": 6})
    assert [key for (key,) in rows(ctx, "select wire_key from receipt order by id")] == list("bcdefz")
    assert rows(ctx, "select max(length(raw::text)) < 10000 from receipt") == [(True,)]


WORD = st.text(max_size=12) | st.sampled_from(["\0", "\ud800", "wire-1", "delivered", "bounced", "complained"])
ENTRY = JSON | st.fixed_dictionaries({"key": WORD, "status": WORD, "code": JSON, "more": JSON})
CALLBACK = st.one_of(
    st.binary(max_size=300),
    st.fixed_dictionaries({"receipts": st.lists(ENTRY, max_size=5) | JSON}).map(lambda one: json.dumps(one).encode()),
)


@settings(max_examples=draws(10_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=CALLBACK, key=st.sampled_from([b"memory", b"guess"]))
def test_whatever_comes_in_is_kept_or_refused_and_a_forged_one_changes_no_row(
    hooks: Flask, ctx: Context, body: bytes, key: bytes
) -> None:
    before = rows(ctx, "select count(*), max(id) from receipt")
    answer = hooks.test_client().post("/hooks/sms", data=body, headers=signed(ctx, body, key))
    assert answer.status_code in ((200, 400) if key == b"memory" else (403,))
    if answer.status_code != 200:
        assert rows(ctx, "select count(*), max(id) from receipt") == before
