"""The weekly maximum of recommendations counts a rolling week of seven times 24 hours, not a week of the calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.store.campaigns import ensure_run
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.databases import empty
from tests.making import choose, make_campaign, make_person, make_policy, moment, prefer
from tests.registering import ask

MONDAY = moment("2026-06-22T12:00:00+08:00")
WEEK = 7 * 24 * 3600


def reader(ctx: Context, **choices: object) -> int:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, channels=("app",), consent=("notify", "recommend"))
        prefer(conn, ctx, person, **choices)
    return person


def draft(ctx: Context, person: int, ref: str, door: str = "recommended", **columns: object) -> int:
    """A running campaign that chose this person."""
    with transaction(ctx.engine) as conn:
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx, ref, agency=ref), **columns)
        choose(conn, ctx, campaign_id, [person], door)
    return campaign_id


def leave(ctx: Context, sender: Sender) -> None:
    """Whatever is due is sent."""
    release_digests(ctx)
    for lane in ("normal", "bulk"):
        while deliver_next(ctx, sender, lane):
            pass


def recommend(ctx: Context, sender: Sender, person: int, ref: str, door: str = "recommended") -> bool:
    """Whether a new campaign may tell this person; it does so at once where it may."""
    campaign_id = draft(ctx, person, ref, door)
    plan(ctx, campaign_id)
    leave(ctx, sender)
    return ask(ctx, f"select 1 from refusal f join run r on r.id = f.run_id where r.campaign_id = {campaign_id}") == []


@pytest.mark.parametrize(("later", "told"), [(WEEK - 1, False), (WEEK, True), (WEEK + 1, True)])
def test_a_message_counts_until_it_is_seven_days_old(
    ctx: Context, sender: Sender, clock: Clock, later: int, told: bool
) -> None:
    person = reader(ctx, weekly_max=1)
    assert recommend(ctx, sender, person, "a")
    clock.forward(seconds=later)
    assert recommend(ctx, sender, person, "b") is told


def test_what_was_asked_for_neither_counts_nor_is_counted(ctx: Context, sender: Sender) -> None:
    person = reader(ctx, weekly_max=1)
    assert recommend(ctx, sender, person, "a", "subscribed")
    assert recommend(ctx, sender, person, "b")
    assert not recommend(ctx, sender, person, "c")
    assert recommend(ctx, sender, person, "d", "subscribed")


def test_a_digest_is_one_message_however_much_it_recommends(ctx: Context, sender: Sender, clock: Clock) -> None:
    person = reader(ctx, weekly_max=1, cadence="daily")
    assert recommend(ctx, sender, person, "a")
    assert recommend(ctx, sender, person, "b")
    clock.forward(days=1)
    assert not recommend(ctx, sender, person, "c"), "the next day's digest would be a second message"


def test_a_weekly_digest_comes_every_week_to_who_wants_one_message_a_week(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel], clock: Clock
) -> None:
    person = reader(ctx, weekly_max=1, cadence="weekly", quiet_from="22:00", quiet_to="09:00")
    for week in range(3):
        clock.now = MONDAY + timedelta(weeks=week)
        assert recommend(ctx, sender, person, f"a{week}")
        assert recommend(ctx, sender, person, f"b{week}")
        clock.now = MONDAY + timedelta(weeks=week + 1, hours=-3)  # 09:00, the end of the night
        leave(ctx, sender)
        assert len(memory["app"].sent) == week + 1


def test_what_a_pause_holds_up_counts_until_it_is_sent(ctx: Context, sender: Sender, clock: Clock) -> None:
    person = reader(ctx, weekly_max=1)
    paused = draft(ctx, person, "a")
    plan(ctx, paused)
    campaigns.pause(ctx, paused, "李萌")
    clock.forward(days=8)
    assert not recommend(ctx, sender, person, "b")
    campaigns.resume(ctx, paused, "李萌")
    leave(ctx, sender)
    clock.forward(days=6)
    assert not recommend(ctx, sender, person, "c"), "it left six days ago, however long ago it was planned"
    clock.forward(days=1)
    assert recommend(ctx, sender, person, "d")


def test_what_gathers_gives_way_to_an_earlier_campaign_that_is_planned_later(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel], clock: Clock
) -> None:
    person = reader(ctx, weekly_max=1, cadence="daily")
    first = draft(ctx, person, "a", lane="urgent")
    with transaction(ctx.engine) as conn:
        ensure_run(conn, key=f"campaign:{first}", kind="campaign", now=clock(), campaign_id=first)
    assert recommend(ctx, sender, person, "b")
    plan(ctx, first)
    assert deliver_next(ctx, sender, "urgent")
    clock.forward(days=1)
    leave(ctx, sender)
    assert len(memory["app"].sent) == 1
    assert ask(ctx, "select code from refusal") == [("cap",)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([0, 1, WEEK // 2, WEEK - 1, WEEK]), max_size=7), st.integers(0, 3))
def test_no_seven_days_hold_more_than_the_maximum(
    ctx: Context, sender: Sender, clock: Clock, waits: list[int], most: int
) -> None:
    empty(ctx.engine)
    clock.now = MONDAY
    person = reader(ctx, weekly_max=most)
    told = []
    for n, wait in enumerate(waits):
        clock.forward(seconds=wait)
        recent = [at for at in told if clock() - at < timedelta(seconds=WEEK)]
        assert recommend(ctx, sender, person, f"p{n}") is (most == 0 or len(recent) < most)
        if most == 0 or len(recent) < most:
            told.append(clock())
