"""What stops an event or a rule: an author's own approval, an emergency, a policy that is gone, a failure; and size."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import standing
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.events import notice, pass_events
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.shared_figures import import_parameters
from pushsvc.store.policy_events import NewEvent, record
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.registering import ask, count, issue, register

HERE = {"fact": "region", "in_region": ["990105"], "clause": "第四条"}


def after(ctx: Context, days: int) -> str:
    return (city_day(ctx) + timedelta(days=days)).isoformat()


def ruled(ctx: Context, reviewer: str, **options: object) -> int:
    """An approved rule for news, and somebody who asked to be told."""
    asker = register(ctx, "asker", birth_date="1990-01-01")
    assert subscribe(ctx, asker, {"ref": "w", "themes": "talent"}) == []
    number = standing.create(ctx, "新政提醒", author="吴越", events=["new"], **options)
    standing.submit(ctx, number, "吴越")
    standing.approve(ctx, number, reviewer)
    return number


def states(ctx: Context) -> list[tuple[object, ...]]:
    return ask(ctx, "select state, rule_id from campaign order by id")


def test_a_rule_approved_by_the_author_of_the_policy_leaves_a_draft(ctx: Context) -> None:
    ruled(ctx, "李 萌")
    issue(ctx, "a", topic="talent")
    assert pass_events(ctx) == 1
    assert states(ctx) == [("draft", None)]


@pytest.mark.parametrize(("kinds", "runs"), [([], False), (["fund"], False), (["emergency"], True)])
def test_only_a_rule_that_names_emergencies_takes_them(ctx: Context, kinds: list[str], runs: bool) -> None:
    number = ruled(ctx, "周岚", kinds=kinds)
    issue(ctx, "a", topic="talent", kind="emergency")
    pass_events(ctx)
    assert (("running", number) in states(ctx)) is runs


def test_an_event_of_a_policy_that_was_withdrawn_is_over(ctx: Context, clock: Clock) -> None:
    ruled(ctx, "周岚")
    issue(ctx, "a", topic="talent", window_closes=after(ctx, 8))
    clock.forward(days=1)
    with transaction(ctx.engine) as conn:
        notice(conn, ctx)
    ask(ctx, "with done as (update policy set state = 'withdrawn' returning 1) select * from done")
    assert pass_events(ctx) == 2
    assert states(ctx) == [("draft", None)]
    assert ask(ctx, "select kind, campaign_id from policy_event where handled_at is not null order by id")[1:] == [
        ("deadline", None)
    ]


def test_a_change_that_says_so_is_one_whatever_its_date(ctx: Context) -> None:
    issue(ctx, "a", family="f", date_published="2026-06-20", amount="10万元")
    issue(ctx, "b", family="f", event="changed:1", date_published="2026-06-01", amount="20万元")
    assert ask(ctx, "select kind, key from policy_event order by id") == [("new", "new:a"), ("changed", "changed:1")]


def test_the_deadline_of_a_policy_whose_repeal_is_still_to_come_is_told(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a", window_closes=after(ctx, 8))
    issue(ctx, "b", title="废止决定", family="g")
    by = "update policy set repealed_by = (select id from policy where ref = 'b'), valid_to = :day where ref = 'a'"
    ask(ctx, f"with done as ({by} returning 1) select * from done", day=city_day(ctx) + timedelta(days=20))
    clock.forward(days=2)
    pass_events(ctx)
    assert ask(ctx, "select key from policy_event where kind = 'deadline'") == [(f"{after(ctx, 6)}:7",)]


def test_a_shared_figure_is_said_as_its_value(ctx: Context, tmp_path: Path) -> None:
    told = {"zh": "领取年龄", "en": "age of drawing", "unit": "岁", "values": [{"value": 63, "source": "x"}]}
    (tmp_path / "p.json").write_text(json.dumps({"drawing": told}), encoding="utf-8")
    import_parameters(ctx, tmp_path / "p.json")
    old, new = ({"fact": "age", "ge": age, "clause": "第三条"} for age in (60, {"param": "drawing"}))
    issue(ctx, "a", family="f", criteria={"all": [old, HERE]})
    number = issue(ctx, "b", family="f", event="changed:1", criteria={"all": [new, HERE]})
    ((found,),) = ask(ctx, "select detail->'changes' from campaign where id = :id", id=number)
    ((gone,), (come,)) = found[0]["before"], found[0]["after"]
    assert ("60" in gone[0], "63" in come[0]) == (True, True)


def test_more_events_than_one_statement_takes_are_written(ctx: Context) -> None:
    issue(ctx, "a")
    ((number,),) = ask(ctx, "select id from policy")
    many = [NewEvent(number, "deadline", f"x:{one}") for one in range(11_000)]
    with transaction(ctx.engine) as conn:
        assert record(conn, many, ctx.clock()) == 11_000
        assert record(conn, many, ctx.clock()) == 0
    assert count(ctx, "policy_event") == 11_001
