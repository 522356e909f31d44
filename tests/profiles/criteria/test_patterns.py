"""The states of the clauses for many are those that each one's proof gives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.criteria import parse, prove
from profiles.criteria.leaves import Days
from profiles.criteria.patterns import clause_states
from tests.profiles.criteria.strategies import people, trees
from tests.profiles.making import TODAY, frame_of


@settings(max_examples=150, deadline=None)
@given(trees, st.lists(people, min_size=1, max_size=4))
def test_they_are_those_of_each_proof_in_its_order(tree: Any, crowd: list[dict[str, Any]]) -> None:
    criteria, frame = parse(tree), frame_of(crowd)
    found = clause_states(criteria, frame, Days(TODAY))
    for row, states in enumerate(found.tolist()):
        assert states == [clause.state for clause in prove(criteria, frame, row, on=TODAY)]


def test_without_criteria_there_are_no_clauses() -> None:
    assert clause_states(None, frame_of([{}, {}]), Days(TODAY)).shape == (2, 0)
