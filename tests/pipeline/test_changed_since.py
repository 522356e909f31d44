"""Between plan and attempt a wish may end and a number may move: the attempt sees both."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import ledger, preferences
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.offline import unreached
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import VALUES, choose, make_campaign, make_person, make_policy, moment, prefer, send_to, subscribe
from tests.pipeline.test_deliver import deliver_all

Memory = dict[str, MemoryChannel]


def wishes(ctx: Context) -> list[int]:
    """All subscriptions, by id."""
    with transaction(ctx.engine) as conn:
        return list(conn.scalars(select(tables.subscription.c.id).order_by(tables.subscription.c.id)))


def fates(ctx: Context) -> list[tuple[str, str | None]]:
    """(state, code) of each delivery, by recipient."""
    with transaction(ctx.engine) as conn:
        query = select(tables.delivery.c.state, tables.delivery.c.code)
        return [(row.state, row.code) for row in conn.execute(query.order_by(tables.delivery.c.recipient_id))]


def move_number(ctx: Context, of: int, to: int, *, kept: bool = False) -> None:
    """The number of one person becomes another's; `kept`: the first has it too."""
    with transaction(ctx.engine) as conn:
        owner = tables.profile_address.c.profile_id
        conn.execute(delete(tables.profile_address).where(owner.in_([to] if kept else [of, to])))
        replace_addresses(conn, ctx.keyring, [NewAddress(to, "sms", VALUES["sms"].format(n=of), "*")])


def one_by_one(ctx: Context) -> Context:
    """Slices of one message each."""
    return replace(ctx, settings=replace(ctx.settings, slice_size=1))


def test_what_is_queued_for_an_ended_subscription_is_not_sent(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 2)
    plan(ctx, sent.campaign_id)
    assert preferences.end_subscription(ctx, sent.people[0], wishes(ctx)[0])
    deliver_all(ctx, sender)
    assert fates(ctx) == [("refused", "no_basis"), ("accepted", None)]
    assert [message.recipient for message in memory["sms"].sent] == [sent.people[1]]
    assert ledger.check(ctx).differences == ()


def test_whoever_ended_the_subscription_is_not_on_the_offline_list(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    plan(ctx, sent.campaign_id)
    preferences.end_subscription(ctx, sent.people[0], wishes(ctx)[0])
    deliver_all(ctx, sender)
    with transaction(ctx.engine) as conn:
        assert unreached(conn, sent.campaign_id, "talent") == []


def test_one_subscription_that_still_stands_is_enough(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    with transaction(ctx.engine) as conn:
        both = [*conn.scalars(select(tables.subscription.c.id)), subscribe(conn, ctx, sent.people[0], "another")]
        conn.execute(update(tables.selection).values(why={"subscriptions": both}))
    plan(ctx, sent.campaign_id)
    preferences.end_subscription(ctx, sent.people[0], both[0])
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None)]


def test_a_subscription_that_was_resumed_counts(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    plan(ctx, sent.campaign_id)
    for change in (preferences.end_subscription, preferences.resume_subscription):
        assert change(ctx, sent.people[0], wishes(ctx)[0])
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None)]


def test_whoever_was_chosen_for_what_they_did_too_is_still_told(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.selection).values(why={"did": ["saved"], "subscriptions": wishes(ctx)}))
    plan(ctx, sent.campaign_id)
    preferences.end_subscription(ctx, sent.people[0], wishes(ctx)[0])
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None)]


@pytest.mark.parametrize("door", ["recommended", "entitled"])
def test_an_ended_subscription_stops_no_other_door(ctx: Context, sender: Sender, door: str) -> None:
    sent = send_to(ctx, 1, door=door, doors=[door])
    with transaction(ctx.engine) as conn:
        wish = subscribe(conn, ctx, sent.people[0], "wish")
        conn.execute(update(tables.selection).values(why={"subscriptions": [wish]}))
    plan(ctx, sent.campaign_id)
    preferences.end_subscription(ctx, sent.people[0], wish)
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None)]


def test_an_item_of_an_ended_subscription_leaves_its_digest(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        prefer(conn, ctx, person, cadence="daily")
        made = [make_campaign(conn, ctx, make_policy(conn, ctx, ref, title=f"政策{ref}")) for ref in "ab"]
        for campaign in made:
            choose(conn, ctx, campaign, [person])
    for campaign in made:
        plan(ctx, campaign)
    preferences.end_subscription(ctx, person, wishes(ctx)[0])
    clock.now = moment("2026-06-25T08:31:00+08:00")
    release_digests(ctx)
    while deliver_next(ctx, sender, "normal") or deliver_next(ctx, sender, "bulk"):
        pass
    assert ["政策a" in message.text for message in memory["sms"].sent] == [False]
    with transaction(ctx.engine) as conn:
        assert conn.scalars(select(tables.refusal.c.code)).all() == ["no_basis"]
    assert ledger.check(ctx).differences == ()


@pytest.mark.parametrize("kept", [True, False])
def test_a_number_that_was_told_and_moves_is_not_told_again(
    ctx: Context, sender: Sender, memory: Memory, kept: bool
) -> None:
    ctx = one_by_one(ctx)
    sent = send_to(ctx, 2)
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    move_number(ctx, of=sent.people[0], to=sent.people[1], kept=kept)
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None), ("refused", "same_address")]
    assert len(memory["sms"].sent) == 1


def test_a_number_that_moves_before_anybody_is_told_is_told_once(ctx: Context, sender: Sender, memory: Memory) -> None:
    ctx = one_by_one(ctx)
    sent = send_to(ctx, 2)
    plan(ctx, sent.campaign_id)
    move_number(ctx, of=sent.people[0], to=sent.people[1])
    deliver_all(ctx, sender)
    assert fates(ctx) == [("refused", "no_address"), ("accepted", None)]
    assert len(memory["sms"].sent) == 1


def test_two_who_change_numbers_with_each_other_are_both_told(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 2)
    plan(ctx, sent.campaign_id)
    with transaction(ctx.engine) as conn:
        conn.execute(delete(tables.profile_address))
        new = [NewAddress(sent.people[k], "sms", VALUES["sms"].format(n=2 - k), "*") for k in (0, 1)]
        replace_addresses(conn, ctx.keyring, new)
    deliver_all(ctx, sender)
    assert fates(ctx) == [("accepted", None), ("accepted", None)]


def test_a_new_number_that_nobody_has_is_written_to(ctx: Context, sender: Sender, memory: Memory) -> None:
    sent = send_to(ctx, 1)
    plan(ctx, sent.campaign_id)
    with transaction(ctx.engine) as conn:
        conn.execute(delete(tables.profile_address))
        replace_addresses(conn, ctx.keyring, [NewAddress(sent.people[0], "sms", "13900000009", "*")])
    deliver_all(ctx, sender)
    assert [message.to for message in memory["sms"].sent] == ["13900000009"]
