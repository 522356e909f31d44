"""Yes, no and unknown over columns: against a second way to compute, and in sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.criteria import Decision, decide, parse
from profiles.lifecycle import derive
from tests.draws import draws
from tests.profiles.criteria.reference import evaluate
from tests.profiles.criteria.strategies import DEADLINE, NAMED, PUBLISHED, people, trees
from tests.profiles.making import TODAY, frame_of

STATE = {True: 1, False: 0, None: -1}


def decided(tree: object, persons: list[dict[str, Any]], **days: date) -> Decision:
    return decide(parse(tree), frame_of(persons), **{"on": TODAY, **days})


def state(tree: object, **facts: object) -> int:
    return int(decided(tree, [facts]).state[0])


@settings(max_examples=draws(2000), deadline=None)
@given(trees, st.lists(people, min_size=1, max_size=6))
def test_columns_decide_as_one_person_at_a_time(tree: Any, persons: list[dict[str, Any]]) -> None:
    expected = [STATE[evaluate(tree, person, NAMED)] for person in persons]
    found = decided(tree, persons, deadline=DEADLINE, published=PUBLISHED)
    assert found.state.tolist() == expected


@settings(max_examples=60, deadline=None)
@given(trees, st.lists(people, min_size=2, max_size=6), st.integers(1, 3))
def test_chunks_and_derived_frames_decide_the_same(tree: Any, persons: list[dict[str, Any]], size: int) -> None:
    frame, criteria = frame_of(persons), parse(tree)
    whole = decide(criteria, frame, on=TODAY)
    parts = [decide(criteria, part, on=TODAY) for part in frame.chunks(size)]
    assert np.concatenate([part.state for part in parts]).tolist() == whole.state.tolist()
    assert decide(criteria, derive(frame, TODAY), on=TODAY).state.tolist() == whole.state.tolist()
    totals: dict[str, int] = {}
    for part in parts:
        for fact, count in part.missing.items():
            totals[fact] = totals.get(fact, 0) + count
    assert totals == whole.missing


@settings(max_examples=100, deadline=None)
@given(trees, people)
def test_whoever_is_unknown_lacks_something_and_nobody_else_does(tree: Any, person: dict[str, Any]) -> None:
    found = decided(tree, [person])
    assert bool(found.missing) == (found.state[0] == -1)


@given(trees, people)
@settings(max_examples=60, deadline=None)
def test_not_not_changes_nothing(tree: Any, person: dict[str, Any]) -> None:
    assert decided({"not": {"not": tree}}, [person]).state.tolist() == decided(tree, [person]).state.tolist()


def test_no_criteria_match_nobody() -> None:
    assert decide(None, frame_of([{"kind": "citizen"}]), on=TODAY).state.tolist() == [0]


def test_an_empty_all_is_everybody() -> None:
    assert state({"all": []}, kind="citizen") == 1


def test_whoever_turns_60_on_the_deadline_day_fits() -> None:
    tree = {"fact": "age", "ge": 60, "on": "deadline"}
    persons = [{"kind": "citizen", "birth_date": date(1966, 6, d)} for d in (29, 30)] + [
        {"birth_date": date(1966, 7, 1)}
    ]
    assert decided(tree, persons, deadline=date(2026, 6, 30)).state.tolist() == [1, 1, 0]


def test_without_a_deadline_it_is_asked_today() -> None:
    assert state({"fact": "age", "ge": 60, "on": "deadline"}, birth_date=date(1966, 6, 24)) == 1


def test_a_fact_of_enterprises_is_no_for_a_citizen_not_unknown() -> None:
    found = decided({"fact": "revenue", "ge": 1}, [{"kind": "citizen"}, {"kind": "enterprise"}])
    assert found.state.tolist() == [0, -1]
    assert found.missing == {"revenue": 1}


def test_a_stale_district_asks_to_confirm_the_region() -> None:
    found = decided({"fact": "region", "in_region": ["990102"]}, [{"region": "990114"}])
    assert (found.state.tolist(), found.missing) == ([-1], {"region": 1})


def test_one_of_the_twins_is_enough_and_both_are_one_person() -> None:
    tree = {
        "any_dependant": {
            "all": [{"fact": "age_days", "lt": 60}, {"fact": "household_region", "in_region": ["990100"]}]
        }
    }
    twins = [(date(2026, 6, 1), "990101"), (date(2026, 6, 1), "330106")]
    assert state(tree, kind="citizen", dependants=twins) == 1
    assert state(tree, kind="citizen", dependants=[(date(2026, 6, 1), None)]) == -1
    assert state(tree, kind="citizen") == 0


def test_only_what_could_tell_is_missing() -> None:
    tree = {
        "all": [
            {"fact": "owns_home", "eq": False},
            {"any": [{"fact": "age", "ge": 18}, {"fact": "talent_class", "eq": "A"}]},
        ]
    }
    found = decided(tree, [{"kind": "citizen", "birth_date": date(1990, 1, 1)}])
    assert found.missing == {"owns_home": 1}


def test_a_size_names_the_figures_it_lacks() -> None:
    tree = {"fact": "size", "in": ["small", "micro"]}
    assert decided(tree, [{"kind": "enterprise", "industry": "I65", "employees": 3}]).missing == {"revenue": 1}
    assert decided(tree, [{"kind": "enterprise", "industry": "J66"}]).missing == {"size": 1}


def test_a_stage_is_asked_as_its_rule() -> None:
    tree = {"fact": "stage", "has": "养老"}
    assert state(tree, kind="citizen", birth_date=date(1950, 1, 1)) == 1
    assert state(tree, kind="citizen", birth_date=date(1990, 1, 1), employment="employed") == 0
    assert decided(tree, [{"kind": "citizen"}]).missing == {"birth_date": 1, "employment": 1}


def test_a_sensitive_fact_that_was_not_joined_in_is_unknown() -> None:
    assert state({"fact": "hardship", "eq": True}, kind="citizen") == -1


@pytest.mark.parametrize("value", [True, False])
def test_a_flag_is_compared_as_a_flag(value: bool) -> None:
    assert state({"fact": "dishonest", "eq": value}, dishonest=True) == int(value)


def test_nodes_stand_in_reading_order_with_their_places() -> None:
    tree = {"all": [{"fact": "age", "ge": 1}, {"not": {"fact": "dishonest", "eq": True}}]}
    assert [place for place, _ in decided(tree, [{}]).nodes] == ["", "all[0]", "all[1]", "all[1].not"]
