"""A JSON tree -> Criteria, or an error with its place, a code and a sentence. Parsing is validating."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from profiles.columns import day
from profiles.criteria.schema import DATES, DAY_WORDS, EQUALS, OPS, ORDERS, check_shape
from profiles.criteria.trees import AnyDependant, Criteria, CriteriaError, Group, Leaf, Negation, Node, Stage, Value
from profiles.errors import ProfilesError
from profiles.facts import DEPENDANT_FACTS, FACTS, Fact
from profiles.stages import RULES
from profiles.standards import industries, regions

_OPS_OF = {
    "number": (*EQUALS, *ORDERS, "in"),
    "flag": EQUALS,
    "code": (*EQUALS, "in"),
    "date": (*DATES, "within_days"),
    "set": ("has",),
    "region": ("in_region", *EQUALS, "in"),
    "industry": ("in_industry", *EQUALS, "in"),
}


def parse(tree: object) -> Criteria:
    """The criteria a JSON value says. Raises CriteriaError with a place like `all[2].fact`."""
    check_shape(tree)
    root = _node(tree, "", FACTS)
    return Criteria(root, frozenset(_facts(root)))


@cache
def stage_rule(name: str) -> Node:
    """The tree of a stage of life."""
    return _node(RULES[name], "", FACTS)


def _node(tree: Any, place: str, facts: Mapping[str, Fact]) -> Node:
    for keyword in ("all", "any"):
        if keyword in tree:
            children = enumerate(tree[keyword])
            parts = tuple(_node(child, _join(place, f"{keyword}[{i}]"), facts) for i, child in children)
            return Group(keyword == "all", parts, place)
    if "not" in tree:
        return Negation(_node(tree["not"], _join(place, "not"), facts), place)
    if "any_dependant" in tree:
        return _dependant(tree, place, facts)
    return _leaf(tree, place, facts)


def _dependant(tree: Any, place: str, facts: Mapping[str, Fact]) -> Node:
    inside = _join(place, "any_dependant")
    if facts is DEPENDANT_FACTS:
        raise CriteriaError("nested_dependant", inside, "any_dependant cannot stand inside any_dependant.")
    return AnyDependant(_node(tree["any_dependant"], inside, DEPENDANT_FACTS), place, tree.get("clause", ""))


def _leaf(tree: Any, place: str, facts: Mapping[str, Fact]) -> Node:
    name = tree["fact"]
    fact = facts.get(name)
    if fact is None or not fact.subjects:
        whose = "a family member" if facts is DEPENDANT_FACTS else "a profile"
        raise CriteriaError("unknown_fact", _join(place, "fact"), f"{name!r} is no fact of {whose}.")
    ops = [op for op in OPS if op in tree]
    if len(ops) != 1:
        found = ", ".join(ops) or "none"
        raise CriteriaError("op_count", place, f"A condition needs exactly one comparison; it has {found}.")
    op = ops[0]
    allowed = _OPS_OF[fact.tree or fact.kind]
    if op not in allowed:
        raise CriteriaError("wrong_op", _join(place, op), f"{name} takes {', '.join(allowed)}; not {op}.")
    _check_date(tree.get("on", ""), _join(place, "on"))
    return _built(fact, op, tree, place)


def _built(fact: Fact, op: str, tree: Mapping[str, Any], place: str) -> Node:
    """The leaf in its plainest form: equality in a tree of codes means "within", a stage means its rule."""
    clause, on, given = tree.get("clause", ""), tree.get("on", ""), tree[op]
    at = _join(place, op)
    if fact.name == "stage":
        if given not in RULES:
            raise CriteriaError("unknown_level", at, f"{given!r} is no stage: {'、'.join(RULES)}.")
        return Stage(given, stage_rule(given), place, clause)
    if fact.tree:
        codes = given if isinstance(given, list) else [given]
        value: Value = tuple(_tree_code(fact, code, at) for code in codes)
        leaf = Leaf(fact.name, f"in_{fact.tree}", value, place, clause, on)
        return Negation(leaf, place) if op == "ne" else leaf
    return Leaf(fact.name, op, _VALUES[fact.kind](fact, given, at), place, clause, on)


def _tree_code(fact: Fact, code: object, at: str) -> str:
    read: Callable[[str], str] = regions.parse_region if fact.tree == "region" else industries.parse_industry
    try:
        found = read(str(code))
    except ProfilesError as exc:
        raise CriteriaError(exc.code, at, exc.sentence) from exc
    if fact.tree == "region" and regions.needs_confirmation(found):
        into = "、".join(regions.name_of(one) for one in regions.table()[found].successors)
        raise CriteriaError("stale_region", at, f"{found} was split into {into}: name those.")
    return found


def _number(fact: Fact, given: object, at: str) -> Value:
    items = given if isinstance(given, list) else [given]
    numbers = tuple(float(item) for item in items if isinstance(item, (int, float)) and not isinstance(item, bool))
    if len(numbers) < len(items):
        raise CriteriaError("wrong_type", at, f"{fact.name} is a number; {given!r} is not.")
    return numbers if isinstance(given, list) else numbers[0]


def _flag(fact: Fact, given: object, at: str) -> Value:
    if not isinstance(given, bool):
        raise CriteriaError("wrong_type", at, f"{fact.name} is true or false; {given!r} is neither.")
    return given


def _code(fact: Fact, given: object, at: str) -> Value:
    items = given if isinstance(given, list) else [given]
    for item in items:
        if item not in fact.levels:
            raise CriteriaError("unknown_level", at, f"{item!r} is no {fact.name}: {', '.join(fact.levels)}.")
    return tuple(items) if isinstance(given, list) else str(given)


def _date(fact: Fact, given: object, at: str) -> Value:
    if isinstance(given, str) and given not in DAY_WORDS:
        return day(_check_date(given, at) or date.min)
    return given  # type: ignore[return-value]  # the schema lets only day words and whole numbers through


def _set(fact: Fact, given: object, at: str) -> Value:
    return str(given)


_VALUES: dict[str, Callable[[Fact, object, str], Value]] = {
    "number": _number,
    "flag": _flag,
    "code": _code,
    "date": _date,
    "set": _set,
}


def _check_date(text: str, place: str) -> date | None:
    if not text or text in DAY_WORDS:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise CriteriaError("bad_date", place, f"{text!r} is no day of the calendar.") from exc


def _facts(node: Node) -> list[str]:
    match node:
        case Leaf():
            return [node.fact]
        case Group():
            return [name for child in node.children for name in _facts(child)]
        case Negation():
            return _facts(node.child)
        case AnyDependant():
            return ["dependants"]
        case Stage():
            return ["stage"]


def _join(place: str, part: str) -> str:
    return f"{place}.{part}" if place else part
