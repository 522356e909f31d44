"""The clauses named without anybody's facts are those that are proven, one by one and in their order."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from profiles.criteria import parse, prove
from profiles.criteria.clause_facts import clause_facts
from tests.profiles.criteria.strategies import people, trees
from tests.profiles.making import TODAY, frame_of


@settings(max_examples=150, deadline=None)
@given(trees, people)
def test_they_are_those_of_the_proof_in_its_order(tree: Any, person: dict[str, Any]) -> None:
    criteria = parse(tree)
    proven = [(one.clause, one.fact) for one in prove(criteria, frame_of([person]), 0, on=TODAY)]
    for (clause, fact), (shown, asked) in zip(clause_facts(criteria), proven, strict=True):
        assert not fact or (clause, fact.partition("@")[0]) == (shown, asked.partition("@")[0])
