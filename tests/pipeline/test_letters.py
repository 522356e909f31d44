"""App messages without a device end in the inbox at once: no provider is called, nothing of them is ever unknown."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update

from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.outside import open_channels
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.addresses import place
from pushsvc.store.session import transaction
from tests.making import Sent, send_to


def without_device(ctx: Context, sent: Sent, *people: int) -> None:
    """These people have the app on no device."""
    with transaction(ctx.engine) as conn:
        for person in people:
            mine = select(tables.profile_address.c.address_id).where(tables.profile_address.c.profile_id == person)
            cipher = ctx.keyring.encrypt("", place("app"))
            conn.execute(update(tables.address).where(tables.address.c.id.in_(mine)).values(cipher=cipher))


def with_app(ctx: Context, sender: Sender) -> Sender:
    """A sender whose app provider cannot be reached."""
    settings = replace(ctx.settings, app_url="http://127.0.0.1:1")
    return replace(sender, channels={"app": open_channels(replace(ctx, settings=settings))["app"]})


def rows(ctx: Context) -> list[tuple[str, str | None, int, bool]]:
    d = tables.delivery.c
    with transaction(ctx.engine) as conn:
        found = conn.execute(select(d.state, d.code, d.attempts, d.provider_id == d.wire_key).order_by(d.recipient_id))
        return [tuple(row) for row in found]  # type: ignore[misc]  # four columns


def attempts(ctx: Context) -> list[tuple[str, str, int, int]]:
    a = tables.attempt.c
    with transaction(ctx.engine) as conn:
        return [tuple(row) for row in conn.execute(select(a.provider, a.route, a.members, a.accepted).order_by(a.id))]  # type: ignore[misc]  # as above


def letters(ctx: Context) -> list[int]:
    with transaction(ctx.engine) as conn:
        return list(conn.scalars(select(tables.inbox.c.recipient_id).order_by(tables.inbox.c.recipient_id)))


def test_they_are_accepted_with_their_letters_and_no_provider_is_named(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 3, channels=("app",))
    without_device(ctx, sent, *sent.people)
    plan(ctx, sent.campaign_id)
    assert deliver_next(ctx, with_app(ctx, sender), "normal")
    assert rows(ctx) == [("accepted", "inbox_only", 1, True)] * 3
    assert attempts(ctx) == [("inbox", "", 3, 3)]
    assert letters(ctx) == sorted(sent.people)
    assert ledger.check(ctx).differences == ()
    assert not deliver_next(ctx, with_app(ctx, sender), "normal")


def test_those_with_a_device_are_an_attempt_of_their_own(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 3, channels=("app",))
    without_device(ctx, sent, sent.people[1])
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, with_app(ctx, sender), "normal")
    assert [state for state, *_ in rows(ctx)] == ["planned", "accepted", "planned"]
    assert attempts(ctx) == [("inbox", "", 1, 1), ("app", "app", 2, 0)]
    assert letters(ctx) == sorted(sent.people)  # the inbox row stands before any push
    assert ledger.check(ctx).differences == ()


def test_one_that_cannot_be_read_is_rejected_beside_them(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 2, channels=("app",))
    without_device(ctx, sent, sent.people[0])
    with transaction(ctx.engine) as conn:
        mine = select(tables.profile_address.c.address_id).where(tables.profile_address.c.profile_id == sent.people[1])
        conn.execute(update(tables.address).where(tables.address.c.id.in_(mine)).values(cipher=b"x" * 32))
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, with_app(ctx, sender), "normal")
    assert [(state, code) for state, code, *_ in rows(ctx)] == [
        ("accepted", "inbox_only"),
        ("rejected", "unreadable_address"),
    ]
    assert ledger.check(ctx).differences == ()
