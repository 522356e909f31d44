"""A JSON tree -> Criteria, or an error with its place, a code and a sentence. Parsing is validating."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from profiles.criteria.leaf_parsing import chosen_op, read_leaf
from profiles.criteria.measure_parsing import read_measured, read_tiers
from profiles.criteria.parameters import NO_PARAMETERS, Parameters, bind
from profiles.criteria.places import check_date, join
from profiles.criteria.quantities import measured_facts
from profiles.criteria.schema import check_shape
from profiles.criteria.shapes import EQUALS, ORDERS
from profiles.criteria.trees import (
    AnyDependant,
    CountDependants,
    Criteria,
    CriteriaError,
    During,
    Group,
    HasQualification,
    Leaf,
    Measured,
    Negation,
    Node,
    Receives,
    Stage,
    Tiers,
)
from profiles.facts import DEPENDANT_FACTS, FACTS, Fact
from profiles.stages import RULES
from profiles.standards.qualifications import QualificationError, parse_qualification

Facts = Mapping[str, Fact]


def parse(tree: object, *, parameters: Parameters = NO_PARAMETERS, on: date | None = None) -> Criteria:
    """The criteria a JSON value says, its parameters bound to their values on the day `on`.

    Raises CriteriaError with a place like `all[2].fact`.
    """
    check_shape(tree)
    root = _node(bind(tree, parameters, on), "", FACTS)
    return Criteria(root, frozenset(_facts(root)))


@cache
def stage_rule(name: str) -> Node:
    """The tree of a stage of life."""
    return _node(RULES[name], "", FACTS)


def _node(tree: Any, place: str, facts: Facts) -> Node:
    for keyword, read in _READERS.items():
        if keyword in tree:
            return read(tree, place, facts)
    leaf = read_leaf(tree, place, facts)
    if isinstance(leaf, Leaf) and leaf.fact == "stage":
        return _stage(leaf)
    return leaf


def _group(tree: Any, place: str, facts: Facts) -> Node:
    keyword = "all" if "all" in tree else "any"
    children = enumerate(tree[keyword])
    return Group(
        keyword == "all", tuple(_node(child, join(place, f"{keyword}[{i}]"), facts) for i, child in children), place
    )


def _negation(tree: Any, place: str, facts: Facts) -> Node:
    return Negation(_node(tree["not"], join(place, "not"), facts), place)


def _any_dependant(tree: Any, place: str, facts: Facts) -> Node:
    return AnyDependant(_member(tree, "any_dependant", place, facts), place, tree.get("clause", ""))


def _count_dependants(tree: Any, place: str, facts: Facts) -> Node:
    child = _member(tree, "count_dependants", place, facts)
    op = chosen_op(tree, place, (*EQUALS, *ORDERS))
    return CountDependants(child, op, float(tree[op]), place, tree.get("clause", ""))


def _member(tree: Any, keyword: str, place: str, facts: Facts) -> Node:
    inside = join(place, keyword)
    if facts is DEPENDANT_FACTS:
        raise CriteriaError("nested_dependant", inside, f"{keyword} cannot stand inside a condition on family members.")
    return _node(tree[keyword], inside, DEPENDANT_FACTS)


def _qualification(tree: Any, place: str, facts: Facts) -> Node:
    _not_of_members("qualification", place, facts)
    months, days = tree.get("held_months"), tree.get("lapses_within")
    if months is not None and days is not None:
        raise CriteriaError("op_count", place, "held_months and lapses_within are two conditions: write two.")
    check_date(tree.get("on", ""), join(place, "on"))
    held, lapses = (None if value is None else int(value) for value in (months, days))
    return HasQualification(
        _key(tree["qualification"], join(place, "qualification")),
        place,
        tree.get("clause", ""),
        tree.get("on", ""),
        held_months=held,
        lapses_within=lapses,
    )


def _key(name: str, at: str) -> str:
    """A certificate's key from its key or a name; a misspelt one would be held by nobody."""
    try:
        return parse_qualification(name)
    except QualificationError as exc:
        raise CriteriaError(exc.code, at, exc.sentence) from exc


def _receives(tree: Any, place: str, facts: Facts) -> Node:
    keyword = "requires" if "requires" in tree else "excludes"
    _not_of_members(keyword, place, facts)
    words = tuple(dict.fromkeys(tree[keyword]))
    return Receives(words, keyword == "excludes", place, tree.get("clause", ""))


def _not_of_members(keyword: str, place: str, facts: Facts) -> None:
    if facts is DEPENDANT_FACTS:
        raise CriteriaError("unknown_fact", join(place, keyword), f"{keyword} is not known of a family member.")


def _during(tree: Any, place: str, facts: Facts) -> Node:
    window, inside = tree["during"], join(place, "during")
    if not window:
        raise CriteriaError("missing_key", inside, "A window needs from, to or both.")
    start, end = (check_date(window.get(end, ""), join(inside, end)) for end in ("from", "to"))
    check_date(tree.get("on", ""), join(place, "on"))
    return During(start, end, place, tree.get("clause", ""), tree.get("on", ""))


def _stage(leaf: Leaf) -> Node:
    name = str(leaf.value)
    if name not in RULES:
        raise CriteriaError("unknown_level", join(leaf.place, "has"), f"{name!r} is no stage: {'、'.join(RULES)}.")
    return Stage(name, stage_rule(name), leaf.place, leaf.clause)


_READERS: dict[str, Callable[[Any, str, Facts], Node]] = {
    "all": _group,
    "any": _group,
    "not": _negation,
    "any_dependant": _any_dependant,
    "count_dependants": _count_dependants,
    "measure": read_measured,
    "tiers": read_tiers,
    "qualification": _qualification,
    "requires": _receives,
    "excludes": _receives,
    "during": _during,
}


def _facts(node: Node) -> tuple[str, ...]:
    match node:
        case Leaf():
            return (node.fact,)
        case Measured():
            return measured_facts(node.measure)
        case Tiers():
            return (*measured_facts(node.by), *measured_facts(node.of))
        case HasQualification():
            return ("qualifications",)
        case Receives():
            return ("benefits",)
        case During():
            return ()
        case Group():
            return tuple(name for child in node.children for name in _facts(child))
        case Negation():
            return _facts(node.child)
        case AnyDependant() | CountDependants():
            return ("dependants",)
        case Stage():
            return ("stage",)
