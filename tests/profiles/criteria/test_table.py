"""The clause table answers one person as the columns do, policy by policy: the two compiled forms are equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.columns import Frame
from profiles.criteria import decide, parse
from profiles.criteria.table import Entry, answer, compile_table, states
from tests.profiles.criteria.strategies import DEADLINE, PUBLISHED, people, trees
from tests.profiles.making import TODAY, frame_of

DAYS = [{}, {"deadline": DEADLINE}, {"published": PUBLISHED}, {"deadline": DEADLINE, "published": PUBLISHED}]


def _entry(tree: Any, days: int) -> Entry:
    return Entry(None if tree is None else parse(tree), **DAYS[days])


def _one_by_one(entries: list[Entry], person: Frame) -> list[tuple[int, tuple[str, ...]]]:
    decided = [
        decide(one.criteria, person, on=TODAY, deadline=one.deadline, published=one.published) for one in entries
    ]
    return [(int(one.state[0]), tuple(one.missing)) for one in decided]


@settings(max_examples=1500, deadline=None)
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


@settings(max_examples=200, deadline=None)
@given(asked=st.lists(trees, min_size=1, max_size=6), crowd=st.lists(people, min_size=2, max_size=5))
def test_a_table_that_answered_somebody_answers_the_next_as_if_new(asked: list[Any], crowd: list[Any]) -> None:
    entries = [_entry(tree, 3) for tree in asked]
    kept = compile_table(entries)
    for person in crowd:
        frame = frame_of([person])
        np.testing.assert_array_equal(
            states(kept, frame, TODAY), states(compile_table(entries), frame, TODAY), strict=True
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
