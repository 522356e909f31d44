"""One condition on one fact, read from JSON: its comparison, and its value as columns are compared with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from profiles.criteria.places import check_date, join
from profiles.criteria.shapes import DATES, DAY_WORDS, EQUALS, OPS, ORDERS
from profiles.criteria.trees import CriteriaError, Leaf, Negation, Value
from profiles.errors import ProfilesError
from profiles.facts import DEPENDANT_FACTS, Fact
from profiles.standards import industries, regions

_OPS_OF = {
    "number": (*EQUALS, *ORDERS, "in"),
    "flag": EQUALS,
    "code": (*EQUALS, "in"),
    "ordered": (*EQUALS, *ORDERS, "in"),
    "date": (*DATES, "within_days"),
    "set": ("has",),
    "region": ("in_region", *EQUALS, "in"),
    "industry": ("in_industry", *EQUALS, "in"),
}


def read_leaf(tree: Mapping[str, Any], place: str, facts: Mapping[str, Fact]) -> Leaf | Negation:
    """The leaf in its plainest form: equality in a tree of codes means "within", and its "ne" is a negation."""
    fact = known_fact(tree["fact"], join(place, "fact"), facts)
    op = chosen_op(tree, place, OPS)
    allowed = _OPS_OF[fact.tree or ("ordered" if fact.ordered else fact.kind)]
    if op not in allowed:
        raise CriteriaError("wrong_op", join(place, op), f"{fact.name} takes {', '.join(allowed)}; not {op}.")
    check_date(tree.get("on", ""), join(place, "on"))
    year = checked_year(tree, place, fact)
    clause, on, given, at = tree.get("clause", ""), tree.get("on", ""), tree[op], join(place, op)
    if not fact.tree:
        return Leaf(fact.name, op, _VALUES[fact.kind](fact, given, at), place, clause, on, year)
    codes = given if isinstance(given, list) else [given]
    leaf = Leaf(fact.name, f"in_{fact.tree}", tuple(_tree_code(fact, code, at) for code in codes), place, clause, on)
    return Negation(leaf, place) if op == "ne" else leaf


def known_fact(name: str, at: str, facts: Mapping[str, Fact]) -> Fact:
    """The fact of this name. Raises CriteriaError "unknown_fact"."""
    fact = facts.get(name)
    if fact is None or not fact.subjects:
        whose = "a family member" if facts is DEPENDANT_FACTS else "a profile"
        raise CriteriaError("unknown_fact", at, f"{name!r} is no fact of {whose}.")
    return fact


def chosen_op(tree: Mapping[str, Any], place: str, ops: Sequence[str]) -> str:
    """The one comparison that stands here. Raises CriteriaError "op_count"."""
    found = [op for op in ops if op in tree]
    if len(found) != 1:
        there = ", ".join(found) or "none"
        raise CriteriaError("op_count", place, f"A condition needs exactly one comparison; it has {there}.")
    return found[0]


def checked_year(tree: Mapping[str, Any], place: str, fact: Fact) -> int:
    """The year asked for, 0 for none. Raises CriteriaError "not_yearly"."""
    if "year" in tree and not fact.yearly:
        raise CriteriaError("not_yearly", join(place, "year"), f"{fact.name} is not held by year.")
    return int(tree.get("year", 0))


def _tree_code(fact: Fact, code: object, at: str) -> str:
    read: Callable[[str], str] = _region if fact.tree == "region" else industries.parse_industry
    try:
        found = read(str(code))
    except ProfilesError as exc:
        raise CriteriaError(exc.code, at, exc.sentence) from exc
    if fact.tree == "region" and regions.needs_confirmation(found):
        into = "、".join(regions.name_of(one) for one in regions.table()[found].successors)
        raise CriteriaError("stale_region", at, f"{found} was split into {into}: name those.")
    return found


def _region(code: str) -> str:
    """A village's code (12 digits) is asked as its township's: profiles are held no finer."""
    plain = code.strip()
    return regions.parse_region(plain[:9] if len(plain) == 12 else plain)


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
        if not isinstance(item, str):
            raise CriteriaError("wrong_type", at, f"{fact.name} is a word; {item!r} is not.")
        if fact.levels and item not in fact.levels:
            raise CriteriaError("unknown_level", at, f"{item!r} is no {fact.name}: {', '.join(fact.levels)}.")
    return tuple(items) if isinstance(given, list) else str(given)


def _date(fact: Fact, given: object, at: str) -> Value:
    if isinstance(given, str):
        return given if given in DAY_WORDS else check_date(given, at) or 0
    return int(given)  # type: ignore[call-overload,no-any-return]  # the schema lets only whole numbers through


def _set(fact: Fact, given: object, at: str) -> Value:
    return str(given)


_VALUES: dict[str, Callable[[Fact, object, str], Value]] = {
    "number": _number,
    "flag": _flag,
    "code": _code,
    "date": _date,
    "set": _set,
}
