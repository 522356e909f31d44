"""What of a criteria tree can be turned without writing JSON: thresholds, days, single regions, industries and levels.

A knob knows where its value stands in the tree (`all[0].ge`). Turning gives a changed copy; the tree stays as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from profiles.criteria import Criteria, CriteriaError
from profiles.criteria.measure_words import fact_named, measure_unit, measure_words, year_words
from profiles.criteria.pairs import Pair
from profiles.criteria.phrases import FLAGS
from profiles.criteria.places import join
from profiles.criteria.quantities import Measure
from profiles.criteria.shapes import DATES, DAY_WORDS, EQUALS, ORDERS
from profiles.criteria.trees import AnyDependant, CountDependants, Group, Measured, Negation, Node
from profiles.facts import LEVEL_WORDS, Fact
from pushsvc.web.console.scales import NO_SCALE, Scale, scale_of, scale_of_unit
from pushsvc.web.console.siblings import Options, near_industries, near_regions

Words = tuple[Pair, Pair, Scale]  # the name of what is turned, its unit, and how far it goes
_OF_PAPER: dict[str, Words] = {
    "held_months": (("持有月数", "months held"), ("个月", "months"), Scale(1, 120, 1)),
    "lapses_within": (("到期天数", "days left"), ("天", "days"), Scale(0, 365, 1)),
}
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True)
class Knob:
    """One value that can be turned. `form`: range, choice or day; `kind`: what JSON holds, number, text or flag."""

    at: str
    form: str
    kind: str
    value: str
    name: Pair
    unit: Pair = ("", "")
    scale: Scale = NO_SCALE
    options: Options = ()


def knobs_of(tree: Any, criteria: Criteria) -> dict[str, tuple[Knob, ...]]:
    """The knobs of a tree and of what it was read as, by the place of their condition."""
    measured = dict(_measured(criteria.root))
    return {place: tuple(_knobs(node, place, measured.get(place))) for place, node in _conditions(tree, "")}


def turned(tree: Any, knobs: Mapping[str, tuple[Knob, ...]], given: Mapping[str, str]) -> Any:
    """A copy of the tree with the values given by place; others are left alone.

    Raises CriteriaError wrong_type where a number is none.
    """
    made = json.loads(json.dumps(tree))  # no two conditions are one object, as they may be in memory
    for knob in (one for row in knobs.values() for one in row if one.at in given):
        *above, last = _path(knob.at)
        holder = made
        for part in above:
            holder = holder[part]
        holder[last] = _typed(knob, given[knob.at].strip())
    return made


def _typed(knob: Knob, text: str) -> object:
    if knob.kind == "flag":
        return text == "true"
    if knob.kind == "text":
        return text
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise CriteriaError("wrong_type", knob.at, f"A number is asked for here; {text[:20]!r} is none.")
    return int(value) if value.is_integer() else value


def _path(at: str) -> list[str | int]:
    return [name or int(number) for name, number in _PART.findall(at)]


def _conditions(tree: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node that is no group, with its place as the parser names it."""
    for group in ("all", "any"):
        if group in tree:
            for i, child in enumerate(tree[group]):
                yield from _conditions(child, join(place, f"{group}[{i}]"))
            return
    if "not" in tree:
        yield from _conditions(tree["not"], join(place, "not"))
        return
    yield place, tree
    for family in ("any_dependant", "count_dependants"):
        if family in tree:
            yield from _conditions(tree[family], join(place, family))


def _measured(node: Node) -> Iterator[tuple[str, Measure]]:
    match node:
        case Measured():
            yield node.place, node.measure
        case Group():
            for child in node.children:
                yield from _measured(child)
        case Negation() | AnyDependant() | CountDependants():
            yield from _measured(node.child)
        case _:
            pass


def _knobs(node: Mapping[str, Any], place: str, measure: Measure | None) -> Iterator[Knob]:
    if "fact" in node:
        yield from _of_fact(node, place, fact_named(node["fact"]))
    elif measure is not None:
        name, unit = measure_words(measure), measure_unit(measure)
        yield from _numbers(node, place, (name, unit, scale_of_unit(unit)))
    elif "count_dependants" in node:
        yield from _numbers(node, place, (("家庭成员", "family members"), ("位", ""), Scale(0, 10, 1)))
    for key, words in _OF_PAPER.items():
        if key in node:
            yield _range(join(place, key), node[key], words)


def _of_fact(node: Mapping[str, Any], place: str, fact: Fact) -> Iterator[Knob]:
    year_zh, year_en = year_words(int(node.get("year", 0)))
    name = (f"{year_zh}{fact.zh}", f"{fact.en}{year_en}")
    yield from _numbers(node, place, (name, (fact.unit_zh, fact.unit_en), scale_of(fact)))
    if "within_days" in node:
        days = ("天", "days")
        yield _range(join(place, "within_days"), node["within_days"], (name, days, scale_of_unit(days)))
    for op in (op for op in DATES if node.get(op) not in (None, *DAY_WORDS)):
        yield Knob(join(place, op), "day", "text", str(node[op]), name)
    for at, value in _single(node, place):
        if options := _options(fact, value):
            yield Knob(at, "choice", "flag" if fact.kind == "flag" else "text", _text(value), name, options=options)


def _numbers(node: Mapping[str, Any], place: str, words: Words) -> Iterator[Knob]:
    for op in (*EQUALS, *ORDERS):
        value = node.get(op)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield _range(join(place, op), value, words)


def _range(at: str, value: float, words: Words) -> Knob:
    name, unit, scale = words
    return Knob(at, "range", "number", f"{value:.15g}", name, unit, scale.holding(float(value)))


def _single(node: Mapping[str, Any], place: str) -> Iterator[tuple[str, object]]:
    """The one code, level or flag that a condition compares with; lists of several are edited as text."""
    for op in (*EQUALS, *ORDERS):
        if isinstance(node.get(op), str | bool):
            yield join(place, op), node[op]
    for op in ("in", "in_region", "in_industry"):
        given = node.get(op)
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], str):
            yield join(place, f"{op}[0]"), given[0]


def _options(fact: Fact, value: object) -> Options:
    """What could stand there instead, in the order people know; the value itself is always among them."""
    if fact.kind == "flag":
        return tuple((_text(held), *words) for held, words in FLAGS.items())
    if fact.tree:
        return (near_regions if fact.tree == "region" else near_industries)(str(value))
    return tuple((level, *LEVEL_WORDS.get(level, (level, level))) for level in fact.levels)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
