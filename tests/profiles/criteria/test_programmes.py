"""Twelve programmes of science and technology (2018/2019: history, as cases), decided for firms judged by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from profiles.criteria import decide, parse, prove, say
from profiles.criteria.leaves import Days
from profiles.criteria.linting import lint
from tests.profiles.criteria.programme_cases import CASES, firm
from tests.profiles.criteria.source_rules import source_state
from tests.profiles.making import TODAY, frame_of
from tests.shared import shared_file

TREES: dict[str, Any] = json.loads((Path(__file__).parent / "programmes.json").read_text(encoding="utf-8"))
STATES = {"yes": 1, "no": 0, "?": -1}


def rows() -> list[tuple[str, dict[str, Any], str]]:
    return [(key, change, answer) for key, (_, changes) in CASES.items() for change, answer in [({}, "yes"), *changes]]


def test_there_are_twelve_programmes_and_two_hundred_firms() -> None:
    assert sorted(TREES) == sorted(CASES)
    assert len(TREES) == 12
    assert len(rows()) >= 200


@pytest.mark.parametrize(("key", "change", "answer"), rows())
def test_a_firm_is_decided_as_by_hand(key: str, change: dict[str, Any], answer: str) -> None:
    state, *missing = answer.split()
    found = decide(parse(TREES[key]), frame_of([firm(key, change)]), on=TODAY)
    assert (found.state.tolist(), sorted(found.missing)) == ([STATES[state]], sorted(missing))


@pytest.mark.parametrize("key", TREES)
def test_all_firms_at_once_are_decided_as_each_alone(key: str) -> None:
    changes = [({}, "yes"), *CASES[key][1]]
    found = decide(parse(TREES[key]), frame_of([firm(key, change) for change, _ in changes]), on=TODAY)
    assert found.state.tolist() == [STATES[answer.split()[0]] for _, answer in changes]


@pytest.mark.parametrize(("key", "change", "answer"), rows())
def test_the_clauses_say_the_same(key: str, change: dict[str, Any], answer: str) -> None:
    clauses = prove(parse(TREES[key]), frame_of([firm(key, change)]), 0, on=TODAY)
    states = {clause.state for clause in clauses}
    assert (0 if 0 in states else -1 if -1 in states else 1) == STATES[answer.split()[0]]
    assert all(say(clause, "zh") and say(clause, "en") for clause in clauses)


@pytest.mark.parametrize("key", TREES)
def test_nothing_is_wrong_with_the_trees(key: str) -> None:
    assert lint(TREES[key], days=Days(TODAY)) == ()


def test_the_answers_by_hand_are_those_of_the_rules_as_published() -> None:
    path = shared_file("policies/hangzhou_tech_programmes_2019.json")
    if path is None:
        return
    rules = {one["key"]: one["rules"] for one in json.loads(path.read_text(encoding="utf-8"))["programmes"]}
    assert sorted(rules) == sorted(TREES)
    for key, change, answer in rows():
        if answer in ("yes", "no") and change.get("kind") != "citizen":
            assert source_state(rules[key], firm(key, change), TODAY) == (answer == "yes"), (key, change)
