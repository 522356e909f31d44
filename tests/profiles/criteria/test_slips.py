"""Slips of authors that a tree shows by itself, and what looks like one and is none."""

from __future__ import annotations

from typing import Any

import pytest

from profiles.criteria.leaves import Days
from profiles.criteria.linting import lint
from tests.profiles.criteria.strategies import DEADLINE, PUBLISHED
from tests.profiles.making import TODAY

DAYS = Days(TODAY, DEADLINE, PUBLISHED)


def _age(**bounds: float) -> list[dict[str, Any]]:
    return [{"fact": "age", op: value} for op, value in bounds.items()]


_REVENUE, _SHARE = {"fact": "revenue"}, {"fact": "rd_ratio"}
_CHILDREN = {"count_dependants": {"fact": "age", "lt": 3}}
_RIGHTS = {"sum": [{"fact": "patent_utility"}, {"fact": "patent_design"}]}


def _tiers(*bounds: dict[str, int]) -> dict[str, Any]:
    rows = [{**bound, "ge": 5 - i} for i, bound in enumerate(bounds)]
    return {"tiers": rows, "by": _REVENUE, "of": _SHARE}


SLIPS: dict[str, tuple[Any, str, str]] = {
    "a tier below the one before": (_tiers({"up_to": 9}, {"up_to": 3}, {}), "unreached_tier", "tiers[1]"),
    "a tier twice": ({"all": [_tiers({"up_to": 9}, {"up_to": 9}, {})]}, "unreached_tier", "all[0].tiers[1]"),
    "a tier below what is taken up to": (_tiers({"up_to": 9}, {"below": 9}, {}), "unreached_tier", "tiers[1]"),
    "a street in its district": (
        {"fact": "region", "in_region": ["330106", "330106002"]},
        "covered_code",
        "in_region",
    ),
    "a class in its division": (
        {"not": {"fact": "industry", "in_industry": ["I6513", "I65"]}},
        "covered_code",
        "not.in_industry",
    ),
    "a level twice": ({"fact": "employment", "in": ["student", "student"]}, "covered_code", "in"),
    "a class of no list": ({"fact": "industry", "in_industry": ["I6539"]}, "unlisted_code", "in_industry"),
    "a person's fact and a firm's": (
        {"all": [*_age(ge=60), {"fact": "employees", "ge": 5}]},
        "only_self_employed",
        "",
    ),
    "a resident with employees": (
        {"all": [{"fact": "kind", "eq": "citizen"}, {"fact": "employees", "ge": 5}]},
        "contradictory",
        "",
    ),
    "fewer than no children": ({**_CHILDREN, "lt": 0}, "contradictory", ""),
    "any number of children": ({**_CHILDREN, "ge": 0}, "always_true", ""),
    "half a child": ({**_CHILDREN, "eq": 1.5}, "contradictory", ""),
    "two children and none": (
        {"all": [{**_CHILDREN, "ge": 2}, {"not": {"any_dependant": {"fact": "age", "lt": 3}}}]},
        "contradictory",
        "",
    ),
    "a deadline before the window": ({"during": {"from": "2026-08-01"}, "on": "deadline"}, "empty_range", ""),
    "fewer rights than none": ({"measure": _RIGHTS, "lt": 0}, "empty_range", ""),
}


@pytest.mark.parametrize(("tree", "code", "place"), SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_of_authors_is_told(tree: Any, code: str, place: str) -> None:
    assert [(flaw.code, flaw.place) for flaw in lint(tree, days=DAYS)] == [(code, place)]


SOUND: dict[str, Any] = {
    "tiers in order": _tiers({"below": 3}, {"up_to": 3}, {"up_to": 9}, {}),
    "growth below zero": {"measure": {"years": 3, "of": "revenue", "take": "growth"}, "lt": 0},
    "the self-employed by name": {
        "all": [{"fact": "kind", "eq": "self_employed"}, *_age(ge=60), {"fact": "employees", "ge": 5}]
    },
    "a person or a firm": {"any": [{"all": _age(ge=60)}, {"fact": "employees", "ge": 5}]},
    "neither old nor large": {"all": [{"not": _age(ge=60)[0]}, {"fact": "employees", "ge": 5}]},
    "one child and two": {"all": [{**_CHILDREN, "ge": 1}, {**_CHILDREN, "le": 2}]},
    "two districts": {"fact": "region", "in_region": ["330106", "330108"]},
}


@pytest.mark.parametrize("tree", SOUND.values(), ids=SOUND.keys())
def test_what_is_no_slip_is_not_told(tree: Any) -> None:
    assert lint(tree, days=DAYS) == ()
