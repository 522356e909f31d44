"""One member who cannot be written to, or whose zone nobody knows, holds nobody else back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from channels.memory import MemoryChannel
from channels.mime import MimeError
from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.retry_these import Wanted, retry_these
from pushsvc.store import tables
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.session import transaction
from tests.making import make_person, send_code, send_to
from tests.pipeline.test_deliver import deliver_all

Memory = dict[str, MemoryChannel]
REJECTED = ("rejected", "unreadable_address")


def spoil(ctx: Context, person: int, cipher: bytes = b"x" * 32) -> None:
    """The ciphertext of the person's addresses fits no key."""
    with transaction(ctx.engine) as conn:
        mine = select(tables.profile_address.c.address_id).where(tables.profile_address.c.profile_id == person)
        conn.execute(update(tables.address).where(tables.address.c.id.in_(mine)).values(cipher=cipher))


def fates(ctx: Context) -> list[tuple[str, str | None]]:
    """(state, code) of each delivery, by recipient."""
    with transaction(ctx.engine) as conn:
        query = select(tables.delivery.c.state, tables.delivery.c.code)
        return [(row.state, row.code) for row in conn.execute(query.order_by(tables.delivery.c.recipient_id))]


@pytest.mark.parametrize("cipher", [b"x" * 32, b"x", b""])
def test_an_address_that_no_key_opens_is_rejected_and_the_others_go(
    ctx: Context, sender: Sender, memory: Memory, cipher: bytes
) -> None:
    sent = send_to(ctx, 3)
    spoil(ctx, sent.people[1], cipher)
    plan(ctx, sent.campaign_id)
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None), REJECTED, ("accepted", None)]
    assert [message.recipient for message in memory["sms"].sent] == [sent.people[0], sent.people[2]]
    assert ledger.check(ctx).differences == ()


def test_an_attempt_of_whom_nobody_can_be_written_to_is_finished(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 2)
    for person in sent.people:
        spoil(ctx, person)
    plan(ctx, sent.campaign_id)
    deliver_all(ctx, sender)
    assert fates(ctx) == [REJECTED, REJECTED]
    assert memory["sms"].sent == []
    assert ledger.check(ctx).differences == ()
    with transaction(ctx.engine) as conn:
        attempt = conn.execute(select(tables.attempt)).one()
        assert attempt.finished_at is not None
        assert (attempt.members, attempt.rejected, attempt.troubled) == (2, 2, 0)
        assert conn.scalars(select(tables.slice_.c.state)).all() == ["done"]


def test_once_the_key_is_back_they_are_tried_again(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 2)
    with transaction(ctx.engine) as conn:
        good = conn.scalars(select(tables.address.c.cipher).order_by(tables.address.c.id)).all()
    spoil(ctx, sent.people[0])
    plan(ctx, sent.campaign_id)
    deliver_all(ctx, sender)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.address).where(tables.address.c.id == 1).values(cipher=good[0]))
    assert retry_these(ctx, sent.campaign_id, Wanted(code="unreadable_address"), actor="李萌") == 1
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None), ("accepted", None)]
    assert len(memory["sms"].sent) == 2


def test_a_bad_batch_does_not_hide_the_next(ctx: Context, sender: Sender, memory: Memory) -> None:
    memory["sms"].batch_size = 2
    sent = send_to(ctx, 5)
    for person in sent.people[:2]:
        spoil(ctx, person)
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    assert [state for state, _ in fates(ctx)] == ["rejected", "rejected", "accepted", "accepted", "accepted"]


@pytest.mark.parametrize("value", ["张 三@city.example", "a b@city.example", "a\r\nBcc: b@x.example"])
def test_a_mail_address_that_cannot_stand_in_a_mail_is_rejected_and_the_others_go(
    ctx: Context, sender: Sender, memory: Memory, value: str
) -> None:
    sent = send_to(ctx, 2, channels=("email",))
    with transaction(ctx.engine) as conn:
        replace_addresses(conn, ctx.keyring, [NewAddress(sent.people[0], "email", value, "*")])
    plan(ctx, sent.campaign_id)
    deliver_all(ctx, sender)
    assert fates(ctx) == [REJECTED, ("accepted", None)]
    assert [message.recipient for message in memory["email"].sent] == [sent.people[1]]
    assert ledger.check(ctx).differences == ()


def test_no_address_is_suppressed_for_what_is_our_own_trouble(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    spoil(ctx, sent.people[0])
    plan(ctx, sent.campaign_id)
    deliver_all(ctx, sender)
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(tables.suppression)).all() == []


def test_a_sign_in_code_to_an_address_that_no_key_opens_is_rejected(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1)
        address = conn.scalar(select(tables.address.c.id))
    assert address is not None
    send_code(ctx, recipient_id=person, address_id=address, channel="sms", code="123456")
    spoil(ctx, person)
    deliver_next(ctx, sender, "urgent")
    assert fates(ctx) == [REJECTED]
    assert memory["sms"].sent == []


def test_a_setting_that_spoils_every_mail_rejects_nobody(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1, channels=("email",))
    plan(ctx, sent.campaign_id)
    broken = replace(ctx, settings=replace(ctx.settings, public_url="no address at all"))
    with pytest.raises(MimeError, match="bad_url"):
        deliver_next(broken, sender, "normal")
    assert fates(ctx) == [("planned", None)]


def test_a_zone_that_this_host_lacks_holds_nobody_back(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 3)
    with transaction(ctx.engine) as conn:
        conn.execute(text("update profile set zone = 'Asia/Nowhere' where id = :id"), {"id": sent.people[1]})
    plan(ctx, sent.campaign_id)
    deliver_all(ctx, sender)
    assert [message.recipient for message in memory["sms"].sent] == sent.people
