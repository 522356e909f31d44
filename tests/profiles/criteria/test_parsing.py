"""Criteria trees: what is wrong with one is said with its place, and nothing crashes the parser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from profiles.criteria import SCHEMA, CriteriaError, parse
from tests.profiles.criteria.strategies import trees
from tests.profiles.making import refusal

OK = {"fact": "age", "ge": 60}


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
        ({"fact": "hightech_until", "within_days": -1}, "bad_value", "within_days"),
        ({"any_dependant": {"fact": "revenue", "ge": 1}}, "unknown_fact", "any_dependant.fact"),
        ({"any_dependant": {"any_dependant": OK}}, "nested_dependant", "any_dependant.any_dependant"),
        ({"fact": "age_days", "lt": 60}, "unknown_fact", "fact"),
        (nested(21), "too_deep", ""),
        ({"all": [OK] * 500}, "too_big", ""),
    ],
)
def test_a_wrong_tree_is_an_error_with_its_place(tree: object, code: str, place: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        parse(tree)
    assert (caught.value.code, caught.value.place) == (code, place)
    assert caught.value.sentence.endswith((".", "。"))


def test_twenty_levels_and_five_hundred_conditions_are_allowed() -> None:
    parse(nested(20))
    parse({"all": [OK] * 499})


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


_keys = st.sampled_from(["all", "any", "not", "any_dependant", "fact", "ge", "in", "eq", "has", "on", "in_region"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["age", "region"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(_json)
@settings(max_examples=300, deadline=None)
def test_no_value_crashes_the_parser(value: Any) -> None:
    error = refusal(parse, value)
    assert error is None or (error.code and error.sentence)
