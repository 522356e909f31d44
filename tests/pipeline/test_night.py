"""Each night: stages anew, and an event for an age reached or a certificate about to lapse; once, and not the first."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.life import answer_life_events
from pushsvc.pipeline.night import pass_night
from pushsvc.pipeline.shared_figures import import_parameters
from tests.clock import Clock
from tests.registering import ask, issue, register

CONTACT = {"phone": "13800130217", "consents": "recommend:any"}
OLD = {"fact": "age", "ge": 60}


@pytest.fixture
def known(ctx: Context, clock: Clock) -> Clock:
    """A city that has had its first night; the clock stands in the second."""
    register(ctx, "other")
    pass_night(ctx)
    clock.forward(days=1)
    return clock


def events(ctx: Context) -> list[tuple[str, str]]:
    return ask(ctx, "select kind, key from life_event order by id")  # type: ignore[return-value]


def told(ctx: Context) -> list[str]:
    return [ref for (ref,) in ask(ctx, "select p.ref from delivery_item i join policy p on p.id = i.policy_id")]


def test_who_turns_sixty_is_told_once_of_what_now_fits(ctx: Context, known: Clock) -> None:
    register(ctx, "a", birth_date="1966-06-25", region="990105", **CONTACT)
    issue(ctx, "sixty", criteria=OLD)
    issue(ctx, "here", criteria={"fact": "region", "in_region": ["990105"]})
    assert pass_night(ctx) == 2
    assert events(ctx) == [("age", "60:2026-06-25")]
    assert (answer_life_events(ctx), told(ctx)) == (1, ["sixty"])
    assert pass_night(ctx) == 0
    known.forward(days=1)
    pass_night(ctx)
    assert answer_life_events(ctx) == 0


def test_stages_follow_the_days(ctx: Context, known: Clock) -> None:
    register(ctx, "a", birth_date="1966-06-26")
    known.forward(days=1)
    pass_night(ctx)
    assert "养老" in ask(ctx, "select stages from profile where ref = 'a'")[0][0]


def test_a_child_who_turns_three_is_news_for_the_family(ctx: Context, known: Clock) -> None:
    register(ctx, "a", dependants="kid@2023-06-25", as_of="2026-06-20", **CONTACT)
    issue(ctx, "nursery", criteria={"any_dependant": {"fact": "age", "ge": 3}})
    pass_night(ctx)
    assert ("age", "family-3:2026-06-25") in events(ctx)
    answer_life_events(ctx)
    assert told(ctx) == ["nursery"]


def test_a_certificate_about_to_lapse_is_told_to_the_firms_people(ctx: Context, known: Clock) -> None:
    register(ctx, "boss", **CONTACT)
    last = known().date() + timedelta(days=90)
    register(ctx, "firm", kind="enterprise", members="boss:admin", qualifications=f"national_hnte@2023-10-01@{last}")
    issue(ctx, "renew", criteria={"qualification": "national_hnte", "lapses_within": 90})
    issue(ctx, "hold", criteria={"qualification": "national_hnte"})
    pass_night(ctx)
    assert ("lapsing", "national_hnte:2023-10-01") in events(ctx)
    answer_life_events(ctx)
    assert "renew" in told(ctx)


def test_a_certificate_is_told_again_thirty_days_before_its_last_day_of_what_is_new(ctx: Context, known: Clock) -> None:
    register(ctx, "boss", **CONTACT)
    last = known().date() + timedelta(days=90)
    register(ctx, "firm", kind="enterprise", members="boss:admin", qualifications=f"national_hnte@2023-10-01@{last}")
    issue(ctx, "renew", criteria={"qualification": "national_hnte", "lapses_within": 90})
    issue(ctx, "hurry", criteria={"qualification": "national_hnte", "lapses_within": 30})
    issue(ctx, "hold", criteria={"qualification": "national_hnte"})
    pass_night(ctx)
    answer_life_events(ctx)
    assert told(ctx) == ["renew"]
    for _ in range(62):
        known.forward(days=1)
        pass_night(ctx)
        answer_life_events(ctx)
    assert events(ctx) == [("lapsing", "national_hnte:2023-10-01"), ("lapsing", "national_hnte:2023-10-01:30")]
    assert told(ctx) == ["renew", "hurry"]


def test_a_certificate_first_heard_of_in_its_last_month_is_told_once(ctx: Context, known: Clock) -> None:
    paper = {"kind": "enterprise", "qualifications": f"national_hnte@2023-10-01@{known().date() + timedelta(days=20)}"}
    register(ctx, "firm", **paper)
    assert events(ctx) == [("lapsing", "national_hnte:2023-10-01")]


def test_a_last_day_that_moved_into_the_last_month_is_told_at_both_steps_at_most(ctx: Context, known: Clock) -> None:
    for days in (60, 20, 19):
        last = known().date() + timedelta(days=days)
        register(ctx, "firm", kind="enterprise", qualifications=f"national_hnte@2023-10-01@{last}")
    pass_night(ctx)
    assert events(ctx) == [("lapsing", "national_hnte:2023-10-01"), ("lapsing", "national_hnte:2023-10-01:30")]


def test_the_first_night_is_news_to_nobody(ctx: Context) -> None:
    register(ctx, "a", birth_date="1966-06-24")
    issue(ctx, "sixty", criteria=OLD)
    assert pass_night(ctx) == 1
    assert events(ctx) == []


def test_after_some_missed_nights_nothing_is_forgotten_and_after_many_nothing_stale_is_told(
    ctx: Context, known: Clock
) -> None:
    register(ctx, "a", birth_date="1966-06-26")
    issue(ctx, "sixty", criteria=OLD)
    known.forward(days=4)
    pass_night(ctx)
    assert events(ctx) == [("age", "60:2026-06-26")]
    register(ctx, "b", birth_date="1966-07-01")
    known.forward(days=100)
    pass_night(ctx)
    assert len(events(ctx)) == 1


def test_after_a_month_without_nights_each_step_of_a_certificate_is_made_up_for(ctx: Context, known: Clock) -> None:
    register(ctx, "boss", **CONTACT)
    for ref, days in (("soon", 32), ("far", 95), ("gone", 5)):
        last = known().date() + timedelta(days=days)
        paper = f"national_hnte@2024-01-01@{last}"
        register(ctx, ref, kind="enterprise", members="boss:admin", qualifications=paper, as_of="2026-06-20")
    issue(ctx, "hurry", criteria={"qualification": "national_hnte", "lapses_within": 30})
    before = events(ctx)  # what was near when it was first heard of was told then
    known.forward(days=30)
    pass_night(ctx)
    assert [key for _, key in before] == ["national_hnte:2024-01-01"] * 2
    assert sorted(key for _, key in events(ctx)[2:]) == ["national_hnte:2024-01-01", "national_hnte:2024-01-01:30"]


def test_a_certificate_that_passed_both_steps_meanwhile_brings_each_policy_once(ctx: Context, known: Clock) -> None:
    register(ctx, "boss", **CONTACT)
    paper = f"national_hnte@2024-01-01@{known().date() + timedelta(days=95)}"
    register(ctx, "firm", kind="enterprise", members="boss:admin", qualifications=paper, as_of="2026-06-20")
    for days in (90, 30):
        issue(ctx, f"within {days}", criteria={"qualification": "national_hnte", "lapses_within": days})
    known.forward(days=80)
    pass_night(ctx)
    answer_life_events(ctx)
    assert len(events(ctx)) == 2
    assert sorted(told(ctx)) == ["within 30", "within 90"]


def test_before_two_in_the_morning_the_night_has_not_begun(ctx: Context, known: Clock) -> None:
    known.now = known.now.replace(hour=1)
    assert pass_night(ctx) == 0
    known.now = known.now.replace(hour=2)
    assert pass_night(ctx) == 1


def test_an_age_that_is_a_shared_figure_is_reached_too(ctx: Context, known: Clock, tmp_path: Path) -> None:
    figures = {
        "retiring": {
            "zh": "退休年龄",
            "en": "retiring age",
            "unit": "岁",
            "values": [{"from": "2026-01-01", "value": 60, "source": "法律"}],
        }
    }
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(figures), encoding="utf-8")
    import_parameters(ctx, path)
    register(ctx, "a", birth_date="1966-06-25")
    issue(ctx, "sixty", criteria={"fact": "age", "ge": {"param": "retiring"}})
    pass_night(ctx)
    assert events(ctx) == [("age", "60:2026-06-25")]
