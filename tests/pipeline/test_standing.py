"""A standing rule needs two people, stays what was approved, and opens the subscribed door alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline import standing
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.event_audience import EVENTS
from pushsvc.pipeline.events import answer, pass_events
from pushsvc.pipeline.feedback import react
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.standing import RuleError, rule_hash
from tests.clock import Clock
from tests.registering import ask, issue, register


def approved(ctx: Context, *events: str, **options: object) -> int:
    """A rule that is in use."""
    number = standing.create(ctx, "常规提醒", author="李萌", events=events or ("deadline",), **options)
    standing.submit(ctx, number, "李萌")
    standing.approve(ctx, number, "周岚")
    return number


def closing(ctx: Context, clock: Clock, **values: object) -> None:
    """A policy whose window closes in a week, and somebody who saved it."""
    reader = register(ctx, "reader", birth_date="1990-01-01")
    values = {"topic": "talent", "window_closes": (city_day(ctx) + timedelta(days=8)).isoformat()} | values
    issue(ctx, "a", **values)
    assert react(ctx, reader, ask(ctx, "select id from policy")[0][0], kind="saved", on=True)
    clock.forward(days=1)


def drafts(ctx: Context) -> list[tuple[object, ...]]:
    return ask(
        ctx, "select state, doors, rule_id from campaign where detail->>'kind' = 'deadline' order by rule_id nulls last"
    )


@pytest.mark.parametrize("actor", ["李萌", " 李 萌"])
def test_nobody_approves_a_rule_of_their_own(ctx: Context, actor: str) -> None:
    number = standing.create(ctx, "r", author="李萌", events=["deadline"])
    standing.submit(ctx, number, "李萌")
    with pytest.raises(RuleError) as caught:
        standing.approve(ctx, number, actor)
    assert caught.value.code == "same_person"
    assert ask(ctx, "select state, approved_hash from standing_rule") == [("in_review", None)]


def test_whoever_wrote_it_before_anothers_edit_does_not_approve_it(ctx: Context) -> None:
    number = standing.create(ctx, "r", author="李萌", events=["deadline"])
    standing.edit(ctx, number, actor="周岚", lane="normal")
    standing.edit(ctx, number, actor="吴越", lane="bulk")
    standing.submit(ctx, number, "吴越")
    for actor in ("李萌", "周岚", "吴 越"):
        with pytest.raises(RuleError) as caught:
            standing.approve(ctx, number, actor)
        assert caught.value.code == "same_person"
    standing.approve(ctx, number, "郑和")


def test_a_draft_cannot_be_approved_before_it_is_submitted(ctx: Context) -> None:
    number = standing.create(ctx, "r", author="李萌", events=["deadline"])
    with pytest.raises(RuleError) as caught:
        standing.approve(ctx, number, "周岚")
    assert caught.value.code == "state"


def test_an_approved_rule_runs_the_campaign_for_subscribers_and_leaves_the_rest_to_people(
    ctx: Context, clock: Clock
) -> None:
    number = approved(ctx)
    closing(ctx, clock)
    pass_events(ctx)
    assert drafts(ctx) == [("running", ["subscribed"], number), ("draft", ["recommended"], None)]
    ((hashed, reviewer),) = ask(ctx, "select approved_hash, reviewer from campaign where rule_id = :id", id=number)
    assert (len(hashed), reviewer) == (64, "rule:常规提醒")
    ((detail,),) = ask(ctx, "select detail from audit where action = 'rule.applied'")
    assert (detail["rule"], detail["author"], detail["reviewer"]) == (number, "李萌", "周岚")


def test_without_a_rule_it_stays_a_draft(ctx: Context, clock: Clock) -> None:
    closing(ctx, clock)
    pass_events(ctx)
    assert drafts(ctx) == [("draft", ["subscribed", "recommended"], None)]


def test_an_edit_voids_the_approval_and_its_author_may_not_give_it_again(ctx: Context, clock: Clock) -> None:
    number = approved(ctx)
    standing.edit(ctx, number, actor="周岚", lane="normal")
    assert ask(ctx, "select state, approved_hash, reviewer from standing_rule") == [("draft", None, None)]
    closing(ctx, clock)
    pass_events(ctx)
    assert [state for state, *_ in drafts(ctx)] == ["draft"]
    standing.submit(ctx, number, "周岚")
    with pytest.raises(RuleError) as caught:
        standing.approve(ctx, number, "周岚")
    assert caught.value.code == "same_person"


def test_a_rule_changed_behind_the_approval_approves_nothing(ctx: Context, clock: Clock) -> None:
    approved(ctx)
    ask(ctx, "with done as (update standing_rule set lane = 'urgent' returning 1) select * from done")
    closing(ctx, clock)
    pass_events(ctx)
    assert [state for state, *_ in drafts(ctx)] == ["draft"]


def test_an_ended_rule_approves_nothing_more(ctx: Context, clock: Clock) -> None:
    number = approved(ctx)
    standing.end(ctx, number, actor="周岚", reason="换季")
    closing(ctx, clock)
    pass_events(ctx)
    assert [state for state, *_ in drafts(ctx)] == ["draft"]
    with pytest.raises(RuleError):
        standing.edit(ctx, number, actor="李萌", lane="normal")


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        ({"topics": ["talent"]}, True),
        ({"topics": ["elder"]}, False),
        ({"kinds": ["fund"]}, False),
        ({"regions": ["990100"]}, True),
        ({"regions": ["990105"]}, True),
        ({"regions": ["990106"]}, False),
        ({"lane": "normal"}, True),
    ],
)
def test_a_rule_speaks_of_what_it_names(ctx: Context, clock: Clock, options: dict[str, object], fits: bool) -> None:
    approved(ctx, **options)
    closing(ctx, clock)
    pass_events(ctx)
    assert (drafts(ctx)[0][0] == "running") is fits


def test_a_rule_for_news_leaves_the_draft_of_the_publication_as_it_is(ctx: Context) -> None:
    approved(ctx, "new")
    asker = register(ctx, "asker", birth_date="1990-01-01")
    assert subscribe(ctx, asker, {"ref": "w", "themes": "talent"}) == []
    issue(ctx, "a", topic="talent")
    pass_events(ctx)
    assert ask(ctx, "select state, event, doors from campaign order by id") == [
        ("draft", "new:a", ["subscribed", "recommended"]), ("running", "new:a", ["subscribed"])
    ]  # fmt: skip


def test_where_nobody_is_concerned_the_campaign_of_the_rule_is_cancelled(ctx: Context) -> None:
    approved(ctx, "new")
    issue(ctx, "a")
    assert pass_events(ctx) == 1
    assert ask(ctx, "select state from campaign order by id") == [("draft",), ("cancelled",)]


@pytest.mark.parametrize("state", ["draft", "in_review", "approved"])
def test_a_pass_that_died_half_way_is_taken_up_where_it_stood(ctx: Context, clock: Clock, state: str) -> None:
    approved(ctx)
    closing(ctx, clock)
    pass_events(ctx)
    back = "update campaign set state = :s, starts_at = null where rule_id is not null returning 1"
    ask(ctx, f"with d as ({back}) select * from d", s=state)
    ((number,),) = ask(
        ctx,
        """with d as (update policy_event set handled_at = null, campaign_id = null
        where kind = 'deadline' returning id) select * from d""",
    )
    assert answer(ctx, number)
    assert [row[0] for row in drafts(ctx)] == ["running", "draft"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"events": []}, "no_events"),
        ({"events": ["birthday"]}, "unknown_event"),
        ({"kinds": ["poem"]}, "unknown_kind"),
        ({"topics": ["x"]}, "unknown_topic"),
        ({"regions": ["1"]}, "unknown_region"),
        ({"lane": "receipts"}, "unknown_lane"),
        ({"lane": "urgent"}, "urgent_lane"),
        ({"lane": "urgent", "kinds": ["fund"]}, "urgent_lane"),
        ({"lane": "urgent", "kinds": ["emergency", "fund"]}, "urgent_lane"),
        ({"doors": ["recommended"]}, "unknown_option"),
        ({"author": " "}, "no_name"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(ctx: Context, options: dict[str, object], code: str) -> None:
    given_ = {"author": "李萌", "events": ["deadline"]} | options
    with pytest.raises(RuleError) as caught:
        standing.create(ctx, "r", **given_)  # type: ignore[arg-type]  # words of a table
    assert caught.value.code == code
    assert ask(ctx, "select * from standing_rule") == []


def test_a_rule_for_emergencies_alone_may_take_the_urgent_lane(ctx: Context) -> None:
    number = approved(ctx, "new", lane="urgent", kinds=["emergency"])
    asker = register(ctx, "asker", birth_date="1990-01-01")
    assert subscribe(ctx, asker, {"ref": "w", "themes": "talent"}) == []
    issue(ctx, "a", topic="talent", kind="emergency")
    pass_events(ctx)
    assert ask(ctx, "select state, lane from campaign where rule_id = :id", id=number) == [("running", "urgent")]


@pytest.mark.parametrize("options", [{"kinds": ["fund"]}, {"kinds": []}, {"kinds": ["fund"], "lane": "urgent"}])
def test_no_edit_leaves_a_routine_rule_on_the_urgent_lane(ctx: Context, options: dict[str, object]) -> None:
    number = approved(ctx, "new", lane="urgent", kinds=["emergency"])
    with pytest.raises(RuleError) as caught:
        standing.edit(ctx, number, actor="吴越", **options)
    assert (caught.value.code, caught.value.place) == ("urgent_lane", "lane")
    assert "emergency" in caught.value.sentence
    assert ask(ctx, "select state, kinds, lane from standing_rule") == [("approved", ["emergency"], "urgent")]
    standing.edit(ctx, number, actor="吴越", lane="bulk", kinds=["fund"])
    with pytest.raises(RuleError) as caught:
        standing.edit(ctx, number, actor="吴越", lane="urgent")
    assert caught.value.code == "urgent_lane"


def test_an_urgent_rule_for_routine_that_was_there_before_is_neither_approved_nor_used(
    ctx: Context, clock: Clock
) -> None:
    number = standing.create(ctx, "r", author="李萌", events=["deadline"])
    standing.submit(ctx, number, "李萌")
    ask(ctx, "with done as (update standing_rule set lane = 'urgent' returning 1) select * from done")
    with pytest.raises(RuleError) as caught:
        standing.approve(ctx, number, "周岚")
    assert caught.value.code == "urgent_lane"
    ((row,),) = ask(ctx, "select to_jsonb(r) from standing_rule r")
    now = "update standing_rule set state = 'approved', reviewer = '周岚', approved_hash = :hash returning 1"
    ask(ctx, f"with done as ({now}) select * from done", hash=rule_hash(row))
    closing(ctx, clock)
    pass_events(ctx)
    assert drafts(ctx) == [("draft", ["subscribed", "recommended"], None)]


def test_two_rules_have_two_names(ctx: Context) -> None:
    standing.create(ctx, "r", author="李萌", events=["deadline"])
    with pytest.raises(RuleError) as caught:
        standing.create(ctx, " r ", author="周岚", events=["new"])
    assert caught.value.code == "taken"


def test_each_step_of_a_rule_is_written_down(ctx: Context) -> None:
    number = approved(ctx)
    standing.edit(ctx, number, actor="吴越", events=["new"])
    standing.end(ctx, number, actor="周岚", reason="换季")
    assert ask(ctx, "select actor, action from audit where object = :o order by id", o=f"rule:{number}") == [
        ("李萌", "rule.create"), ("李萌", "rule.submit"), ("周岚", "rule.approve"), ("吴越", "rule.edit"),
        ("周岚", "rule.end"),
    ]  # fmt: skip


ROWS = st.fixed_dictionaries({
    "name": st.sampled_from(["a", "b"]), "events": st.lists(st.sampled_from(EVENTS), max_size=2, unique=True),
    "kinds": st.just([]), "topics": st.lists(st.sampled_from(["talent", "elder"]), max_size=1), "regions": st.just([]),
    "doors": st.just(["subscribed"]), "lane": st.sampled_from(["bulk", "normal"]),
})  # fmt: skip


@given(ROWS, ROWS)
def test_an_approval_is_of_one_content(one: dict[str, object], other: dict[str, object]) -> None:
    assert (rule_hash(one) == rule_hash(other)) == (one == other)
