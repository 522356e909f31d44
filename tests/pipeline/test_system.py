"""Sign-in codes: sent at once, never after they lapsed, and never in anybody's way."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.replies import may_confirm
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.sms_gate import words_at
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_person, send_code
from tests.pipeline.vendors import ALIYUN, CODE, approved, with_routes, write
from tests.registering import ask

Memory = dict[str, MemoryChannel]


def states(ctx: Context) -> list[str]:
    """The deliveries' states, then the slices'."""
    with transaction(ctx.engine) as conn:
        found = list(conn.scalars(select(tables.delivery.c.state)))
        return [*found, *conn.scalars(select(tables.slice_.c.state))]


def code_to(ctx: Context) -> int:
    """A queued sign-in code to one person."""
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1)
        address = conn.execute(select(tables.address.c.id)).scalar_one()
    send_code(ctx, recipient_id=person, address_id=address, channel="sms", code="123456")
    return person


def test_a_code_that_has_lapsed_is_not_sent(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    code_to(ctx)
    clock.forward(minutes=10)
    deliver_next(ctx, sender, "urgent")
    assert (memory["sms"].sent, states(ctx)) == ([], ["expired", "done"])


def test_a_code_to_somebody_who_was_erased_blocks_nobody(ctx: Context, sender: Sender, memory: Memory) -> None:
    erase(ctx, code_to(ctx), actor="person")
    while deliver_next(ctx, sender, "urgent"):
        pass
    assert (memory["sms"].sent, states(ctx)) == ([], ["refused", "done"])


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (CODE, "code", True),
        ("${city}验证码：${code}。", "code", True),
        ("您好，${title}。", "notice", False),
        ("有验证码。", "notice", False),
    ],
)
def test_a_template_of_codes_has_a_place_for_the_code_and_for_nothing_unknown(
    ctx: Context, body: str, kind: str, says: bool
) -> None:
    vendors = with_routes(ctx, aliyun=ALIYUN)
    approved(vendors, write(vendors, body, "code", kind=kind))
    code_to(vendors)
    ((run_id,),) = ask(ctx, "select id from run")
    with transaction(ctx.engine) as conn:
        assert bool(words_at(vendors, conn, "aliyun", run_id)) is says


@pytest.mark.parametrize(("body", "says"), [("${city}政策短信已退订。", True), ("已退订，校验码${check}。", False)])
def test_a_stop_is_confirmed_in_words_that_can_be_filled(ctx: Context, body: str, says: bool) -> None:
    vendors = with_routes(ctx, aliyun=ALIYUN)
    approved(vendors, write(vendors, body, "stop"))
    with transaction(ctx.engine) as conn:
        assert may_confirm(vendors, conn) is says
