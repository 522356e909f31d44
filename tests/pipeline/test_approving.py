"""An approval keeps whom it saw: where others would be told when it begins, it waits for the reviewer once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.approving import Drift, drift_of, is_too_much
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.store.approvals import Seen, _packed, _unpacked, newest
from pushsvc.store.audit import recent
from pushsvc.store.campaigns import get_campaign
from pushsvc.store.session import transaction
from tests.making import make_campaign, make_person, make_policy, subscribe

PEOPLE = 40


@pytest.fixture
def approved(ctx: Context) -> int:
    """A campaign for forty who asked for it, approved; ten more people asked for nothing."""
    with transaction(ctx.engine) as conn:
        for n in range(1, PEOPLE + 11):
            person = make_person(conn, ctx, n, consent=("notify",))
            if n <= PEOPLE:
                subscribe(conn, ctx, person, "wish")
        number = make_campaign(conn, ctx, make_policy(conn, ctx), state="draft")
    campaigns.submit(ctx, number, "李萌")
    campaigns.approve(ctx, number, "周岚")
    return number


def join(ctx: Context, n: int, first: int = PEOPLE + 1) -> None:
    with transaction(ctx.engine) as conn:
        for person in range(first, first + n):
            subscribe(conn, ctx, person, "wish")


def leave(ctx: Context, n: int) -> None:
    with transaction(ctx.engine) as conn:
        ended = "update subscription set ended_at = now(), ended_reason = 'person' where profile_id <= :n"
        conn.execute(text(ended), {"n": n})


def begun(ctx: Context, campaign_id: int) -> str:
    """Its state once it was started and the workers came by."""
    campaigns.start(ctx, campaign_id, "周岚")
    for _ in range(3):
        advance(ctx)
    return str(campaigns.report(ctx, campaign_id)["state"])


def drift_in(ctx: Context, campaign_id: int) -> object:
    return campaigns.report(ctx, campaign_id)["funnel"].get("drifted")


def deliveries(ctx: Context) -> int:
    with transaction(ctx.engine) as conn:
        return int(conn.scalar(text("select count(*) from delivery")) or 0)


def test_an_approval_keeps_count_people_and_what_it_binds(ctx: Context, approved: int) -> None:
    with transaction(ctx.engine) as conn:
        kept, row = newest(conn, approved), get_campaign(conn, approved)
    assert kept is not None
    assert row is not None
    assert (kept.reviewer, kept.hash, kept.seen.count) == ("周岚", row["approved_hash"], PEOPLE)
    assert kept.seen.people.tolist() == list(range(1, PEOPLE + 1))
    assert kept.bound["doors"] == ["subscribed"]
    with transaction(ctx.engine) as conn:
        (entry,) = (one for one in recent(conn) if one["action"] == "campaign.approve")
    assert entry["detail"] == {"count": PEOPLE}


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda ctx: None, "finished"),
        (lambda ctx: join(ctx, 2), "running"),  # 5 % is allowed
        (lambda ctx: join(ctx, 3), "paused"),
        (lambda ctx: leave(ctx, 3), "paused"),
        (lambda ctx: (join(ctx, 2), leave(ctx, 2)), "paused"),  # as many as before, and yet others
    ],
)
def test_more_than_a_twentieth_stops_it_before_anything_is_planned(
    ctx: Context, approved: int, change: Callable[[Context], object], state: str
) -> None:
    change(ctx)
    found = begun(ctx, approved)
    assert (found == "paused") == (state == "paused")
    assert (deliveries(ctx) == 0) == (state == "paused")


def test_more_than_so_many_people_stop_it_too(ctx: Context, approved: int) -> None:
    join(ctx, 2)
    few = replace(ctx, settings=replace(ctx.settings, drift_people=1))
    assert begun(few, approved) == "paused"
    assert drift_in(ctx, approved) == {"approved": PEOPLE, "now": PEOPLE + 2, "joined": 2, "left": 0, "recommended": 0}


def test_the_reviewer_approves_in_one_step_and_those_are_told(ctx: Context, approved: int) -> None:
    join(ctx, 5)
    leave(ctx, 1)
    assert begun(ctx, approved) == "paused"
    assert drift_in(ctx, approved) == {"approved": 40, "now": 44, "joined": 5, "left": 1, "recommended": 0}
    join(ctx, 4, PEOPLE + 6)  # who comes later is not among those that were chosen and shown
    campaigns.approve(ctx, approved, "周岚")
    assert drift_in(ctx, approved) is None
    for _ in range(3):
        advance(ctx)
    assert deliveries(ctx) == 44


@pytest.mark.parametrize("verb", [campaigns.resume, campaigns.start])
def test_nobody_else_lets_it_go_on(ctx: Context, approved: int, verb: Callable[[Context, int, str], object]) -> None:
    join(ctx, 5)
    assert begun(ctx, approved) == "paused"
    with pytest.raises(CampaignError):
        verb(ctx, approved, "周岚")
    with pytest.raises(CampaignError, match="may not approve") as error:
        campaigns.approve(ctx, approved, "李萌")
    assert error.value.code == "same_person"
    advance(ctx)
    assert (campaigns.report(ctx, approved)["state"], deliveries(ctx)) == ("paused", 0)


def test_it_may_be_cancelled_instead(ctx: Context, approved: int) -> None:
    join(ctx, 5)
    begun(ctx, approved)
    campaigns.cancel(ctx, approved, "周岚")
    advance(ctx)
    assert (campaigns.report(ctx, approved)["state"], deliveries(ctx)) == ("cancelled", 0)


def test_a_paused_campaign_that_did_not_drift_is_not_approved_again(ctx: Context, approved: int) -> None:
    campaigns.start(ctx, approved, "周岚")
    campaigns.pause(ctx, approved, "周岚")
    with pytest.raises(CampaignError) as error:
        campaigns.approve(ctx, approved, "周岚")
    assert error.value.code == "state"


def test_approvals_are_added_never_changed(ctx: Context, approved: int) -> None:
    with pytest.raises(Exception, match="never changed"), transaction(ctx.engine) as conn:
        conn.execute(text("update approval set reviewer = 'x'"))


IDS = st.sets(st.integers(1, 2**62), max_size=60).map(lambda ids: np.array(sorted(ids), dtype=np.int64))


@given(IDS)
def test_people_are_unpacked_as_they_were_packed(people: np.ndarray) -> None:
    assert _unpacked(_packed(people)).tolist() == people.tolist()


@given(IDS, IDS, st.integers(0, 50), st.integers(0, 50))
def test_drift_is_what_joined_and_what_left(before: np.ndarray, after: np.ndarray, then: int, now: int) -> None:
    found = drift_of(Seen(before, then), Seen(after, now))
    assert found.joined == len(set(after.tolist()) - set(before.tolist()))
    assert found.left == len(set(before.tolist()) - set(after.tolist()))
    assert found.now - found.approved == found.joined - found.left + found.recommended
    assert is_too_much(found, 0, 0) == (found.size > 0)
    assert not is_too_much(found, 1e9, 10**9) or found.approved == 0


@pytest.mark.parametrize(
    ("drift", "over"),
    [
        (Drift(1000, 1050, 50, 0, 0), False),
        (Drift(1000, 1051, 51, 0, 0), True),
        (Drift(1000, 1000, 25, 25, 0), False),
        (Drift(1000, 1000, 26, 25, 0), True),
        (Drift(100_000, 100_500, 500, 0, 0), False),
        (Drift(100_000, 100_501, 501, 0, 0), True),
        (Drift(100_000, 99_499, 0, 0, -501), True),
        (Drift(0, 1, 1, 0, 0), True),
        (Drift(0, 0, 0, 0, 0), False),
    ],
)
def test_five_in_a_hundred_or_five_hundred(drift: Drift, over: bool) -> None:
    assert is_too_much(drift, 5.0, 500) is over
