"""How far a person is from a policy: nothing exactly where it may fit, and else the conditions that say no, counted."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.criteria import parse
from profiles.criteria.nearness import FAR, joined_nearness, nearness
from profiles.criteria.table import Entry, compile_table, states
from tests.draws import draws
from tests.profiles.criteria.strategies import people, trees
from tests.profiles.making import TODAY, frame_of

OLD, RICH = {"fact": "age", "ge": 60}, {"fact": "insurance_months", "ge": 6}
HOME = {"fact": "owns_home", "eq": False}
YOUNG_OWNER = {"kind": "citizen", "birth_date": date(2000, 1, 1), "owns_home": True, "insurance_months": 2}


@settings(max_examples=draws(400), deadline=None)
@given(asked=st.lists(trees, min_size=1, max_size=8), person=people)
def test_it_is_nothing_exactly_where_the_answer_is_not_no(asked: list[Any], person: dict[str, Any]) -> None:
    frame = frame_of([person])
    table = compile_table([Entry(parse(tree)) for tree in asked])
    far = nearness(table, frame, TODAY)
    assert (far == 0).tolist() == (states(table, frame, TODAY) != 0).tolist()


@pytest.mark.parametrize(
    ("tree", "far"),
    [
        ({"all": [OLD]}, 1),
        ({"all": [OLD, HOME]}, 2),
        ({"all": [OLD, HOME, RICH]}, 3),
        ({"any": [OLD, {"all": [HOME, RICH]}]}, 1),
        ({"all": [OLD, {"fact": "school_level", "ge": "bachelor"}]}, 1),  # what is unknown is not counted
        ({"not": {"all": [{"fact": "age", "lt": 60}, {"fact": "owns_home", "eq": True}]}}, 1),
        ({"not": {"any": [{"fact": "age", "lt": 60}, {"fact": "owns_home", "eq": True}]}}, 2),
    ],
)
def test_conditions_that_say_no_are_counted(tree: dict[str, Any], far: int) -> None:
    table = compile_table([Entry(parse(tree))])
    assert nearness(table, frame_of([YOUNG_OWNER]), TODAY).tolist() == [far]


def test_what_is_for_another_kind_of_profile_or_for_nobody_is_far() -> None:
    firms = {"all": [{"fact": "kind", "eq": "enterprise"}]}
    table = compile_table([Entry(parse(firms)), Entry(None), Entry(parse({"all": [HOME]}))])
    far = nearness(table, frame_of([YOUNG_OWNER]), TODAY)
    assert far.tolist() == [FAR, FAR, 1]
    assert joined_nearness([far[2:], far[:1]], np.array([1, -1, 0])).tolist() == [FAR, FAR, 1]
