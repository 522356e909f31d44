"""The app channel before a real gateway: the inbox row first, then the imported device and the registered ones."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.app import AppChannel
from channels.base import Batch, Message, Outcome
from channels.sandbox import Sandbox
from channels.sandbox.journal import count
from channels.signing import signed_headers
from tests.channels.contract import InboxRows, journalled
from tests.channels.devices import DEAD, LATER, SILENT, TOOK, Registry, Vendor
from tests.channels.threads import in_thread, sandbox_server
from tests.clock import Clock

TOKEN = "device-token-0123456789"


def batch(clock: Clock, *messages: Message) -> Batch:
    return Batch("batch", messages, clock() + timedelta(minutes=5))


@pytest.fixture
def rows() -> InboxRows:
    """The inbox."""
    return InboxRows()


@pytest.fixture
def registry() -> Registry:
    """One person with a phone at the gateway and one at JPush, one with WeChat alone, one with nothing."""
    return Registry({1: [("gateway", "second-phone-0123456", 4), ("jpush", "j", 5)], 2: [("wechat", "w", 6)]})


def open_app(url: str, key: bytes, clock: Clock, *, rows: InboxRows, **more: Any) -> AppChannel:
    return AppChannel(url, write=rows.write, key=key, clock=clock, **more)


def test_every_device_is_told_once_and_the_gateway_drops_a_repeat(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, rows: InboxRows, registry: Registry, runner: asyncio.Runner
) -> None:
    vendors = {"jpush": Vendor(provider="jpush"), "wechat": Vendor(after_unknown="settle")}
    app = open_app(sandbox.http_url, key, clock, rows=rows, reach=registry.reach(vendors))
    three = [Message("a", TOKEN, recipient=1), Message("b", "", recipient=2), Message("c", "", recipient=3)]
    for _ in range(2):
        outcomes = runner.run(app.send(batch(clock, *three)))
        assert [one.status for one in outcomes] == ["accepted"] * 3
    assert outcomes[2].code == "inbox_only"
    assert outcomes[1].code == "push_unknown"  # of the repeat: nobody knows what became of the first
    assert sorted(journalled(root, "app")) == ["a", "a-d4"]
    assert count(root)["app"]["duplicates"] == 0
    assert [vendors["jpush"].shown, vendors["wechat"].shown] == [[("a-d5", "j")], [("b-d6", "w")]]
    assert sorted(rows.keys) == ["a", "b", "c"]
    runner.run(app.close())
    assert all(vendor.closed for vendor in vendors.values())


def test_a_repeat_through_another_gateway_tells_no_registered_phone_twice(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, rows: InboxRows, registry: Registry, runner: asyncio.Runner
) -> None:
    """The first gateway took the push and its answer was lost; the second has never seen the key."""
    sandbox.faults.tell({"channel": "app", "mode": "hang_up_after", "seconds": 30, "times": 1})
    reach = replace(registry.reach({"wechat": Vendor(after_unknown="settle")}), several=("gateway",))
    with in_thread(sandbox_server(other := root / "other", key=key, clock=clock)) as second:
        gateways = [sandbox.http_url, second.http_url]
        apps = [open_app(url, key, clock, rows=rows, reach=reach) for url in gateways]
        found = [runner.run(app.send(batch(clock, Message("a", "", recipient=1)))) for app in apps]
        for app in apps:
            runner.run(app.close())
    assert [one.code for (one,) in found] == ["push_unknown", "push_unknown"]
    assert [journalled(root, "app"), journalled(other, "app")] == [["a-d4"], []]


def test_the_same_token_is_not_told_twice(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, rows: InboxRows, runner: asyncio.Runner
) -> None:
    registry = Registry({1: [("gateway", TOKEN, 4)]})
    app = open_app(sandbox.http_url, key, clock, rows=rows, reach=registry.reach({}))
    runner.run(app.send(batch(clock, Message("a", TOKEN, recipient=1))))
    assert journalled(root, "app") == ["a"]
    runner.run(app.close())


def test_nothing_is_pushed_before_its_row_stands(key: bytes, clock: Clock, runner: asyncio.Runner) -> None:
    def full(messages: object) -> None:
        raise OSError("the disk is full")

    vendor = Vendor()
    reach = Registry({1: [("jpush", "j", 5)]}).reach({"jpush": vendor})
    app = AppChannel("http://127.0.0.1:1", write=full, key=key, clock=clock, reach=reach)
    found = runner.run(app.send(batch(clock, Message("a", "", recipient=1))))
    assert found == [Outcome("unknown", "inbox_OSError")]
    assert vendor.batches == []


def test_where_the_registry_cannot_be_asked_nothing_is_pushed(
    key: bytes, clock: Clock, rows: InboxRows, registry: Registry, runner: asyncio.Runner
) -> None:
    def away(recipients: object) -> dict[int, list[tuple[str, str, int]]]:
        raise OSError("the database is gone")

    registry.find = away  # type: ignore[method-assign]
    app = open_app("http://127.0.0.1:1", key, clock, rows=rows, reach=registry.reach({"jpush": Vendor()}))
    found = runner.run(app.send(batch(clock, Message("a", TOKEN, recipient=1))))
    assert found == [Outcome("deferred", "devices_OSError")]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (TOOK, "accepted", ""),
        (DEAD, "deferred", "connect_error"),
        (SILENT, "deferred", "connect_error"),
        (LATER, "deferred", "connect_error"),
    ],
)
def test_a_gateway_that_is_away_holds_a_message_only_where_no_device_took_it(
    said: Outcome, status: str, code: str, key: bytes, clock: Clock, rows: InboxRows, runner: asyncio.Runner
) -> None:
    vendor = Vendor(lambda message: (said, False), after_unknown="settle")
    reach = Registry({1: [("wechat", "w", 6)]}).reach({"wechat": vendor})
    app = open_app("http://127.0.0.1:1", key, clock, rows=rows, reach=reach, timeout=2.0)
    (found,) = runner.run(app.send(batch(clock, Message("a", TOKEN, recipient=1))))
    assert (found.status, found.code) == (status, code)
    runner.run(app.close())


def test_a_receipt_of_a_registered_phone_is_one_of_the_message(
    key: bytes, clock: Clock, rows: InboxRows, registry: Registry
) -> None:
    app = open_app("http://127.0.0.1:1", key, clock, rows=rows, reach=registry.reach({}))
    told = [("a-d4", "delivered", "DELIVRD"), ("b-d4", "bounced", "bad_address"), ("c", "bounced", "UNDELIV")]
    listed = [{"key": name, "status": status, "code": code} for name, status, code in told]
    body = json.dumps({"receipts": listed}).encode()
    found = app.receipts(body, signed_headers(key, body, clock()))
    assert [(one.key, one.status) for one in found] == [("a", "delivered"), ("c", "bounced")]
    assert registry.dropped == {4: "bad_address"}


def test_without_a_registry_the_gateway_is_all(key: bytes, clock: Clock, rows: InboxRows) -> None:
    app = open_app("http://127.0.0.1:1", key, clock, rows=rows)
    assert list(app.platforms) == []
    body = json.dumps({"receipts": [{"key": "a-d4", "status": "bounced", "code": "x"}]}).encode()
    assert [one.key for one in app.receipts(body, signed_headers(key, body, clock()))] == ["a-d4"]
