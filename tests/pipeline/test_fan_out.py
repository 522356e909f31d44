"""A campaign to people with registered devices: whom the inbox keeps, whom vendors reach, and what is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, select, text

from channels.app import AppChannel
from channels.base import Message, Outcome
from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.devices import reach, register
from pushsvc.pipeline.letters import letter
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import devices, inbox, tables
from pushsvc.store.session import transaction
from tests.channels.devices import DEAD, LATER, SILENT, TOOK, Vendor
from tests.clock import Clock
from tests.making import Sent, send_to
from tests.pipeline.test_letters import attempts, letters, rows, without_device


def with_vendors(ctx: Context, sender: Sender, **vendors: Vendor) -> Sender:
    """A sender whose push gateway cannot be reached, with these vendors for devices."""

    def write(messages: list[Message]) -> None:
        with transaction(ctx.engine) as conn:
            inbox.write_letters(conn, [letter(message) for message in messages], ctx.clock())

    known = reach(ctx, vendors) if vendors else None
    app = AppChannel("http://127.0.0.1:1", write=write, key=b"k", clock=ctx.clock, reach=known, timeout=2.0)
    return replace(sender, channels={"app": app})


def planned(ctx: Context, n: int) -> Sent:
    """A planned campaign to people none of whom has an imported token."""
    sent = send_to(ctx, n, channels=("app",))
    without_device(ctx, sent, *sent.people)
    plan(ctx, sent.campaign_id)
    return sent


def test_only_who_has_a_device_is_an_attempt(ctx: Context, sender: Sender) -> None:
    sent = planned(ctx, 3)
    register(ctx, sent.people[1], "wechat", "openid-2")
    vendor = Vendor(after_unknown="settle")
    assert deliver_next(ctx, with_vendors(ctx, sender, wechat=vendor), "normal")
    assert [(state, code) for state, code, *_ in rows(ctx)] == [
        ("accepted", "inbox_only"),
        ("accepted", None),
        ("accepted", "inbox_only"),
    ]
    assert attempts(ctx) == [("inbox", "", 2, 2), ("app", "app", 1, 1)]
    assert [token for _, token in vendor.shown] == ["openid-2"]
    assert letters(ctx) == sorted(sent.people)
    assert ledger.check(ctx).differences == ()


def test_the_vendors_id_stands_with_the_delivery(ctx: Context, sender: Sender) -> None:
    register(ctx, planned(ctx, 1).people[0], "wechat", "openid")
    deliver_next(ctx, with_vendors(ctx, sender, wechat=Vendor(after_unknown="settle")), "normal")
    with transaction(ctx.engine) as conn:
        assert conn.scalar(select(tables.delivery.c.provider_id)) == TOOK.provider_id


def test_a_dead_device_is_dropped_and_the_next_message_stays_in_the_inbox(ctx: Context, sender: Sender) -> None:
    sent = planned(ctx, 1)
    register(ctx, sent.people[0], "wechat", "openid")
    vendor = Vendor(lambda message: (DEAD, False), after_unknown="settle")
    there = with_vendors(ctx, sender, wechat=vendor)
    deliver_next(ctx, there, "normal")
    assert [(state, code) for state, code, *_ in rows(ctx)] == [("accepted", "inbox_only")]
    with transaction(ctx.engine) as conn:
        assert conn.scalar(select(tables.device.c.drop_reason)) == "43004"
        assert conn.scalar(text("select count(*) from suppression")) == 0


def test_what_was_put_off_is_pushed_later_and_once(ctx: Context, sender: Sender, clock: Clock) -> None:
    register(ctx, planned(ctx, 1).people[0], "wechat", "openid")
    said = [(LATER, False), (TOOK, True)]
    vendor = Vendor(lambda message: said.pop(0), after_unknown="settle")
    there = with_vendors(ctx, sender, wechat=vendor)
    deliver_next(ctx, there, "normal")
    assert [(state, code) for state, code, *_ in rows(ctx)] == [("planned", "wechat_mp:busy")]
    clock.forward(minutes=5)
    deliver_next(ctx, there, "normal")
    assert [(state, code) for state, code, *_ in rows(ctx)] == [("accepted", None)]
    assert len(vendor.shown) == 1
    assert ledger.check(ctx).differences == ()


@pytest.mark.parametrize("shown", [True, False])
def test_a_worker_that_dies_costs_no_second_push(ctx: Context, sender: Sender, clock: Clock, shown: bool) -> None:
    """The outcome is lost with the worker: the sweep repeats the message, and the vendor is left out."""
    register(ctx, planned(ctx, 1).people[0], "wechat", "openid")

    class PowerCut(BaseException):
        pass

    def die(message: Message) -> tuple[Outcome, bool]:
        vendor.shown += [(message.key, message.to)] if shown else []
        raise PowerCut

    vendor = Vendor(die, after_unknown="settle")
    there = with_vendors(ctx, sender, wechat=vendor)
    with pytest.raises(PowerCut):
        deliver_next(ctx, there, "normal")
    with transaction(ctx.engine) as conn:
        conn.execute(text("update slice set lease_until = now() - interval '1 second'"))
    clock.forward(minutes=5)
    for _ in range(2):
        sweep(ctx, there)
        clock.forward(minutes=5)
    deliver_next(ctx, there, "normal")
    assert [(state, code) for state, code, *_ in rows(ctx)] == [("accepted", "push_unknown")]
    assert len(vendor.shown) == int(shown)
    assert ledger.check(ctx).differences == ()


def test_silence_of_a_vendor_that_shows_repeats_is_not_repeated(ctx: Context, sender: Sender) -> None:
    register(ctx, planned(ctx, 1).people[0], "wechat", "openid")
    vendor = Vendor(lambda message: (SILENT, True), after_unknown="settle")
    deliver_next(ctx, with_vendors(ctx, sender, wechat=vendor), "normal")
    assert [(state, code) for state, code, *_ in rows(ctx)] == [("accepted", "push_unknown")]


@pytest.mark.parametrize(("vendors", "asked"), [({}, 0), ({"wechat": Vendor()}, 1)])
def test_the_registry_is_asked_once_a_slice_and_only_where_there_is_a_vendor(
    ctx: Context, sender: Sender, vendors: dict[str, Vendor], asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(ctx, 3)
    seen, ask = list[int](), devices.with_devices

    def counted(conn: Connection, recipients: set[int], platforms: list[str]) -> set[int]:
        seen.append(len(recipients))
        return ask(conn, recipients, platforms)

    monkeypatch.setattr(devices, "with_devices", counted)
    deliver_next(ctx, with_vendors(ctx, sender, **vendors), "normal")
    assert seen == [3] * asked
    assert attempts(ctx) == [("inbox", "", 3, 3)]
