"""Each event drafts one campaign, once, however often the pass runs, however late it is, whatever was dated when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.events import STEPS, answer, due_step, pass_events
from tests.clock import Clock
from tests.making import moment
from tests.registering import OLD_ENOUGH, ask, count, issue


def events(ctx: Context, kind: str) -> list[str]:
    """The keys of this kind, in order."""
    return [row[0] for row in ask(ctx, "select key from policy_event where kind = :kind order by id", kind=kind)]


def after(ctx: Context, days: int) -> str:
    return (city_day(ctx) + timedelta(days=days)).isoformat()


def test_a_new_policy_is_noticed_with_the_draft_that_its_publication_made(ctx: Context) -> None:
    number = issue(ctx, "a")
    assert pass_events(ctx) == 1
    assert ask(ctx, "select kind, key, campaign_id from policy_event") == [("new", "new:a", number)]
    assert pass_events(ctx) == 0
    assert (count(ctx, "campaign"), count(ctx, "policy_event")) == (1, 1)


def test_a_back_dated_publication_is_not_missed(ctx: Context) -> None:
    issue(ctx, "a", date_published=after(ctx, -1))
    pass_events(ctx)
    issue(ctx, "b", title="完全不同的办法", family="other", date_published="2009-01-01")
    assert pass_events(ctx) == 1
    assert events(ctx, "new") == ["new:a", "new:b"]


def test_what_became_visible_without_an_event_is_found_by_its_number(ctx: Context) -> None:
    number = issue(ctx, "a", date_published="2001-01-01")
    ask(ctx, "with gone as (delete from policy_event returning id) select id from gone")
    assert pass_events(ctx) == 1
    assert ask(ctx, "select kind, campaign_id from policy_event") == [("new", number)]
    assert count(ctx, "campaign") == 1


def test_a_change_says_its_fields_in_the_draft(ctx: Context) -> None:
    issue(ctx, "a", family="f", amount="10万元", window_closes="2026-12-31")
    changed = issue(ctx, "b", family="f", event="changed:1", amount="20万元", window_closes="2027-01-31")
    pass_events(ctx)
    ((kind, detail),) = ask(ctx, "select state, detail from campaign where id = :id", id=changed)
    assert (kind, detail["who"]) == ("draft", "changed")
    assert [one["field"] for one in detail["changes"]] == ["amount", "window_closes"]
    assert events(ctx, "changed") == ["changed:1"]


def test_an_older_version_loaded_later_changes_nothing(ctx: Context) -> None:
    issue(ctx, "a", family="f", date_published="2024-01-01", amount="10万元")
    issue(ctx, "b", family="f", date_published="2019-01-01", amount="5万元")
    assert events(ctx, "changed") == []
    assert events(ctx, "new") == ["new:a", "new:b"]


def test_next_years_notice_is_new_and_not_a_change(ctx: Context) -> None:
    issue(ctx, "a", family="f", title="2025年人才安居补贴申报通知")
    issue(ctx, "b", family="f", title="2026年人才安居补贴申报通知")
    issue(ctx, "c", family="f", title="2026年人才安居补贴申报通知（修订）")
    assert (events(ctx, "new"), events(ctx, "changed")) == (["new:a", "new:b"], ["new:c"])


def test_an_amendment_of_another_family_is_a_change_of_what_it_names(ctx: Context) -> None:
    issue(ctx, "a", title="云湾区安居办法", doc_no="云湾政发〔2024〕5号", amount="10万元")
    issue(ctx, "b", title="关于修改《云湾区安居办法》的决定", family="g", body="第一条 金额改为20万元。")
    assert events(ctx, "changed") == ["new:b"]


def test_a_window_that_opens_later_is_told_on_its_day_once(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_opens=after(ctx, 3), window_closes=after(ctx, 60))
    pass_events(ctx)
    assert events(ctx, "window_opened") == []
    clock.forward(days=3)
    assert (pass_events(ctx), pass_events(ctx)) == (1, 0)
    ((event, doors, expires),) = ask(ctx, "select event, doors, expires_at from campaign where id > 1")
    assert (event, doors) == (f"window_opened:{after(ctx, 0)}", ["subscribed", "recommended"])
    assert expires.date() == city_day(ctx) + timedelta(days=57)  # 16:00 UTC of the last day


def test_a_window_that_was_open_when_it_was_published_is_part_of_the_news(ctx: Context) -> None:
    issue(ctx, "a", window_opens=after(ctx, 0), window_closes=after(ctx, 60))
    assert pass_events(ctx) == 1
    assert events(ctx, "window_opened") == []


def test_a_deadline_is_told_at_each_step_once(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 20))
    closes = after(ctx, 20)
    for left in (15, 14, 13, 7, 6, 3, 2, 1, 0, -1):
        clock.now = moment(f"{date.fromisoformat(closes) - timedelta(days=left)}T10:00:00+08:00")
        pass_events(ctx)
    assert events(ctx, "deadline") == [f"{closes}:{step}" for step in STEPS]
    told = ask(ctx, "select event, detail->'days' from campaign where detail->>'kind' = 'deadline' order by id")
    assert told == [(f"deadline:{closes}:{step}", step) for step in STEPS]


def test_after_three_silent_days_only_the_nearest_step_is_told(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 8))
    pass_events(ctx)
    clock.forward(days=6)  # past 7, and past 3
    pass_events(ctx)
    assert events(ctx, "deadline") == [f"{after(ctx, 2)}:3"]
    assert ask(ctx, "select detail->'days' from campaign where detail->>'kind' = 'deadline'") == [(2,)]


def test_days_are_the_citys(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 8))
    clock.now = moment("2026-06-24T15:59:00+00:00")
    pass_events(ctx)
    assert events(ctx, "deadline") == []
    clock.forward(minutes=1)
    pass_events(ctx)
    assert len(events(ctx, "deadline")) == 1


def test_a_window_that_closed_before_it_could_be_told_drafts_nothing(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 2))
    pass_events(ctx)
    clock.forward(days=1)
    ask(
        ctx,
        """with made as (insert into policy_event (policy_id, kind, key, detail, at) select id, 'deadline', 'x',
        '{"kind": "deadline", "closes": "2020-01-01", "days": 1}', now() from policy returning 1) select * from made""",
    )
    pass_events(ctx)
    assert ask(ctx, "select campaign_id from policy_event where key = 'x' and handled_at is not null") == [(None,)]


def test_the_deadline_of_a_version_that_was_replaced_is_not_told(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", family="f", window_closes=after(ctx, 10))
    issue(ctx, "b", family="f", event="changed:1", window_closes=after(ctx, 40))
    clock.forward(days=5)
    pass_events(ctx)
    assert events(ctx, "deadline") == []


def test_a_repeal_is_told_once_and_ends_the_deadlines(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", doc_no="云湾政发〔2024〕5号", window_closes=after(ctx, 10))
    issue(ctx, "b", title="废止决定", family="g", body="第一条 有关文件不再适用。")
    ask(
        ctx,
        """with done as (update policy set repealed_by = (select id from policy where ref = 'b') where ref = 'a'
        returning 1) select * from done""",
    )
    assert pass_events(ctx) == 3
    clock.forward(days=5)
    assert pass_events(ctx) == 0
    assert (events(ctx, "repealed"), events(ctx, "deadline")) == (["b"], [])
    assert ask(ctx, "select doors, detail->>'who' from campaign where event = 'repealed:b'") == [
        (["subscribed"], "repealed")
    ]


def test_a_list_of_names_is_the_result_of_what_people_applied_for(ctx: Context) -> None:
    issue(ctx, "a", family="f", kind="fund", window_closes="2026-01-01")
    issue(ctx, "b", family="f", kind="gazette", title="人才安居补贴公报")
    pass_events(ctx)
    ((of,),) = ask(ctx, "select id from policy where ref = 'a'")
    ((doors, event, detail),) = ask(ctx, "select doors, event, detail from campaign where detail->>'who' = 'result'")
    assert (doors, event, detail["of"]) == (["subscribed"], "new:b", of)  # told of it as news: not told again


def test_two_passes_at_once_draft_one_campaign(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 8))
    clock.forward(days=1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: pass_events(ctx), range(4)))
    pass_events(ctx)
    assert ask(ctx, "select count(*) from campaign where detail->>'kind' = 'deadline'") == [(1,)]


def test_a_pass_that_died_after_its_draft_takes_the_same_draft(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 8))
    clock.forward(days=1)
    pass_events(ctx)
    again = "update policy_event set handled_at = null, campaign_id = null where kind = 'deadline' returning id"
    ((event_id,),) = ask(ctx, f"with back as ({again}) select id from back")
    assert answer(ctx, event_id)
    assert not answer(ctx, event_id)
    assert ask(ctx, "select count(*) from campaign where detail->>'kind' = 'deadline'") == [(1,)]


@given(st.integers(-3, 30), st.integers(0, 40), st.sets(st.sampled_from(STEPS)))
def test_the_step_is_the_nearest_reached_after_the_publication_and_never_told_twice(
    left: int, before: int, told: set[int]
) -> None:
    step = due_step(left, before, told)
    reached = [one for one in STEPS if 0 <= left <= one]
    if step is None:
        assert not reached or min(reached) in told or min(reached) >= before
    else:
        assert step == min(reached)
        assert step < before
        assert step not in told


@given(st.integers(1, 40), st.sets(st.integers(0, 45), max_size=20))
def test_however_the_days_of_passes_fall_steps_are_told_in_falling_order(before: int, days: set[int]) -> None:
    told: list[int] = []
    for left in sorted((before - day for day in days), reverse=True):
        step = due_step(left, before, told)
        told += [step] if step is not None else []
    assert told == sorted(set(told), reverse=True)
    last = min((before - day for day in days if before - day >= 0), default=None)
    if last is not None and last <= 1 < before:
        assert told[-1] == 1


@pytest.mark.parametrize("kind", ["consultation", "plan"])
def test_a_draft_or_plan_is_recommended_to_nobody(ctx: Context, clock: Clock, kind: str) -> None:
    issue(ctx, "a", kind=kind, window_closes=after(ctx, 8), criteria=OLD_ENOUGH)
    clock.forward(days=1)
    pass_events(ctx)
    assert ask(ctx, "select doors from campaign where detail->>'kind' = 'deadline'") == [(["subscribed"],)]


def test_a_withdrawn_policy_has_no_deadline(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 8))
    ask(ctx, "with done as (update policy set state = 'withdrawn' returning 1) select * from done")
    clock.forward(days=1)
    pass_events(ctx)
    assert events(ctx, "deadline") == []
