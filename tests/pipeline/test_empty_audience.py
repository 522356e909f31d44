"""A campaign that would tell nobody is refused, with the funnel that says why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.empty_audience import refuse_empty
from pushsvc.store.audit import recent
from pushsvc.store.campaigns import get_campaign
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, subscribe


@pytest.fixture
def approved(ctx: Context) -> int:
    """A campaign for subscribers, approved; one person, who did not subscribe."""
    with transaction(ctx.engine) as conn:
        make_person(conn, ctx, 1, consent=("notify",))
        number = make_campaign(conn, ctx, make_policy(conn, ctx), state="draft")
    campaigns.submit(ctx, number, "李萌")
    campaigns.approve(ctx, number, "周岚")
    return number


def test_it_does_not_start_and_says_whom_it_looked_at(ctx: Context, approved: int) -> None:
    with pytest.raises(CampaignError) as error:
        campaigns.start(ctx, approved, "周岚")
    assert error.value.code == "empty_audience"
    assert error.value.funnel is not None
    assert error.value.funnel["profiles"] == 1
    assert "profiles 1" in error.value.sentence
    assert campaigns.report(ctx, approved)["state"] == "approved"


def test_it_starts_once_somebody_asked(ctx: Context, approved: int) -> None:
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, 1, "wish")
    campaigns.start(ctx, approved, "周岚")
    assert campaigns.report(ctx, approved)["state"] == "running"


def test_one_that_begins_later_is_counted_when_it_begins(ctx: Context, approved: int, clock: Clock) -> None:
    campaigns.edit(ctx, approved, actor="李萌", starts_at=clock() + timedelta(hours=1))
    campaigns.submit(ctx, approved, "李萌")
    campaigns.approve(ctx, approved, "周岚")
    campaigns.start(ctx, approved, "周岚")
    assert campaigns.report(ctx, approved)["state"] == "scheduled"
    clock.forward(hours=2)
    advance(ctx)
    advance(ctx)
    found = campaigns.report(ctx, approved)
    assert (found["state"], found["reviewer"], found["selected"]) == ("draft", None, {})
    assert (found["funnel"]["refused"], found["funnel"]["profiles"]) == ("empty_audience", 1)
    with transaction(ctx.engine) as conn:
        entry = recent(conn, object=f"campaign:{approved}")[0]
    assert (entry["action"], entry["detail"]["code"]) == ("campaign.refused", "empty_audience")
    assert "eligible_by" not in entry["detail"]["funnel"]


def test_one_sent_back_chooses_anew_after_its_approval(ctx: Context, clock: Clock) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        number = make_campaign(conn, ctx, make_policy(conn, ctx))
    advance(ctx)
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, person, "wish")
    campaigns.submit(ctx, number, "李萌")
    campaigns.approve(ctx, number, "周岚")
    campaigns.start(ctx, number, "周岚")
    advance(ctx)
    assert campaigns.report(ctx, number)["deliveries"] == {"sms": {"planned": 1}}


def test_one_that_chose_somebody_is_let_be(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        number = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, number, [person])
    assert refuse_empty(ctx, number) is False
    with transaction(ctx.engine) as conn:
        row = get_campaign(conn, number)
    assert row is not None
    assert row["state"] == "running"


def test_one_whose_audience_is_not_chosen_yet_is_let_be(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        number = make_campaign(conn, ctx, make_policy(conn, ctx))
    assert refuse_empty(ctx, number) is False
    assert refuse_empty(ctx, number + 1) is False
