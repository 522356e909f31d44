"""Health, counts and receipts: for machines."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import redis
from flask import Flask

from channels.signing import signed_headers
from pushsvc.app import create_app
from pushsvc.context import Context
from pushsvc.store.session import connect
from pushsvc.web.limits import Limit, allow
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, rows

AWAY = "redis://127.0.0.1:1/0"


def test_it_is_alive(browser: Browser) -> None:
    assert browser.open("/healthz") == "ok\n"


def test_it_is_ready_without_redis(ctx: Context) -> None:
    away = replace(ctx, redis=redis.Redis.from_url(AWAY, socket_connect_timeout=0.2))
    answer = create_app(away).test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"state": "degraded", "database": "ok", "redis": "away"})


def test_it_is_not_ready_without_its_database(ctx: Context) -> None:
    gone = replace(ctx, engine=connect("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    answer = create_app(gone).test_client().get("/readyz")
    assert (answer.status_code, answer.json["state"]) == (503, "not_ready")


def test_it_counts(browser: Browser) -> None:
    page = browser.open("/metrics")
    assert "# TYPE pushsvc_deliveries gauge" in page
    assert "pushsvc_receipts_unmatched 0" in page


def test_limits_hold_over_processes_by_redis(ctx: Context, redis_url: str) -> None:
    shared = replace(ctx, redis=redis.Redis.from_url(redis_url))
    limit = Limit("test", 2, 60)
    answers = []
    for app in (create_app(shared), create_app(shared), create_app(shared)):
        with app.app_context():
            answers.append(allow(limit, "somebody"))
    assert answers == [True, True, False]


def test_limits_hold_in_one_process_without_redis(ctx: Context) -> None:
    app = create_app(replace(ctx, redis=redis.Redis.from_url(AWAY, socket_connect_timeout=0.2)))
    with app.app_context():
        assert [allow(Limit("test", 2, 60), "somebody") for _ in range(3)] == [True, True, False]
        assert allow(Limit("test", 2, 60), "somebody else")


def test_a_limit_ends_with_its_window(app: Flask, clock: Clock) -> None:
    with app.app_context():
        assert [allow(Limit("test", 1, 60), "x") for _ in range(2)] == [True, False]
        clock.forward(seconds=60)
        assert allow(Limit("test", 1, 60), "x")


def signed(ctx: Context, body: bytes) -> dict[str, str]:
    """The headers a provider sends."""
    return signed_headers(ctx.settings.gateway_key, body, ctx.clock())


BODY = json.dumps({"receipts": [{"key": "wire-1", "status": "delivered", "code": ""}]}).encode()


def test_a_signed_receipt_is_stored(ctx: Context, browser: Browser) -> None:
    answer = browser.client.post("/hooks/sms", data=BODY, headers=signed(ctx, BODY))
    assert (answer.status_code, answer.json) == (200, {"new": 1})
    assert rows(ctx, "select provider, status from receipt") == [("http_sms", "delivered")]
    again = browser.client.post("/hooks/sms", data=BODY, headers=signed(ctx, BODY))
    assert again.json == {"new": 0}


@pytest.mark.parametrize("change", [b" ", b'{"receipts": []}'])
def test_a_forged_receipt_is_refused(ctx: Context, browser: Browser, change: bytes) -> None:
    answer = browser.client.post("/hooks/sms", data=change, headers=signed(ctx, BODY))
    assert (answer.status_code, answer.json["code"]) == (403, "bad_signature")
    assert one(ctx, "select count(*) from receipt") == 0


def test_an_unsigned_and_an_old_receipt_are_refused(ctx: Context, clock: Clock, browser: Browser) -> None:
    headers = signed(ctx, BODY)
    assert browser.client.post("/hooks/sms", data=BODY).status_code == 403
    clock.forward(minutes=6)
    assert browser.client.post("/hooks/sms", data=BODY, headers=headers).status_code == 403


def test_a_signed_receipt_we_cannot_read_is_400(ctx: Context, browser: Browser) -> None:
    for body in (b"{", b"[]", b'{"receipts": 7}'):
        assert browser.client.post("/hooks/sms", data=body, headers=signed(ctx, body)).status_code == 400


def test_a_provider_we_do_not_have_is_404(browser: Browser) -> None:
    assert browser.client.post("/hooks/pigeon", data=b"{}").status_code == 404


def test_the_demos_doors_exist_only_in_the_demo(ctx: Context, browser: Browser) -> None:
    browser.open("/demo/r")
    assert browser.status == 404
    demo = create_app(replace(ctx, settings=replace(ctx.settings, demo=True)))
    assert demo.test_client().get("/demo/x").status_code == 404
    assert "demo.enter" in demo.view_functions
