"""The people of the benchmarks stand as imports would leave them; a campaign to them can be planned and sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from benchmarks.campaign_filling import begin_again, fill_campaign
from benchmarks.people_filling import MORNING, REAL, Mix, everybody, fill_people
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.store.session import transaction


@pytest.fixture
def morning(ctx: Context) -> Context:
    """The moment at which the benchmarks plan."""
    return replace(ctx, clock=lambda: MORNING)


def counted(ctx: Context, query: str) -> dict[str, int]:
    with transaction(ctx.engine) as conn:
        return {str(name): int(n) for name, n in conn.execute(text(query))}


def sent_by(ctx: Context, channel: str) -> MemoryChannel:
    """What is sent when everything that is due on the channel is."""
    provider = MemoryChannel(channel)
    with asyncio.Runner() as runner:
        sender = Sender(channels={channel: provider}, run=runner.run, worker="test")
        while deliver_next(ctx, sender, "bulk"):
            pass
    return provider


def test_a_real_city_has_deliveries_on_all_channels_and_refusals_of_many_kinds(morning: Context) -> None:
    fill_people(morning, 600, REAL)
    campaign = fill_campaign(morning, "real", (0, 600))
    assert plan(morning, campaign) == 600
    assert counted(morning, "select channel, count(*) from delivery group by 1").keys() == {"app", "sms", "email"}
    codes = counted(morning, "select code, count(*) from refusal group by 1")
    assert codes.keys() >= {"no_basis", "minor", "muted", "personalised_off", "suppressed"}
    doors = counted(morning, "select door, count(*) from selection group by 1")
    assert doors.keys() == {"entitled", "subscribed", "recommended"}


@pytest.mark.parametrize(("channel", "mix"), [("sms", everybody(sms=1)), ("email", everybody(email=1))])
def test_everybody_is_told_at_once(morning: Context, channel: str, mix: Mix) -> None:
    fill_people(morning, 120, mix)
    plan(morning, fill_campaign(morning, "all", (20, 120), door="subscribed"))
    sent = sent_by(morning, channel).sent
    assert len(sent) == len({message.to for message in sent}) == 100


def test_people_without_a_device_have_an_address_that_leads_nowhere(morning: Context) -> None:
    fill_people(morning, 30, everybody(app=1, dumb=True))
    plan(morning, fill_campaign(morning, "dumb", (0, 30), door="subscribed"))
    assert [message.to for message in sent_by(morning, "app").sent] == [""] * 30


def test_a_campaign_begins_again_as_if_nothing_had_been_sent(morning: Context) -> None:
    fill_people(morning, 50, everybody(sms=1))
    campaign = fill_campaign(morning, "again", (0, 50), door="subscribed")
    for _ in range(2):
        assert plan(morning, campaign) == 50
        assert len(sent_by(morning, "sms").sent) == 50
        begin_again(morning, [campaign])
