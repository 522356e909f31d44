"""The sample's policies: readable criteria, bodies that say the criteria's numbers, invented places only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

from profiles import criteria
from pushsvc.pipeline.policy_rows import read_policy
from tests.sample.conftest import City

REAL_PLACES = ("杭州", "浙江", "上海", "北京", "宁波", "深圳", "苏州", "南京", "Hangzhou", "Zhejiang")


def _leaves(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "fact" in tree:
            yield tree
        for value in tree.values():
            yield from _leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _leaves(value)


def test_there_are_200_and_all_can_be_imported(city: City):
    assert len(city.policies) == 200
    assert [found for ref, p in city.policies.items() if isinstance(found := read_policy(1, p), list)] == []


def test_all_criteria_parse(city: City):
    for policy in city.policies.values():
        if policy["criteria"] is not None:
            criteria.parse(policy["criteria"])


def test_the_body_says_every_number_of_the_criteria(city: City):
    for policy in city.policies.values():
        numbers = set(re.findall(r"\d+(?:\.\d+)?", policy["body"]))
        for leaf in _leaves(policy["criteria"]):
            asked = [leaf[op] for op in ("lt", "le", "gt", "ge", "within_days") if op in leaf]
            assert all(f"{value:g}" in numbers for value in asked), (policy["ref"], leaf)


def test_every_clause_named_by_the_criteria_stands_in_the_body(city: City):
    for policy in city.policies.values():
        for leaf in _leaves(policy["criteria"]):
            clause, _, item = leaf["clause"].partition("条")
            found = re.search(rf"^{clause}条 (.*?)(?=^第|\Z)", policy["body"], re.S | re.M)
            assert found is not None, (policy["ref"], leaf)
            assert not item or f"({item.removeprefix('第').removesuffix('项')})" in found[1], (policy["ref"], leaf)


def test_summary_and_body_give_one_amount(city: City):
    for policy in city.policies.values():
        amounts = re.findall(r"\d+(?:\.\d+)?(?:万元|元|%)", policy.get("summary", "") + policy.get("amount", ""))
        assert all(amount in policy["body"] for amount in amounts), policy["ref"]


def test_bodies_have_several_clauses_of_a_readable_length(city: City):
    for policy in city.policies.values():
        assert policy["body"].count("条 ") >= 4
        assert 150 <= len(policy["body"]) <= 650, policy["ref"]


def test_no_placeholder_is_left(city: City):
    for policy in city.policies.values():
        assert not set("{}$") & set(policy["body"] + policy["title"] + policy.get("summary", ""))


def test_a_family_has_each_event_once(city: City):
    pairs = [(policy["family"], policy["event"]) for policy in city.policies.values()]
    assert len(set(pairs)) == len(pairs)


def test_the_yearly_notice_is_of_the_same_family_but_another_event(city: City):
    first, second = city.policies["p01-rd-subsidy"], city.policies["p02-rd-window"]
    assert first["family"] == second["family"]
    assert first["event"] != second["event"]


def test_drafts_and_plans_are_never_matched(city: City):
    unmatched = [p for p in city.policies.values() if p["kind"] in ("consultation", "plan", "gazette")]
    assert unmatched
    assert all(policy["criteria"] is None for policy in unmatched)


def test_what_is_sensitive_says_so(city: City):
    asking = {
        p["ref"]
        for p in city.policies.values()
        if {"hardship", "disability"} & {leaf["fact"] for leaf in _leaves(p["criteria"])}
    }
    assert asking == {"p12-home-refit", "p13-startup-rent"}
    assert all(city.policies[ref]["sensitive"] for ref in asking)


def test_no_real_place_is_named():
    folder = resources.files("pushsvc.sample").joinpath("data")
    text = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert [name for name in REAL_PLACES if name in text] == []
