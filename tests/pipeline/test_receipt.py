"""Receipts: stored raw, matched later, harmless when repeated, and never believed unsigned."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from channels.base import ChannelError
from channels.memory import MemoryChannel
from channels.signing import signed_headers
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import accept, match_receipts
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.making import send_to

Memory = dict[str, MemoryChannel]


def callback(ctx: Context, key: str, status: str, code: str = "") -> tuple[bytes, dict[str, str]]:
    """A gateway's signed callback about one message."""
    body = json.dumps({"receipts": [{"key": key, "status": status, "code": code}]}).encode()
    return body, signed_headers(b"memory", body, ctx.clock())


def tell(ctx: Context, memory: Memory, key: str, status: str, code: str = "") -> int:
    """Accept and match a callback; returns how many receipts were new."""
    new = accept(ctx, memory["sms"], *callback(ctx, key, status, code))
    match_receipts(ctx)
    return new


def state(ctx: Context) -> str:
    with transaction(ctx.engine) as conn:
        return str(conn.execute(select(tables.delivery.c.state)).scalar_one())


@pytest.fixture
def key(ctx: Context, sender: Sender, memory: Memory) -> str:
    """The wire key of one accepted message."""
    plan(ctx, send_to(ctx, 1).campaign_id)
    deliver_next(ctx, sender, "normal")
    return memory["sms"].sent[0].key


def test_a_receipt_moves_its_delivery(ctx: Context, memory: Memory, key: str) -> None:
    assert tell(ctx, memory, key, "delivered") == 1
    assert state(ctx) == "delivered"


def test_the_same_callback_twice_is_one_receipt(ctx: Context, memory: Memory, key: str) -> None:
    tell(ctx, memory, key, "delivered")
    assert tell(ctx, memory, key, "delivered") == 0


def test_a_receipt_never_moves_a_delivery_back(ctx: Context, memory: Memory, key: str) -> None:
    tell(ctx, memory, key, "bounced")
    tell(ctx, memory, key, "delivered")
    assert state(ctx) == "bounced"


def test_a_forged_callback_is_refused_and_nothing_is_kept(ctx: Context, memory: Memory, key: str) -> None:
    body, headers = callback(ctx, key, "delivered")
    with pytest.raises(ChannelError, match="signature"):
        accept(ctx, memory["sms"], body.replace(b"delivered", b"bounced"), headers)
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(func.count()).select_from(tables.receipt)).scalar_one() == 0


@pytest.mark.parametrize(
    ("status", "code", "n"), [("bounced", "bad_address", 1), ("bounced", "busy", 0), ("complained", "", 1)]
)
def test_a_permanent_bounce_and_a_complaint_suppress_the_address(
    ctx: Context, memory: Memory, key: str, status: str, code: str, n: int
) -> None:
    tell(ctx, memory, key, "delivered")
    tell(ctx, memory, key, status, code)
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(func.count()).select_from(tables.suppression)).scalar_one() == n


def test_a_receipt_that_overtakes_its_outcome_waits_for_it(
    ctx: Context, sender: Sender, memory: Memory, key: str
) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(tables.delivery.update().values(state="sending"))
    tell(ctx, memory, key, "delivered")
    assert state(ctx) == "sending"
    with transaction(ctx.engine) as conn:
        conn.execute(tables.delivery.update().values(state="accepted"))
    match_receipts(ctx)
    assert state(ctx) == "delivered"
