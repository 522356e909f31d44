"""Criteria trees: what is wrong with one is said with its place, and nothing crashes the parser."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from profiles.criteria import SCHEMA, CriteriaError, parse
from tests.draws import DRAWS
from tests.profiles.criteria.strategies import trees
from tests.profiles.making import refusal

OK = {"fact": "age", "ge": 60}


REVENUE = {"fact": "revenue"}
LAST = {"ge": 1}
COUNT = "count_dependants"


def deep(depth: int) -> dict[str, Any]:
    measure: dict[str, Any] = REVENUE
    for _ in range(depth):
        measure = {"sum": [measure]}
    return measure


def nested(depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = OK
    for _ in range(depth - 1):
        tree = {"not": tree}
    return tree


@pytest.mark.parametrize(
    ("tree", "code", "place"),
    [
        (None, "wrong_type", ""),
        ([], "wrong_type", ""),
        ({}, "missing_key", ""),
        ({"all": OK}, "wrong_type", "all"),
        ({"all": [OK], "any": [OK]}, "unknown_key", ""),
        ({"all": [OK, OK, {"fact": "shoe_size", "eq": 1}]}, "unknown_fact", "all[2].fact"),
        ({"all": [{"fact": "dependants", "has": "x"}]}, "unknown_fact", "all[0].fact"),
        ({"any": [{"fact": "age"}]}, "op_count", "any[0]"),
        ({"not": {"fact": "age", "ge": 1, "le": 2}}, "op_count", "not"),
        ({"fact": "age", "ge": "60"}, "wrong_type", "ge"),
        ({"fact": "age", "ge": True}, "wrong_type", "ge"),
        ({"fact": "age", "eq": "60"}, "wrong_type", "eq"),
        ({"fact": "age", "ge": 1e300}, "bad_value", "ge"),
        ({"fact": "age", "before": "2026-01-01"}, "wrong_op", "before"),
        ({"fact": "age", "gee": 1}, "unknown_key", ""),
        ({"fact": "dishonest", "eq": 1}, "wrong_type", "eq"),
        ({"fact": "kind", "eq": "person"}, "unknown_level", "eq"),
        ({"fact": "talent_class", "in": ["A", "G"]}, "unknown_level", "in"),
        ({"fact": "stage", "has": "春天"}, "unknown_level", "has"),
        ({"fact": "region", "in_region": ["990199"]}, "unknown_region", "in_region"),
        ({"fact": "region", "in_region": ["云湾区"]}, "bad_value", "in_region[0]"),
        ({"fact": "region", "in_region": ["990114"]}, "stale_region", "in_region"),
        ({"fact": "industry", "in_industry": ["Z99"]}, "unknown_industry", "in_industry"),
        ({"fact": "founded_on", "before": "2026-02-30"}, "bad_date", "before"),
        ({"fact": "founded_on", "before": "soon"}, "bad_value", "before"),
        ({"fact": "age", "ge": 60, "on": "2026-13-01"}, "bad_date", "on"),
        ({"fact": "founded_on", "within_days": -1}, "bad_value", "within_days"),
        ({"any_dependant": {"fact": "revenue", "ge": 1}}, "unknown_fact", "any_dependant.fact"),
        ({"any_dependant": {"any_dependant": OK}}, "nested_dependant", "any_dependant.any_dependant"),
        ({"fact": "age_days", "lt": 60}, "unknown_fact", "fact"),
        ({"fact": "school_level", "ge": "phd"}, "unknown_level", "ge"),
        ({"fact": "school_level", "ge": 3}, "wrong_type", "ge"),
        ({"fact": "sex", "ge": "female"}, "wrong_op", "ge"),
        ({"fact": "talent_class", "lt": "B"}, "wrong_op", "lt"),
        ({"fact": "revenue", "ge": "much"}, "wrong_type", "ge"),
        ({"fact": "registered_capital", "ge": 1, "year": 2025}, "not_yearly", "year"),
        ({"fact": "revenue", "ge": 1, "year": 0}, "bad_value", "year"),
        ({"fact": "revenue", "ge": 1, "year": 25}, "bad_value", "year"),
        ({"fact": "employment", "in": []}, "empty_list", "in"),
        ({"fact": "region", "in_region": []}, "empty_list", "in_region"),
        ({"fact": "region", "in_region": ["9901"]}, "bad_value", "in_region[0]"),
        ({"fact": "region", "in_region": ["330106999"]}, "unknown_region", "in_region"),
        ({"fact": "benefits", "eq": "低保"}, "wrong_op", "eq"),
        ({"measure": {"fact": "revenue"}}, "op_count", ""),
        ({"measure": {"fact": "revenue"}, "ge": 1, "le": 2}, "op_count", ""),
        ({"measure": {"fact": "revenue"}, "in": [1]}, "unknown_key", ""),
        ({"measure": {"fact": "sex"}, "ge": 1}, "not_a_number", "measure.fact"),
        ({"measure": {"fact": "shoe_size"}, "ge": 1}, "unknown_fact", "measure.fact"),
        ({"measure": {"sum": []}, "ge": 1}, "empty_list", "measure.sum"),
        ({"measure": {"ratio": [{"fact": "revenue"}]}, "ge": 1}, "bad_value", "measure.ratio"),
        ({"measure": {"sum": [{"fact": "revenue"}, {"fact": "sex"}]}, "ge": 1}, "not_a_number", "measure.sum[1].fact"),
        ({"measure": {"weighted": [{"of": {"fact": "revenue"}}]}, "ge": 1}, "missing_key", "measure.weighted[0]"),
        ({"measure": {"years": 3, "of": "revenue", "take": "median"}, "ge": 1}, "bad_value", "measure.take"),
        ({"measure": {"years": 3, "of": "ic_layout", "take": "sum"}, "ge": 1}, "not_yearly", "measure.of"),
        ({"measure": {"years": 1, "of": "revenue", "take": "growth"}, "ge": 1}, "bad_value", "measure.years"),
        ({"measure": {"years": 0, "of": "revenue", "take": "sum"}, "ge": 1}, "bad_value", "measure.years"),
        ({"measure": {"years_since": "revenue"}, "ge": 1}, "not_a_date", "measure.years_since"),
        ({"tiers": [], "by": REVENUE, "of": REVENUE}, "empty_list", "tiers"),
        ({"tiers": [{"up_to": 1, "ge": 1}], "by": REVENUE, "of": REVENUE}, "no_last_tier", "tiers"),
        ({"tiers": [{"ge": 1}, {"ge": 2}], "by": REVENUE, "of": REVENUE}, "tier_bound", "tiers[0]"),
        ({"tiers": [{"up_to": 1, "below": 1, "ge": 1}, LAST], "by": REVENUE, "of": REVENUE}, "tier_bound", "tiers[0]"),
        ({"tiers": [{"up_to": 1}, LAST], "by": REVENUE, "of": REVENUE}, "op_count", "tiers[0]"),
        ({"tiers": [LAST], "by": REVENUE}, "missing_key", ""),
        ({"qualification": "national_hnet"}, "unknown_qualification", "qualification"),
        ({"qualification": "tech_sme", "held_months": 0}, "bad_value", "held_months"),
        ({"qualification": "tech_sme", "held_months": 1, "lapses_within": 1}, "op_count", ""),
        ({"qualification": "tech_sme", "on": "2026-02-29"}, "bad_date", "on"),
        ({"requires": []}, "empty_list", "requires"),
        ({"excludes": [""]}, "bad_value", "excludes[0]"),
        ({"during": {}}, "missing_key", "during"),
        ({"during": {"from": "2026-02-29"}}, "bad_date", "during.from"),
        ({"during": {"since": "2026-02-28"}}, "unknown_key", "during"),
        ({"count_dependants": {"fact": "age", "lt": 3}}, "op_count", ""),
        ({"count_dependants": {"count_dependants": OK, "ge": 1}, "ge": 1}, "nested_dependant", f"{COUNT}.{COUNT}"),
        ({"any_dependant": {"qualification": "tech_sme"}}, "unknown_fact", "any_dependant.qualification"),
        ({"any_dependant": {"measure": REVENUE, "ge": 1}}, "unknown_fact", "any_dependant.measure.fact"),
        ({"fact": "age", "ge": float("nan")}, "bad_value", ""),
        ({"fact": "age", "ge": {"param": "low_income"}}, "unknown_parameter", "ge"),
        (nested(21), "too_deep", ""),
        ({"measure": deep(21), "ge": 1}, "too_deep", ""),
        ({"all": [OK] * 500}, "too_big", ""),
    ],
)
def test_a_wrong_tree_is_an_error_with_its_place(tree: object, code: str, place: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        parse(tree)
    assert (caught.value.code, caught.value.place) == (code, place)
    assert caught.value.sentence.endswith((".", "。", "?"))


def test_twenty_levels_and_five_hundred_conditions_are_allowed() -> None:
    parse(nested(20))
    parse({"all": [OK] * 499})


@pytest.mark.parametrize("wide", [{"all": [1] * 1_000_000}, {"fact": "region", "in_region": ["x"] * 1_000_000}])
def test_a_list_of_a_million_is_refused_at_once(wide: Any) -> None:
    with pytest.raises(CriteriaError, match="more than"):
        parse(wide)


@pytest.mark.parametrize("bomb", ["[" * 900 + "]" * 900, '{"not":' * 900 + "1" + "}" * 900])
def test_a_bomb_is_refused_without_recursion(bomb: str) -> None:
    with pytest.raises(CriteriaError):
        parse(json.loads(bomb))


def test_a_tree_deeper_than_the_stack_is_refused() -> None:
    tree: Any = OK
    for _ in range(100_000):
        tree = {"not": tree}
    with pytest.raises(CriteriaError, match="deeper"):
        parse(tree)


def test_the_facts_asked_for_are_known() -> None:
    tree = {"all": [OK, {"any_dependant": {"fact": "age", "lt": 3}}, {"fact": "stage", "has": "养老"}]}
    assert parse(tree).facts == {"age", "dependants", "stage"}


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(trees)
@settings(max_examples=50, deadline=None)
def test_whatever_parses_passes_the_published_schema(tree: Any) -> None:
    parse(tree)
    Draft202012Validator(SCHEMA).validate(tree)


def test_a_villages_code_is_asked_as_its_townships() -> None:
    long, short = (parse({"fact": "region", "in_region": [code]}).root for code in ("330106002005", "330106002"))
    assert long == short


def test_a_qualification_may_be_named_as_people_name_it() -> None:
    assert parse({"qualification": "高企"}).root == parse({"qualification": "national_hnte"}).root


def test_the_facts_of_figures_are_known_without_their_years() -> None:
    tree = {
        "all": [
            {"tiers": [LAST], "by": {"fact": "revenue", "year": -1}, "of": {"days_since": "founded_on"}},
            {"measure": {"fact": "disability_rate"}, "ge": 50},
            {"requires": ["低保"]},
            {"qualification": "tech_sme"},
        ]
    }
    assert parse(tree).facts == {"revenue", "founded_on", "disability_rate", "benefits", "qualifications"}


_WORDS = (
    *("all", "any", "not", "any_dependant", "count_dependants", "fact", "ge", "in", "eq", "has", "on", "year", "to"),
    *("in_region", "measure", "sum", "percent", "weighted", "of", "times", "years", "take", "tiers", "by", "up_to"),
    *("qualification", "held_months", "requires", "during", "from", "param", "months_since", "clause", "valid_on"),
)
_SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 3, 2025, 1e308, -0.0, float("nan"), float("inf"), 10**400, "", "age", "revenue"),
    *(
        "region",
        "990101",
        "today",
        "2026-02-30",
        "2026-02-28",
        "bachelor",
        "school_level",
        "sum",
        "growth",
        "founded_on",
    ),
    *("\ud800", "x" * 300, "9" * 40, "二〇二六", "stage", "养老", "national_hnte", "deadline\n"),
)


def _wild(random: Random, depth: int) -> Any:
    """Any JSON: half of it made of the language's own words, so that it comes near to being right."""
    kind = random.random()
    if depth == 0 or kind < 0.25:
        return random.choice(_SCALARS)
    if kind < 0.45:
        return [_wild(random, depth - 1) for _ in range(random.randrange(4))]
    keys = random.choices(_WORDS, k=random.randrange(1, 4))
    return {key if random.random() < 0.95 else str(random.random()): _wild(random, depth - 1) for key in keys}


@given(st.integers(0, 2**63))
@settings(max_examples=DRAWS, deadline=None)
def test_no_value_crashes_the_parser(seed: int) -> None:
    error = refusal(parse, _wild(Random(seed), seed % 6))
    assert error is None or (isinstance(error, CriteriaError) and error.code and error.sentence)


@pytest.mark.parametrize("leaf", [{"in": [1, 10**400]}, {"eq": 10**400}, {"ne": -(10**400)}, {"ge": 10**400}])
def test_a_number_that_no_column_can_hold_is_refused(leaf: dict[str, Any]) -> None:
    error = refusal(parse, {"fact": "revenue", **leaf})
    assert isinstance(error, CriteriaError)
    assert error.code == "bad_value"


@given(trees, st.integers(0, 2**63))
@settings(max_examples=300, deadline=None)
def test_a_tree_with_one_part_replaced_is_refused_by_name_or_read(tree: Any, seed: int) -> None:
    random = Random(seed)
    error = refusal(parse, _spoilt(random, tree))
    assert error is None or isinstance(error, CriteriaError)


def _spoilt(random: Random, tree: Any) -> Any:
    """The tree with something wild in one place."""
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree))) if isinstance(tree, list) else []
    if not keys or random.random() < 0.2:
        return _wild(random, 2)
    at = random.choice(keys)
    changed = dict(tree) if isinstance(tree, dict) else list(tree)
    changed[at] = _spoilt(random, tree[at])
    return changed
