"""The weekly maximum of recommendations counts a rolling week of seven times 24 hours, not a week of the calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline.plan import plan
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.databases import empty
from tests.making import choose, make_campaign, make_person, make_policy, moment, prefer
from tests.registering import ask

MONDAY = moment("2026-06-22T12:00:00+08:00")
WEEK = 7 * 24 * 3600


def reader(ctx: Context, **choices: object) -> int:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify", "recommend"))
        prefer(conn, ctx, person, **choices)
    return person


def recommend(ctx: Context, person: int, ref: str, door: str = "recommended") -> bool:
    """Whether a new campaign may tell this person."""
    with transaction(ctx.engine) as conn:
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx, ref, agency=ref))
        choose(conn, ctx, campaign_id, [person], door)
    plan(ctx, campaign_id)
    return ask(ctx, f"select 1 from refusal f join run r on r.id = f.run_id where r.campaign_id = {campaign_id}") == []


@pytest.mark.parametrize(("later", "told"), [(WEEK - 1, False), (WEEK, True), (WEEK + 1, True)])
def test_a_message_counts_until_it_is_seven_days_old(ctx: Context, clock: Clock, later: int, told: bool) -> None:
    person = reader(ctx, weekly_max=1)
    assert recommend(ctx, person, "a")
    clock.forward(seconds=later)
    assert recommend(ctx, person, "b") is told


def test_what_was_asked_for_neither_counts_nor_is_counted(ctx: Context) -> None:
    person = reader(ctx, weekly_max=1)
    assert recommend(ctx, person, "a", "subscribed")
    assert recommend(ctx, person, "b")
    assert not recommend(ctx, person, "c")
    assert recommend(ctx, person, "d", "subscribed")


def test_a_digest_is_one_message_however_much_it_recommends(ctx: Context, clock: Clock) -> None:
    person = reader(ctx, weekly_max=1, cadence="daily")
    assert recommend(ctx, person, "a")
    clock.forward(days=1)
    assert not recommend(ctx, person, "b"), "the next day's digest would be a second message"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([0, 1, WEEK // 2, WEEK - 1, WEEK]), max_size=7), st.integers(0, 3))
def test_no_seven_days_hold_more_than_the_maximum(ctx: Context, clock: Clock, waits: list[int], most: int) -> None:
    empty(ctx.engine)
    clock.now = MONDAY
    person = reader(ctx, weekly_max=most)
    told = []
    for n, wait in enumerate(waits):
        clock.forward(seconds=wait)
        recent = [at for at in told if clock() - at < timedelta(seconds=WEEK)]
        assert recommend(ctx, person, f"p{n}") is (most == 0 or len(recent) < most)
        if most == 0 or len(recent) < most:
            told.append(clock())
