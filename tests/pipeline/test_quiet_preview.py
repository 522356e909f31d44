"""What the page says of the next message is what the planner does with one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from profiles.gates import CHANNELS
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.quiet_preview import Arrival, arrivals
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.databases import empty
from tests.making import choose, make_campaign, make_person, make_policy, moment, prefer

ZONES = ["Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Mars/Olympus"]
HOUR = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
HOURS = st.none() | st.tuples(HOUR, HOUR).filter(lambda pair: pair[0] != pair[1])
PERSON = st.tuples(st.sampled_from(ZONES), HOURS, st.sampled_from(CHANNELS), st.booleans())
# Nights and days when clocks change, and others.
NOW = st.sampled_from(["2026-03-29T00:30:00+00:00", "2026-10-25T00:59:30+00:00", "2026-03-08T06:59:00+00:00"])
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW |= st.integers(0, 365 * 86_400).map(lambda seconds: (START + timedelta(seconds=seconds)).isoformat())


def previewed(ctx: Context, person: int, door: str, channel: str) -> Arrival:
    """What the page would say of one door and channel."""
    with transaction(ctx.engine) as conn:
        return next(one for one in arrivals(conn, ctx, person) if (one.door, one.channel) == (door, channel))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(town=st.lists(PERSON, min_size=1, max_size=12), now=NOW)
def test_the_moment_shown_is_the_one_the_planner_gives(
    ctx: Context, clock: Clock, town: list[tuple[str, tuple[time, time] | None, str, bool]], now: str
) -> None:
    empty(ctx.engine)
    clock.now = moment(now)
    asked: dict[int, tuple[str, str]] = {}
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        for n, (zone, hours, channel, recommended) in enumerate(town):
            consent = ("notify", "recommend")
            person = make_person(conn, ctx, n, channels=(channel,), consent=consent, zone=zone)
            start, end = hours or (None, None)
            prefer(conn, ctx, person, quiet_from=start, quiet_to=end)
            asked[person] = ("recommended" if recommended else "subscribed", channel)
        choose(conn, ctx, campaign, list(asked))
        for person, (door, _) in asked.items():
            change = tables.selection.update().where(tables.selection.c.profile_id == person)
            conn.execute(change.values(door=door))
    shown = {person: previewed(ctx, person, *which) for person, which in asked.items()}
    plan(ctx, campaign)
    with transaction(ctx.engine) as conn:
        query = "select d.recipient_id, s.due_at from delivery d join slice s on s.id = d.slice_id where d.step = 0"
        planned = {row.recipient_id: row.due_at for row in conn.execute(text(query))}
    # (In the hour that a clock shows twice, moments of two zones are never equal: PEP 495.)
    assert {person: one.at.astimezone(UTC) for person, one in shown.items()} == planned
    assert {person for person, one in shown.items() if one.now} == {p for p, at in planned.items() if at == clock.now}


@pytest.mark.parametrize("cadence", ["daily", "weekly"])
def test_what_is_recommended_waits_for_the_digest_and_then_for_the_morning(
    ctx: Context, clock: Clock, sender: Sender, cadence: str
) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, channels=("email",), consent=("notify", "recommend"))
        prefer(conn, ctx, person, cadence=cadence, quiet_from=time(7), quiet_to=time(11))
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign, [person], "recommended")
    shown = previewed(ctx, person, "recommended", "email")
    assert (shown.at.hour, shown.now) == (11, False)
    plan(ctx, campaign)
    with transaction(ctx.engine) as conn:
        clock.now = conn.execute(text("select due_at from run where kind = 'digest'")).scalar_one()
    release_digests(ctx)
    deliver_next(ctx, sender, "bulk")  # quiet hours are kept just before the attempt
    with transaction(ctx.engine) as conn:
        due = "select s.due_at from delivery d join slice s on s.id = d.slice_id where d.state = 'planned'"
        assert conn.execute(text(due)).scalar_one() == shown.at


def test_a_moment_stands_on_the_persons_own_clock(ctx: Context, clock: Clock) -> None:
    clock.now = moment("2026-06-24T23:30:00+02:00")
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, zone="Europe/Berlin")
        conn.execute(
            insert(tables.preference).values(
                profile_id=person, quiet_from=time(21), quiet_to=time(8), updated_at=clock.now
            )
        )
    shown = previewed(ctx, person, "subscribed", "app")
    assert shown.at.isoformat() == "2026-06-25T08:00:00+02:00"
    assert shown.at.tzinfo == ZoneInfo("Europe/Berlin")
    assert previewed(ctx, person, "recommended", "sms").at - shown.at == timedelta(0)


def test_nobody_is_told_nothing(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        assert arrivals(conn, ctx, 7) == []
