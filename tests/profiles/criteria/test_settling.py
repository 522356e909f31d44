"""What is worth asking: counted as the trees say it one by one, and an answer that says enough does settle it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.criteria import decide, parse
from profiles.criteria.settling import Question, settling
from profiles.criteria.table import Answers, Entry, answer, compile_table, joined
from tests.draws import draws
from tests.profiles.criteria.strategies import DEADLINE, PUBLISHED, people, trees
from tests.profiles.making import TODAY, frame_of

OLD, LONG_AGO = {"fact": "age", "ge": 60}, date(2001, 5, 5)
FIRM = {"kind": "enterprise"}


def ask(asked: list[Any], person: dict[str, Any]) -> Answers:
    """The table's answers for one person."""
    entries = [Entry(None if tree is None else parse(tree), DEADLINE, PUBLISHED) for tree in asked]
    return answer(compile_table(entries), frame_of([person]), TODAY)


def lacking(tree: Any, person: dict[str, Any]) -> tuple[str, ...]:
    """What one tree lacks, by way of the columns."""
    decision = decide(parse(tree), frame_of([person]), on=TODAY, deadline=DEADLINE, published=PUBLISHED)
    return tuple(decision.missing) if decision.state[0] == -1 else ()


@settings(max_examples=draws(500), deadline=None)
@given(asked=st.lists(trees, max_size=12), person=people)
def test_questions_are_counted_as_one_tree_after_another_says(asked: list[Any], person: dict[str, Any]) -> None:
    missing = [lacking(tree, person) for tree in asked]
    touches = Counter(fact for names in missing for fact in names)
    settles = Counter(names[0] for names in missing if len(names) == 1)
    expected = [Question(fact, settles[fact], n) for fact, n in touches.items()]
    expected.sort(key=lambda one: (-one.settles, -one.touches, one.fact))
    assert settling(ask([None, *asked], person)) == expected


def told(person: dict[str, Any], fact: str, figure: int, yes: bool) -> dict[str, Any]:
    """The person with the one fact answered, so that it says enough."""
    values: dict[str, Any] = {
        "qualifications": {"qualifications_listed_on": TODAY},
        "dependants": {
            "dependants": [(born or LONG_AGO, _home(home) or "990101") for born, home in person["dependants"]]
        },
        "benefits": {"benefits": ["低保"] * yes},
        "objectives": {"objectives": ["扩大规模"] * yes},
        "kind": {"kind": "citizen" if yes else "enterprise"},
        "region": {"region": "990102" if yes else "330106002"},
        "industry": {"industry": "I6513" if yes else "A0111"},
        "birth_date": {"birth_date": LONG_AGO},
        "founded_on": {"founded_on": LONG_AGO},
        "talent_class": {"talent_class": "B" if yes else "F"},
        "rd_institution": {"rd_institution": "city" if yes else "none"},
    }
    flag = fact in ("owns_home", "dishonest")
    return person | values.get(fact, {fact: yes if flag else figure})


def _home(code: str | None) -> str | None:
    if code in ("990114", "990100"):  # split; or no finer than the city
        return None
    return "330106002" if code == "330106" else code  # a street may be asked for


def enough(person: dict[str, Any]) -> dict[str, Any]:
    """The person without what says too little: a base of zero, a place or an industry that is too coarse, late days."""
    found = {name: 2 if value == 0 else value for name, value in person.items()}
    found |= {name: min(value, LONG_AGO) for name, value in person.items() if isinstance(value, date)}
    found["industry"] = "I6513" if person["industry"] in ("I65", "I", "I64") else person["industry"]
    found["region"] = _home(person["region"])
    found["qualifications"] = [(key, start or LONG_AGO, end) for key, start, end in person["qualifications"]]
    born = [None if day is None else min(day, LONG_AGO) for day, _ in person["dependants"]]
    found["dependants"] = [(day, _home(home)) for day, (_, home) in zip(born, person["dependants"], strict=True)]
    return found


def _divides(tree: Any) -> bool:
    """Whether something is divided by a base that may not be above zero though every figure is: a weighted sum."""
    if isinstance(tree, list):
        return any(map(_divides, tree))
    if not isinstance(tree, dict):
        return False
    return bool({"percent", "ratio"} & tree.keys()) or any(map(_divides, tree.values()))


@settings(max_examples=draws(700), deadline=None)
@given(
    asked=st.lists(trees.filter(lambda tree: not _divides(tree)), min_size=1, max_size=8),
    person=people,
    figure=st.integers(1, 6),
    yes=st.booleans(),
)
def test_an_answer_that_says_enough_settles_what_lacks_it_alone(
    asked: list[Any], person: dict[str, Any], figure: int, yes: bool
) -> None:
    person = enough(person)
    before = ask(asked, person)
    for question in settling(before):
        alone = [i for i in range(len(asked)) if before.missing_of(i) == (question.fact,)]
        after = ask(asked, told(person, question.fact, figure, yes))
        assert [after.state[i] for i in alone if after.state[i] == -1] == []
        assert len(alone) == question.settles


@pytest.mark.parametrize(
    ("tree", "person", "fact", "answered", "then"),
    [
        ({"fact": "region", "in_region": ["990101"]}, {}, "region", {"region": "990100"}, "region"),
        ({"fact": "industry", "in_industry": ["I651"]}, FIRM, "industry", {"industry": "I65"}, "industry"),
        ({"fact": "rd_ratio", "ge": 3}, FIRM | {"rd_spend": 1}, "revenue", {"revenue": 0}, "revenue"),
        ({"fact": "rd_ratio", "ge": 3}, FIRM | {"revenue": 0}, "rd_spend", {"rd_spend": 1}, "revenue"),
        (OLD, {"kind": "citizen"}, "birth_date", {"birth_date": date(2027, 1, 1)}, "birth_date"),
        ({"fact": "size", "eq": "micro"}, FIRM, "industry", {"industry": "I6513"}, "employees"),
        (
            {"qualification": "national_hnte", "held_months": 12},
            FIRM,
            "qualifications",
            {"qualifications": [("national_hnte", None, None)]},
            "qualifications",
        ),
        (
            {"any_dependant": OLD},
            {"kind": "citizen", "dependants": [(None, None)]},
            "dependants",
            {"dependants": [(None, "990101")]},
            "dependants",
        ),
    ],
)
def test_an_answer_that_says_too_little_leaves_something_to_be_told(
    tree: Any, person: dict[str, Any], fact: str, answered: dict[str, Any], then: str
) -> None:
    assert settling(ask([tree], person)) == [Question(fact, 1, 1)]
    after = ask([tree], person | answered)
    assert after.state[0] == -1
    assert then in after.missing_of(0)


def test_the_answer_that_settles_most_comes_first_then_the_one_that_touches_most_then_by_name() -> None:
    home, sex = {"fact": "owns_home", "eq": False}, {"fact": "sex", "eq": "female"}
    job, income = {"fact": "employment", "eq": "retired"}, {"fact": "household_income", "lt": 5}
    asked = [home, home, {"all": [home, sex]}, {"all": [sex, job]}, OLD, job, income]
    assert [(one.fact, one.settles, one.touches) for one in settling(ask(asked, {"kind": "citizen"}))] == [
        ("owns_home", 2, 3),
        ("employment", 1, 2),
        ("birth_date", 1, 1),
        ("household_income", 1, 1),
        ("sex", 0, 2),
    ]


@settings(max_examples=draws(150), deadline=None)
@given(parts=st.lists(st.lists(trees, max_size=4), max_size=3), person=people, draw=st.randoms())
def test_tables_joined_answer_as_one_table_in_any_order(
    parts: list[list[Any]], person: dict[str, Any], draw: Any
) -> None:
    asked = [tree for part in parts for tree in part]
    rows = [draw.randrange(-1, len(asked)) for _ in range(5)]
    found = joined([ask(part, person) for part in parts], np.array(rows))
    whole = ask([None if row < 0 else asked[row] for row in rows], person)
    assert found.state.tolist() == whole.state.tolist()
    assert [found.missing_of(i) for i in range(5)] == [whole.missing_of(i) for i in range(5)]
