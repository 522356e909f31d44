"""The quick check of a tree's shape says yes exactly where the validator finds nothing wrong."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from profiles.criteria import SCHEMA, CriteriaError, parse
from profiles.criteria.schema import check_shape
from profiles.criteria.shape_checks import fits
from tests.draws import draws
from tests.profiles.criteria.strategies import trees

VALIDATOR = Draft202012Validator(SCHEMA)
WORDS = ("all", "any", "not", "fact", "eq", "in", "in_region", "measure", "tiers", "by", "of", "years", "take", "on")
SCRAPS: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.0, 2.5, 1e15, 1.1e15, 10**30, "", "age", "今天", "990101", "9901", "2026-06-24"),
    *("2026-06-24\n", "today", "x" * 61, "x" * 201, [], {}, [[]], [1], ["990101"], ["990101", 2], {"param": "a"}),
    *({"param": "a", "times": "b"}, {"fact": "age"}, {"fact": "revenue", "year": 0}, {"fact": "age", "ge": 60}),
    *({"from": "2026-01-01"}, {"from": 3}, {"sum": []}, {"ratio": [{"fact": "age"}]}, {"years_since": "founded_on"}),
]


def damaged(tree: Any, seed: int) -> Any:
    """The tree with one to three of its parts replaced, left out, renamed or doubled."""
    draw, found = Random(seed), {"tree": copy.deepcopy(tree)}
    for _ in range(draw.randint(1, 3)):
        holder, key = draw.choice(list(_places(found)))
        act = draw.randrange(4)
        if act == 0 or key == "tree":
            holder[key] = copy.deepcopy(draw.choice(SCRAPS))
        elif act == 1:
            del holder[key]
        elif isinstance(holder, dict):
            part = copy.deepcopy(holder[key]) if act == 2 else holder.pop(key)
            holder[draw.choice(WORDS)] = part
        else:
            holder.append(copy.deepcopy(draw.choice(SCRAPS)))
    return found["tree"]


def _places(part: Any) -> Any:
    for key in list(part) if isinstance(part, dict) else range(len(part)):
        yield part, key
        if isinstance(part[key], (dict, list)):
            yield from _places(part[key])


@settings(max_examples=draws(1500), deadline=None)
@given(tree=trees, seed=st.integers(0, 2**32))
def test_it_is_the_validators_yes_on_whole_and_on_damaged_trees(tree: Any, seed: int) -> None:
    assert fits(tree)
    assert not list(VALIDATOR.iter_errors(tree))
    broken = damaged(tree, seed)
    assert fits(broken) == (not list(VALIDATOR.iter_errors(broken))), json.dumps(broken)


_scraps = st.sampled_from(SCRAPS) | st.text(max_size=5) | st.integers() | st.floats(allow_nan=False)
_json = st.recursive(
    _scraps,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=draws(500), deadline=None)
@given(_json)
def test_it_is_the_validators_yes_on_any_json(value: Any) -> None:
    assert fits(value) == (not list(VALIDATOR.iter_errors(value)))


@settings(max_examples=draws(500), deadline=None)
@given(tree=trees, seed=st.integers(0, 2**32))
def test_a_damaged_tree_is_parsed_or_refused_and_never_crashes_the_parser(tree: Any, seed: int) -> None:
    broken = damaged(tree, seed)
    try:
        parse(broken)
    except CriteriaError:
        return
    check_shape(broken)
    assert not list(VALIDATOR.iter_errors(broken))
