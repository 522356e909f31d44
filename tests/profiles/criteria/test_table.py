"""The clause table answers one person as the columns do, policy by policy: the two compiled forms are equal."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.columns import Frame
from profiles.criteria import decide, parse
from profiles.criteria.table import Entry, answer, compile_table, states
from profiles.lifecycle import derive
from profiles.stages import STAGES
from profiles.standards.industries import industry_states, industry_states_of
from profiles.standards.regions import region_states, region_states_of
from tests.draws import draws
from tests.profiles.criteria.strategies import DEADLINE, PUBLISHED, people, trees
from tests.profiles.making import TODAY, frame_of

DAYS = [{}, {"deadline": DEADLINE}, {"published": PUBLISHED}, {"deadline": DEADLINE, "published": PUBLISHED}]


def _entry(tree: Any, days: int) -> Entry:
    return Entry(None if tree is None else parse(tree), **DAYS[days])


def _one_by_one(entries: list[Entry], person: Frame, on: date = TODAY) -> list[tuple[int, tuple[str, ...]]]:
    decided = [decide(one.criteria, person, on=on, deadline=one.deadline, published=one.published) for one in entries]
    return [(int(one.state[0]), tuple(one.missing)) for one in decided]


@settings(max_examples=draws(1000), deadline=None)
@given(asked=st.lists(st.tuples(st.none() | trees, st.integers(0, 3)), min_size=1, max_size=12), person=people)
def test_the_table_says_what_the_columns_say_and_what_is_missing(
    asked: list[tuple[Any, int]], person: dict[str, Any]
) -> None:
    entries, frame = [_entry(tree, days) for tree, days in asked], frame_of([person])
    table = compile_table(entries)
    found = answer(table, frame, TODAY)
    expected = _one_by_one(entries, frame)
    assert [(state, found.missing_of(i)) for i, state in enumerate(found.state.tolist())] == expected
    assert states(table, frame, TODAY).tolist() == found.state.tolist()


@pytest.mark.parametrize("asked", [{"eq": 5}, {"in": [5]}, {"in": [0, 100, 5]}, {"in": [5.0000000000001, 7]}])
def test_a_figure_a_hair_off_is_one_of_a_list_wherever_it_is_asked(asked: dict[str, Any]) -> None:
    frame = frame_of([{"kind": "enterprise", "rd_spend": 1.15, "revenue": 23}])  # 5 %, in binary a little less
    entry = Entry(parse({"fact": "rd_ratio", **asked}))
    assert _one_by_one([entry], frame) == [(1, ())]
    assert states(compile_table([entry]), frame, TODAY).tolist() == [1]


@pytest.mark.parametrize("fact", ["rd_ratio", "rd_ratio_3y"])
@pytest.mark.parametrize("asked", [{"fact": "{}", "ge": 5}, {"measure": {"fact": "{}"}, "ge": 5}])
def test_a_share_of_next_to_nothing_is_unknown_wherever_it_is_asked(fact: str, asked: dict[str, Any]) -> None:
    years = {f"{name}@{year}": n for year in (2023, 2024, 2025) for name, n in (("rd_spend", 1e9), ("revenue", 1e-301))}
    frame = frame_of([{"kind": "enterprise", "rd_spend": 1e9, "revenue": 1e-301, **years}])
    entry = Entry(parse(json.loads(json.dumps(asked).replace("{}", fact))))
    assert _one_by_one([entry], frame)[0][0] == -1
    assert states(compile_table([entry]), frame, TODAY).tolist() == [-1]


@settings(max_examples=draws(200), deadline=None)
@given(asked=st.lists(trees, min_size=1, max_size=6), crowd=st.lists(people, min_size=2, max_size=5))
def test_a_table_that_answered_somebody_answers_the_next_as_if_new(asked: list[Any], crowd: list[Any]) -> None:
    entries = [_entry(tree, 3) for tree in asked]
    kept = compile_table(entries)
    for person in crowd:
        frame = frame_of([person])
        np.testing.assert_array_equal(
            states(kept, frame, TODAY), states(compile_table(entries), frame, TODAY), strict=True
        )


_days = st.none() | st.dates(date(2023, 12, 30), date(2026, 9, 1)) | st.sampled_from([date(2024, 2, 29), date.max])
_on = st.sampled_from([{}, {"on": "deadline"}, {"on": "published"}, {"on": "2023-02-28"}])
_dated = ["age", "age_months", "years_since_founded", "rd_ratio_3y", "rd_ratio", "employees"]
_by_day = st.tuples(st.sampled_from(_dated), st.sampled_from(["lt", "ge", "eq"]), st.integers(0, 40), _on).map(
    lambda part: {"fact": part[0], part[1]: part[2], **part[3]}
)
_stages = st.sampled_from(STAGES).map(lambda name: {"fact": "stage", "has": name})


@settings(max_examples=150, deadline=None)
@given(
    asked=st.lists(st.tuples(_by_day | _stages | trees, _days, _days), max_size=20),
    crowd=st.lists(people, min_size=1, max_size=3),
    today=st.dates(date(2024, 2, 27), date(2026, 12, 31)),
    derived=st.booleans(),
)
def test_every_policy_has_days_of_its_own(asked: list[Any], crowd: list[Any], today: date, derived: bool) -> None:
    entries = [Entry(parse(tree), deadline, published) for tree, deadline, published in asked]
    table = compile_table(entries)
    for person in crowd:
        frame = derive(frame_of([person]), today) if derived else frame_of([person])
        found = answer(table, frame, today)
        assert [(state, found.missing_of(i)) for i, state in enumerate(found.state.tolist())] == _one_by_one(
            entries, frame, today
        )


def test_what_a_day_does_not_change_is_asked_once_for_all_deadlines() -> None:
    tree = {
        "all": [
            {"fact": "revenue", "ge": 5, "on": "deadline"},
            {"fact": "revenue", "year": -1, "ge": 5, "on": "deadline"},
        ]
    }
    table = compile_table([Entry(parse(tree), date(2026, month, 1)) for month in range(1, 13)])
    assert len(table.people.program.conditions) == 2


def test_tiers_that_ask_alike_lack_only_what_is_asked() -> None:
    tree = {"tiers": [{"up_to": 9, "ge": 5}, {"ge": 5}], "by": {"fact": "assets"}, "of": {"fact": "revenue"}}
    assert answer(compile_table([_entry(tree, 0)]), frame_of([{"kind": "enterprise"}]), TODAY).missing_of(0) == (
        "revenue",
    )


def test_no_policies_are_no_answers() -> None:
    found = answer(compile_table([]), frame_of([{"kind": "citizen"}]), TODAY)
    assert (len(found.state), found.facts) == (0, ())


def test_equal_conditions_are_asked_once() -> None:
    age = {"fact": "age", "ge": 60, "clause": "第三条"}
    table = compile_table([_entry({"all": [age, {"fact": "owns_home", "eq": True}]}, 0), _entry({"any": [age]}, 1)])
    assert len(table.people.program.conditions) == 2
    assert len(table) == 2


@pytest.mark.parametrize("n", [70, 200])
def test_more_missing_facts_than_bits_in_a_word_are_all_named(n: int) -> None:
    tree = {"all": [{"measure": {"fact": "revenue", "year": 1950 + year}, "ge": 1} for year in range(n // 2)]}
    more = {"all": [{"measure": {"fact": "assets", "year": 1950 + year}, "ge": 1} for year in range(n // 2)]}
    found = answer(compile_table([_entry({"all": [tree, more]}, 0)]), frame_of([{"kind": "enterprise"}]), TODAY)
    assert len(found.missing_of(0)) == n


@settings(max_examples=draws(200), deadline=None)
@given(
    asked=st.lists(st.lists(st.sampled_from(["I65", "I6513", "6513", "I", "A", "C39"]), min_size=1, max_size=3)),
    level=st.sampled_from(["I6513", "I65", "I", "6513", "C3990", "nothing"]),
)
def test_one_industry_against_many_lists_is_each_list_by_itself(asked: list[list[str]], level: str) -> None:
    found = industry_states_of(level, [tuple(codes) for codes in asked]).tolist()
    assert found == [int(industry_states([level], codes)[0]) for codes in asked]


_places = ["990101", "990103", "990114", "990100", "990000", "330106", "330106002", "330000", "000000"]


@settings(max_examples=draws(200), deadline=None)
@given(
    asked=st.lists(st.lists(st.sampled_from(_places), min_size=1, max_size=3)),
    place=st.sampled_from([*_places, "nowhere"]),
)
def test_one_place_against_many_lists_is_each_list_by_itself(asked: list[list[str]], place: str) -> None:
    found = region_states_of(place, [tuple(codes) for codes in asked]).tolist()
    assert found == [int(region_states([place], codes)[0]) for codes in asked]
