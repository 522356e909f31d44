"""Of one deadline's steps the latest speaks: a draft that nobody started in time ends with the next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, standing
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.events import pass_events
from pushsvc.pipeline.feedback import react
from tests.clock import Clock
from tests.making import moment
from tests.registering import ask, issue, register


@pytest.fixture
def saved(ctx: Context) -> int:
    """A policy that closes in 30 days, and somebody who saved it; its number."""
    reader = register(ctx, "a", phone="13800130217", consents="recommend:any|notify:any", region="990105")
    here = {"fact": "region", "in_region": ["990105"]}
    issue(ctx, "p", criteria=here, window_closes=(city_day(ctx) + timedelta(days=30)).isoformat())
    ((policy,),) = ask(ctx, "select id from policy")
    assert react(ctx, reader, policy, kind="saved", on=True)
    return int(policy)


def steps(ctx: Context) -> list[tuple[int, str]]:
    """(campaign, state) of the deadline's campaigns."""
    return ask(ctx, "select id, state from campaign where detail->>'kind' = 'deadline' order by id")  # type: ignore[return-value]


def let_go(ctx: Context, number: int) -> None:
    campaigns.submit(ctx, number, "李萌")
    campaigns.approve(ctx, number, "周岚")
    campaigns.start(ctx, number, "李萌")


@pytest.mark.parametrize("upto", ["draft", "in_review", "approved"])
def test_a_step_that_nobody_started_ends_with_the_next(ctx: Context, saved: int, clock: Clock, upto: str) -> None:
    clock.forward(days=16)
    pass_events(ctx)
    ((first, _),) = steps(ctx)
    if upto != "draft":
        campaigns.submit(ctx, first, "李萌")
    if upto == "approved":
        campaigns.approve(ctx, first, "周岚")
    clock.forward(days=7)
    pass_events(ctx)
    assert [state for _, state in steps(ctx)] == ["cancelled", "draft"]
    told = ask(ctx, "select actor, detail->'event' is not null from audit where action = 'campaign.superseded'")
    assert told == [("system", True)]


def test_nobody_gets_two_steps_at_once(
    ctx: Context, saved: int, clock: Clock, sender: Sender, memory: dict[str, MemoryChannel]
) -> None:
    for days in (16, 7):
        clock.forward(days=days)
        pass_events(ctx)
    for number, state in steps(ctx):
        if state == "draft":
            let_go(ctx, number)
    for _ in range(4):
        advance(ctx)
    while deliver_next(ctx, sender, "normal"):
        pass
    assert len(memory["sms"].sent) == 1


def test_a_step_that_has_started_is_followed_by_the_next(ctx: Context, saved: int, clock: Clock) -> None:
    clock.forward(days=16)
    pass_events(ctx)
    let_go(ctx, steps(ctx)[0][0])
    clock.forward(days=7)
    pass_events(ctx)
    assert [state for _, state in steps(ctx)] == ["running", "draft"]


def test_a_step_answered_late_says_nothing_after_the_next(ctx: Context, saved: int, clock: Clock) -> None:
    clock.forward(days=16)
    pass_events(ctx)
    ask(ctx, "with late as (update policy_event set handled_at = null, campaign_id = null where kind = 'deadline' "
             "returning 1) select count(*) from late")  # fmt: skip
    clock.forward(days=7)
    pass_events(ctx)
    assert [state for _, state in steps(ctx)] == ["cancelled", "draft"]


def test_what_could_only_be_told_by_night_is_not_drafted(ctx: Context, saved: int, clock: Clock) -> None:
    rule = standing.create(ctx, "常规提醒", author="李萌", events=["deadline"])
    standing.submit(ctx, rule, "李萌")
    standing.approve(ctx, rule, "赵敏")
    clock.now = moment(f"{city_day(ctx) + timedelta(days=30)}T22:30:00+08:00")
    pass_events(ctx)
    kinds = ask(ctx, "select doors, rule_id is not null from campaign where detail->>'kind' = 'deadline'")
    assert kinds == [(["subscribed"], True)]
    assert ask(ctx, "select tries, handled_at is not null from policy_event where kind = 'deadline'") == [(0, True)]


def test_a_rule_lets_nothing_go_that_somebody_edited(ctx: Context, saved: int, clock: Clock) -> None:
    clock.forward(days=16)
    pass_events(ctx)
    ((number, _),) = steps(ctx)
    campaigns.edit(ctx, number, actor="吴越", doors=["subscribed"], title="别的话")
    rule = standing.create(ctx, "常规提醒", author="李萌", events=["deadline"])
    standing.submit(ctx, rule, "李萌")
    standing.approve(ctx, rule, "赵敏")
    ask(ctx, "with late as (update policy_event set handled_at = null where kind = 'deadline' returning 1) "
             "select count(*) from late")  # fmt: skip
    pass_events(ctx)
    assert steps(ctx)[0] == (number, "draft")
