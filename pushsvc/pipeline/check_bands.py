"""What a policy tells apart of one fact, so that a person need not say more: under 60 or not, in this district or not.

A policy that asks for a threshold is content with the side of it: the ranges between all its thresholds are judged by
the same columns as people are, and those that it treats alike are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from profiles.building import build_frame
from profiles.cells import is_whole
from profiles.columns import EPOCH
from profiles.criteria.leaves import Days, facts_of, leaf_truth
from profiles.criteria.shapes import DATES, EQUALS, ORDERS
from profiles.criteria.trees import (
    LEAF_NODES,
    AnyDependant,
    CountDependants,
    Group,
    Leaf,
    LeafNode,
    Measured,
    Negation,
    Node,
    Stage,
    Tiers,
)
from profiles.criteria.truths import NO, UNKNOWN, YES
from profiles.derived import PARTS, inputs
from profiles.facts import FACTS
from profiles.standards import industries, regions
from profiles.yearly import year_name

MOST_BANDS, MOST_CODES = 6, 8
_COMPARES = (*EQUALS, *ORDERS, "in")
_TREES = ("in_region", "in_industry")
_ELSE = "—"  # a name that is none of those asked for


@dataclass(frozen=True)
class Band:
    """Answers that the policy treats alike; `value` is one of them, as the column of the fact holds it.

    Of figures of `fact` (an age, where a birthday is asked for; days since 1970-01-01): from `low` to `high`, each
    included or not, None for no bound. Of codes: the `code`, "" for all that are not named.
    """

    value: object
    fact: str = ""
    low: float | None = None
    high: float | None = None
    low_in: bool = False
    high_in: bool = False
    code: str | None = None


def leaves_of(node: Node) -> Iterator[LeafNode]:
    """The leaves that are asked of the person, not of family members, in reading order."""
    if isinstance(node, LEAF_NODES):
        yield node
    elif isinstance(node, Group):
        for child in node.children:
            yield from leaves_of(child)
    elif isinstance(node, Negation):
        yield from leaves_of(node.child)
    elif isinstance(node, Stage):
        yield from leaves_of(node.rule)
    else:
        assert isinstance(node, (AnyDependant, CountDependants))


def bands_of(root: Node, column: str, kind: str, days: Days) -> list[Band]:
    """The bands of a stored fact (`revenue`, `revenue@2025`) for a profile of this kind; [] where only the fact itself
    will do."""
    plain = column.partition("@")[0]
    using = [node for node in leaves_of(root) if _uses(node, column, days)]
    found = [node for node in using if isinstance(node, Leaf)]
    if not using or len(found) < len(using) or len({(node.fact, node.on) for node in found}) != 1:
        return []
    fact, subject = FACTS[plain], found[0].fact
    if fact.kind == "code" and not fact.levels and subject == plain:
        return _codes(found, column, kind, days)
    own = subject == plain and (fact.kind == "number" or (fact.kind == "date" and _names_days(found)))
    if own or (PARTS.get(subject) == (plain,) and subject in _BACK):
        return _ranges(found, column, kind, days)
    return []


def _names_days(nodes: Sequence[Leaf]) -> bool:
    return all(node.op in DATES and isinstance(node.value, int) for node in nodes)


def _uses(node: LeafNode, column: str, days: Days) -> bool:
    if not isinstance(node, (Leaf, Measured, Tiers)):
        return False
    on = days.named(node.on)
    if isinstance(node, Leaf) and node.year:
        return year_name(node.fact, node.year, on) == column
    plain = column.partition("@")[0]
    if isinstance(node, Leaf) and node.fact == plain:
        return column == plain
    return plain in {part.partition("@")[0] for fact in facts_of(node) for part in inputs(fact, on)}


def _ranges(nodes: Sequence[Leaf], column: str, kind: str, days: Days) -> list[Band]:
    """Points at each threshold and between them, those next to each other that are judged alike put together."""
    if not all(node.op in (*_COMPARES, *DATES) for node in nodes):
        return []
    thresholds = sorted({float(one) for node in nodes for one in _figures(node)})
    subject, on = nodes[0].fact, days.named(nodes[0].on)
    whole = subject in _BACK or FACTS[subject].kind == "date" or is_whole(FACTS[subject])
    points = list(_points(thresholds, whole=whole))
    back = _day if FACTS[subject].kind == "date" else _BACK.get(subject)
    values = [back(on, point) if back else point for point, _ in points]
    alike: list[list[int]] = []
    truths = _truths(nodes, column, kind, values, days)
    for at, truth in enumerate(truths):
        if alike and truths[alike[-1][0]] == truth:
            alike[-1].append(at)
        else:
            alike.append([at])
    if not 2 <= len(alike) <= MOST_BANDS:
        return []
    return [_band(subject, thresholds, [points[at] for at in group], values[group[0]]) for group in alike]


def _figures(node: Leaf) -> tuple[float, ...]:
    value = node.value if isinstance(node.value, tuple) else (node.value,)
    return tuple(float(one) for one in value)


def _points(thresholds: Sequence[float], *, whole: bool) -> Iterator[tuple[float, float]]:
    """(a figure, where it stands: n at threshold n, n + 0.5 above it and -0.5 below the first)."""
    first, last = thresholds[0], thresholds[-1]
    if first > 0:
        yield (first - 1 if whole else first / 2), -0.5
    for n, (here, there) in enumerate(zip(thresholds, [*thresholds[1:], None], strict=True)):
        yield here, float(n)
        if there is not None and not (whole and there - here <= 1):
            yield (here + 1 if whole else (here + there) / 2), n + 0.5
    yield last + 1, len(thresholds) - 0.5


def _band(fact: str, thresholds: Sequence[float], points: Sequence[tuple[float, float]], value: object) -> Band:
    first, last = points[0][1], points[-1][1]
    low = None if first < 0 else thresholds[int(first)]
    top = int(last) if last == int(last) else int(np.ceil(last))
    high = None if top >= len(thresholds) else thresholds[top]
    return Band(value, fact, low, high, low_in=first == int(first), high_in=last == int(last))


def _codes(nodes: Sequence[Leaf], column: str, kind: str, days: Days) -> list[Band]:
    asked: dict[str, None] = {}
    for node in nodes:
        if node.op not in (*EQUALS, "in", *_TREES):
            return []
        asked |= dict.fromkeys(node.value if isinstance(node.value, tuple) else (str(node.value),))  # type: ignore[arg-type]  # codes
    if len(asked) > MOST_CODES:
        return []
    truths = _truths(nodes, column, kind, list(asked), days)
    named = [Band(code, code=code) for code, truth in zip(asked, truths, strict=True) if UNKNOWN not in truth]
    other = _outside(nodes, column, kind, days)
    return [*named, Band(other, code="")] if named and other else []


def _outside(nodes: Sequence[Leaf], column: str, kind: str, days: Days) -> str:
    """A code that none of the conditions names; "" where we know of none."""
    tree = FACTS[column].tree
    codes = _places() if tree == "region" else _trades() if tree == "industry" else [_ELSE]
    unmet = tuple(YES if node.op == "ne" else NO for node in nodes)
    truths = _truths(nodes, column, kind, codes, days)
    return next((code for code, truth in zip(codes, truths, strict=True) if truth == unmet), "")


def _places() -> list[str]:
    """A county of each province: whatever is asked for, one of them is elsewhere."""
    found: dict[str, str] = {}
    for code, one in sorted(regions.table().items()):
        if one.level == "county" and len(code) == 6 and not regions.needs_confirmation(code):
            found.setdefault(code[:2], code)
    return list(found.values())


def _trades() -> list[str]:
    """A class of each section of the industries."""
    found: dict[str, str] = {}
    for code in sorted(industries.table()):
        if len(code) == 5:
            found.setdefault(code[0], code)
    return list(found.values())


def _truths(
    nodes: Sequence[Leaf], column: str, kind: str, values: Sequence[object], days: Days
) -> list[tuple[int, ...]]:
    """What each condition says of each value: by the columns that decide over people."""
    n = len(values)
    frame = build_frame(range(n), {"kind": [kind] * n, column: values})
    return [tuple(truth) for truth in np.stack([leaf_truth(node, frame, days) for node in nodes], axis=1).tolist()]


def _day(_: date, number: float) -> date:
    return date.fromordinal(int(number) + EPOCH)


def _years_back(on: date, years: float) -> date:
    return _months_back(on, 12 * years)


def _months_back(on: date, months: float) -> date:
    """The latest day from which so many months are full on that day."""
    year, month = divmod(on.year * 12 + on.month - 1 - int(months), 12)
    return date(max(year, 1881), month + 1, min(on.day, 28))


_BACK: Mapping[str, Callable[[date, float], date]] = {
    "age": _years_back,
    "years_since_founded": _years_back,
    "age_months": _months_back,
}
