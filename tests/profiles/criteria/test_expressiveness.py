"""One tree for each kind of condition that benefits ask, for a person it fits, one it does not, and one unknown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from profiles.criteria import decide, parse, prove, say
from tests.profiles.making import TODAY, frame_of

Person = dict[str, Any]
_FIRM = {"kind": "enterprise"}


def _person(**facts: Any) -> Person:
    return {"kind": "citizen", **facts}


def _firm(**facts: Any) -> Person:
    return {**_FIRM, **facts}


def _born(year: int) -> dict[str, date]:
    return {"birth_date": date(year, 6, 24)}


# What it is: (tree, somebody it fits, somebody it does not, somebody unknown, what is missing of the last).
KINDS: dict[str, tuple[Any, Person, Person, Person, set[str]]] = {
    "age range": (
        {"all": [{"fact": "age", "ge": 18}, {"fact": "age", "lt": 26}]},
        _person(**_born(2008)),
        _person(**_born(2000)),
        _person(),
        {"birth_date"},
    ),
    "region list": (
        {"fact": "region", "in_region": ["330106", "330108"]},
        _person(region="330108"),
        _person(region="330110"),
        _person(region="330100"),
        {"region"},
    ),
    "commune": (
        {"fact": "region", "in_region": ["330106002"]},
        _person(region="330106002"),
        _person(region="330106003"),
        _person(region="330106"),
        {"region"},
    ),
    "income quotient with parts": (
        {"measure": {"ratio": [{"fact": "household_income"}, {"fact": "household_parts"}]}, "le": 24_000},
        _person(household_income=60_000, household_parts=2.5),
        _person(household_income=60_001, household_parts=2.5),
        _person(household_income=60_000),
        {"household_parts"},
    ),
    "household size": (
        {"fact": "household_size", "ge": 3},
        _person(household_size=3),
        _person(household_size=2),
        _person(),
        {"household_size"},
    ),
    "profession state": (
        {"fact": "employment", "in": ["unemployed", "student"]},
        _person(employment="student"),
        _person(employment="retired"),
        _person(),
        {"employment"},
    ),
    "disability rate": (
        {"fact": "disability_rate", "ge": 50},
        _person(disability_rate=50),
        _person(disability_rate=49.9),
        _person(),
        {"disability_rate"},
    ),
    "school level": (
        {"fact": "school_level", "ge": "bachelor"},
        _person(school_level="master"),
        _person(school_level="college"),
        _person(),
        {"school_level"},
    ),
    "attached institution": (
        {"fact": "institution", "in": ["浙江大学", "西湖大学"]},
        _person(institution="西湖大学"),
        _person(institution="杭州师范大学"),
        _person(),
        {"institution"},
    ),
    "start and end of an activity": (
        {
            "all": [
                {"fact": "activity_from", "on_or_after": "2026-01-01"},
                {"fact": "activity_to", "valid_on": "deadline"},
            ]
        },
        _person(activity_from=date(2026, 1, 1), activity_to=date(2026, 7, 15)),
        _person(activity_from=date(2026, 1, 1), activity_to=date(2026, 7, 14)),
        _person(activity_from=date(2026, 1, 1)),
        {"activity_to"},
    ),
    "resident since": (
        {"measure": {"months_since": "resident_since"}, "ge": 6, "on": "deadline"},
        _person(resident_since=date(2026, 1, 15)),
        _person(resident_since=date(2026, 1, 16)),
        _person(),
        {"resident_since"},
    ),
    "owner or tenant": (
        {"fact": "tenure", "in": ["owner", "tenant"]},
        _person(tenure="tenant"),
        _person(tenure="lodger"),
        _person(),
        {"tenure"},
    ),
    "number of children under an age": (
        {"count_dependants": {"fact": "age", "lt": 18}, "ge": 2},
        _person(dependants=[(date(2008, 6, 25), None), (date(2020, 1, 1), None)]),
        _person(dependants=[(date(2008, 6, 24), None), (date(2020, 1, 1), None)]),
        _person(dependants=[(None, None), (date(2020, 1, 1), None)]),
        {"dependants"},
    ),
    "beneficiary of another benefit": (
        {"all": [{"requires": ["低保"]}, {"excludes": ["公租房"]}]},
        _person(benefits=["低保"]),
        _person(benefits=["低保", "公租房"]),
        _person(),
        {"benefits"},
    ),
    "industry sections": (
        {"fact": "industry", "in_industry": ["I", "M"]},
        _firm(industry="I6513"),
        _firm(industry="C2710"),
        _firm(),
        {"industry"},
    ),
    "headcount range": (
        {"all": [{"fact": "employees", "ge": 10}, {"fact": "employees", "le": 250}]},
        _firm(employees=250),
        _firm(employees=251),
        _firm(),
        {"employees"},
    ),
    "legal form": (
        {"fact": "legal_form", "in": ["limited", "joint_stock"]},
        _firm(legal_form="limited"),
        _firm(legal_form="sole"),
        _firm(),
        {"legal_form"},
    ),
    "micro-enterprise excluded": (
        {"not": {"fact": "size", "eq": "micro"}},
        _firm(industry="I6513", employees=10, revenue=50),
        _firm(industry="I6513", employees=9, revenue=50),
        _firm(industry="I6513", employees=10),
        {"revenue"},
    ),
    "objectives": (
        {"fact": "objectives", "has": "绿色转型"},
        _firm(objectives=["扩大规模", "绿色转型"]),
        _firm(objectives=[]),
        _firm(),
        {"objectives"},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_decided_for_a_yes_a_no_and_an_unknown(kind: str) -> None:
    tree, fits, fails, unknown, missing = KINDS[kind]
    criteria, frame = parse(tree), frame_of([fits, fails, unknown])
    found = decide(criteria, frame, on=TODAY, deadline=date(2026, 7, 15))
    assert found.state.tolist() == [1, 0, -1]
    assert set(found.missing) == missing


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_said_to_people(kind: str) -> None:
    tree, *people, _ = KINDS[kind]
    for row in range(3):
        for clause in prove(parse(tree), frame_of(people), row, on=TODAY, deadline=date(2026, 7, 15)):
            assert clause.asked_zh
            assert clause.asked_en
            assert say(clause, "zh") != say(clause, "en")


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 2, 28), 0),
        (date(2026, 3, 1), 1),
        (date(2026, 6, 30), 1),
        (date(2026, 7, 1), 0),
    ],
)
def test_a_validity_window_holds_on_its_first_and_last_day(on: date, state: int) -> None:
    tree = {"during": {"from": "2026-03-01", "to": "2026-06-30"}}
    assert decide(parse(tree), frame_of([_person()]), on=on).state.tolist() == [state]


def test_a_window_is_never_unknown_but_what_stands_beside_it_may_be() -> None:
    tree = {"all": [{"during": {"from": "2026-03-01"}}, {"fact": "employment", "eq": "student"}]}
    found = decide(parse(tree), frame_of([_person()]), on=TODAY)
    assert (found.state.tolist(), found.missing) == ([-1], {"employment": 1})
