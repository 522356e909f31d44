"""Cancelled or expired: what has not left ends, in pieces, whoever dies on the way; what has left stays what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from channels.base import Message, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.ending import end_deliveries, end_stranded
from pushsvc.pipeline.plan import plan
from pushsvc.store import ending, tables
from pushsvc.store.campaigns import move_campaign
from pushsvc.store.session import transaction
from pushsvc.store.slices import insert_slice
from tests.making import Sent, prefer, send_to


@pytest.fixture
def small(ctx: Context) -> Context:
    """Slices of three."""
    return replace(ctx, settings=replace(ctx.settings, slice_size=3))


def column(ctx: Context, query: str) -> list[Any]:
    with transaction(ctx.engine) as conn:
        return list(conn.scalars(text(query)))


def states(ctx: Context) -> dict[str, int]:
    with transaction(ctx.engine) as conn:
        return dict(conn.execute(text("select state, count(*) from delivery group by state")).all())  # type: ignore[arg-type]  # pairs


def planned(ctx: Context, n: int, **columns: Any) -> Sent:
    sent = send_to(ctx, n, **columns)
    plan(ctx, sent.campaign_id)
    return sent


def killed(ctx: Context, sent: Sent, state: str = "cancelled") -> None:
    """Cancelled, and the one who did it died after the first slice."""
    with transaction(ctx.engine) as conn:
        move_campaign(conn, sent.campaign_id, state)
    with transaction(ctx.engine) as conn:
        ending.end_slices(conn, ending.runs_of(conn, sent.campaign_id), state, now=ctx.clock(), limit=1)


def test_all_that_has_not_left_is_cancelled(small: Context) -> None:
    sent = planned(small, 10)
    assert campaigns.cancel(small, sent.campaign_id, "李萌") == 10
    assert states(small) == {"cancelled": 10}
    assert set(column(small, "select state from slice")) == {"done"}
    assert set(column(small, "select code from delivery")) == {"cancelled"}
    assert column(small, "select finished_at is not null from campaign") == [True]


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_an_end_cut_short_is_finished_by_the_sweep(small: Context, state: str) -> None:
    killed(small, planned(small, 10), state)
    assert states(small) == {state: 3, "planned": 7}
    assert end_stranded(small) == 7
    assert states(small) == {state: 10}
    assert end_stranded(small) == 0
    assert column(small, "select finished_at is not null from campaign") == [True]


def test_a_half_ended_campaign_sends_nothing_more(small: Context, sender: Sender) -> None:
    killed(small, planned(small, 10))
    assert deliver_next(small, sender, "normal") is False


def test_what_came_back_later_ends_too(ctx: Context, sender: Sender) -> None:
    sent = planned(ctx, 1)

    def answer(message: Message) -> Outcome:
        campaigns.cancel(ctx, sent.campaign_id, "李萌")
        return Outcome("deferred", "throttled")

    deliver_next(ctx, replace(sender, channels={"sms": MemoryChannel("sms", answer=answer)}), "normal")
    assert states(ctx) == {"planned": 1}
    assert end_stranded(ctx) == 1
    assert (states(ctx), ledger.check(ctx).found) == ({"cancelled": 1}, ())


def test_what_is_being_sent_is_finished_and_the_rest_of_its_slice_ends(ctx: Context, sender: Sender) -> None:
    sent = planned(ctx, 4)
    told: list[Message] = []

    def answer(message: Message) -> Outcome:
        if not told:
            campaigns.cancel(ctx, sent.campaign_id, "李萌")
        told.append(message)
        return Outcome("accepted")

    outside = replace(sender, channels={"sms": MemoryChannel("sms", answer=answer, batch_size=2)})
    deliver_next(ctx, outside, "normal")
    assert states(ctx) == {"accepted": 2, "cancelled": 2}
    assert column(ctx, "select state from slice") == ["done"]
    assert ledger.check(ctx, {"sms": {message.key for message in told}}).found == ()


def test_a_pause_stops_after_the_slice_being_sent(small: Context, sender: Sender) -> None:
    sent = planned(small, 9)

    def answer(message: Message) -> Outcome:
        if not paused:
            campaigns.pause(small, sent.campaign_id, "李萌")
            paused.append(True)
        return Outcome("accepted")

    paused: list[bool] = []
    outside = replace(sender, channels={"sms": MemoryChannel("sms", answer=answer, batch_size=1)})
    while deliver_next(small, outside, "normal"):
        pass
    assert states(small) == {"accepted": 3, "planned": 6}
    campaigns.resume(small, sent.campaign_id, "李萌")
    while deliver_next(small, outside, "normal"):
        pass
    assert states(small) == {"accepted": 9}


def test_members_that_wait_for_a_second_channel_end(ctx: Context) -> None:
    sent = planned(ctx, 2)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.slice_).values(state="waiting", step=1))
        conn.execute(update(tables.delivery).values(state="waiting", step=1))
    campaigns.cancel(ctx, sent.campaign_id, "李萌")
    assert (states(ctx), column(ctx, "select state from slice")) == ({"cancelled": 2}, ["done"])


def test_a_planned_delivery_without_a_slice_ends(ctx: Context) -> None:
    sent = planned(ctx, 2)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.delivery).values(slice_id=None))
    assert campaigns.cancel(ctx, sent.campaign_id, "李萌") == 2


def test_its_items_leave_the_digests_as_refusals(ctx: Context) -> None:
    sent = send_to(ctx, 3)
    with transaction(ctx.engine) as conn:
        for person in sent.people:
            prefer(conn, ctx, person, cadence="daily", quiet_from=time(22), quiet_to=time(8))
        conn.execute(update(tables.subscription).values(cadence="daily"))
    plan(ctx, sent.campaign_id)
    assert campaigns.report(ctx, sent.campaign_id)["digests"] == 3
    with transaction(ctx.engine) as conn:
        assert ending.drop_items(conn, sent.campaign_id, "cancelled", now=ctx.clock(), limit=2) == 2
    campaigns.cancel(ctx, sent.campaign_id, "李萌")
    found = campaigns.report(ctx, sent.campaign_id)
    assert (found["digests"], found["refusals"], ledger.check(ctx).found) == (0, {"cancelled": 3}, ())


def test_selections_that_no_plan_came_to_are_refused_by_name(ctx: Context) -> None:
    sent = send_to(ctx, 5)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.campaign).values(planned_rank=0))
    campaigns.cancel(ctx, sent.campaign_id, "李萌")
    found = campaigns.report(ctx, sent.campaign_id)
    assert (found["selected"], found["refusals"]) == ({"subscribed": 5}, {"cancelled": 5})
    assert ledger.check(ctx).found == ()


def test_a_refusal_of_the_unplanned_is_resumed_past_its_watermark(ctx: Context) -> None:
    sent = send_to(ctx, 5)
    with transaction(ctx.engine) as conn:
        move_campaign(conn, sent.campaign_id, "expired")
        conn.execute(
            text("insert into run (kind, key, campaign_id, created_at) values ('campaign', 'campaign:1', 1, now())")
        )
        assert ending.refuse_unplanned(conn, sent.campaign_id, 1, "expired", now=ctx.clock(), limit=2) == 2
    end_stranded(ctx)
    assert campaigns.report(ctx, sent.campaign_id)["refusals"] == {"expired": 5}
    assert column(ctx, "select planned_rank from campaign") == [5]


def test_one_that_never_ran_ends_without_a_run(ctx: Context) -> None:
    sent = send_to(ctx, 0, state="draft")
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.campaign).values(selected_at=None))
    assert campaigns.cancel(ctx, sent.campaign_id, "李萌") == 0
    assert column(ctx, "select count(*) from run") == [0]
    assert column(ctx, "select finished_at is not null from campaign") == [True]


def test_after_its_expiry_a_paused_campaign_sends_nothing_though_it_is_resumed(ctx: Context, sender: Sender) -> None:
    sent = planned(ctx, 2, expires_at=ctx.clock() + timedelta(minutes=1))
    campaigns.pause(ctx, sent.campaign_id, "李萌")
    ctx.clock.forward(minutes=2)  # type: ignore[attr-defined]  # the tests' clock
    campaigns.resume(ctx, sent.campaign_id, "李萌")
    deliver_next(ctx, sender, "normal")
    assert states(ctx) == {"expired": 2}


def test_other_campaigns_are_left_alone(ctx: Context) -> None:
    first = planned(ctx, 2)
    second = planned(ctx, 0, ref="policy-2")
    with transaction(ctx.engine) as conn:
        other = ending.runs_of(conn, second.campaign_id)
        insert_slice(conn, run_id=other[0], channel="sms", lane="normal", due_at=ctx.clock())
    end_deliveries(ctx, first.campaign_id, "cancelled")
    assert column(ctx, f"select state from slice where run_id = {other[0]}") == ["ready"]
