"""The cases that tell trees apart: for every fact a tree asks for, one value on each side of each boundary it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from profiles.cells import highest, is_whole
from profiles.columns import day
from profiles.criteria import conditions as c
from profiles.criteria.leaves import level_truth
from profiles.criteria.measures import parts_of
from profiles.criteria.program import Program
from profiles.criteria.quantities import Elapsed, Held, LastYears, Measure, Weighted
from profiles.criteria.trees import Leaf
from profiles.criteria.truths import NO, YES, Truth, compared
from profiles.derived import DATED
from profiles.facts import DEPENDANT_FACTS, FACTS, Fact
from profiles.ragged import Rows
from profiles.standards import industries, regions

_ELSEWHERE = {"region": ("110000", "310000"), "industry": ("A", "S")}  # outside whatever is asked, most likely


@dataclass(frozen=True)
class Variable:
    """Something that may be so or so, free of all else: `truths` uint8[c, v], conditions `at` in each of v cases."""

    at: Rows
    truths: Truth

    @property
    def cases(self) -> int:
        """How many cases it has."""
        return int(self.truths.shape[1])


def variables_of(program: Program, on: date) -> list[Variable]:
    """The variables behind a program's conditions; every condition belongs to exactly one."""
    groups: dict[object, list[int]] = {}
    for number, one in enumerate(program.conditions):
        groups.setdefault(_subject(one, number), []).append(number)
    return [_variable(program, rows, on) for rows in groups.values()]


def _subject(one: c.Condition, number: int) -> object:
    """Conditions with one subject are answered together; the rest is free of everything else."""
    if isinstance(one, c.Compared):
        return one.quantity
    if isinstance(one, c.OfFamily):
        return "family", one.root
    return ("code", one.leaf.fact) if isinstance(one, c.OfLevel) else number


def _variable(program: Program, rows: list[int], on: date) -> Variable:
    asked = [program.conditions[row] for row in rows]
    first = asked[0]
    at = np.array(rows, dtype=np.int64)
    if isinstance(first, c.Compared):
        return Variable(at, _number_cases(first.quantity, [one for one in asked if isinstance(one, c.Compared)], on))
    if isinstance(first, c.OfLevel):
        return Variable(at, _code_cases([one.leaf for one in asked if isinstance(one, c.OfLevel)]))
    if isinstance(first, c.OfFamily):
        return Variable(at, _count_cases([one for one in asked if isinstance(one, c.OfFamily)]))
    if isinstance(first, (c.Always, c.Concerned)):
        held = not isinstance(first, c.Always) or first.held
        return Variable(at, np.array([[YES if held else NO]], dtype=np.uint8))
    return Variable(at, np.array([[YES, NO]], dtype=np.uint8))


def _number_cases(quantity: c.Quantity, asked: Sequence[c.Compared], on: date) -> Truth:
    """On each boundary, and in each gap between two and beyond the last; only values the quantity can take."""
    bounds = [one.value + (day(on) if one.from_today else 0) for one in asked]
    low, high, whole = _range(quantity)
    ends = [end for end in (low, high) if np.isfinite(end)]
    points = np.array(sorted(set(_around([*bounds, *ends], whole=whole))), dtype=np.float64)
    points = points[(points >= low) & (points <= high)]
    rows = [compared(one.op, points, bound) for one, bound in zip(asked, bounds, strict=True)]
    return np.where(np.stack(rows), YES, NO).astype(np.uint8)


def _count_cases(asked: Sequence[c.OfFamily]) -> Truth:
    """Numbers of family members of whom one thing is so: "any" is at least one."""
    bounds = [(one.op or "ge", one.value if one.op else 1.0) for one in asked]
    points = np.array(sorted(set(_around([0.0, *(bound for _, bound in bounds)], whole=True))), dtype=np.float64)
    points = points[points >= 0]
    return np.where(np.stack([compared(op, points, bound) for op, bound in bounds]), YES, NO).astype(np.uint8)


def _around(bounds: Sequence[float], *, whole: bool) -> Iterator[float]:
    edges = sorted(set(bounds))
    if whole:
        for edge in edges:
            yield from (np.ceil(edge) - 1, float(np.floor(edge)), float(np.ceil(edge)), np.floor(edge) + 1)
        return
    yield from edges
    yield from ((low + high) / 2 for low, high in pairwise(edges))
    yield from (edges[0] - 1 - abs(edges[0]), edges[-1] + 1 + abs(edges[-1]))


def _range(quantity: c.Quantity) -> tuple[float, float, bool]:
    """The smallest and largest value of a quantity, and whether it takes whole ones only."""
    match quantity.what:
        case c.FlagOf():
            return 0, 1, True
        case c.AskedDay() if quantity.on:  # a day that is settled
            return day(quantity.on), day(quantity.on), True
        case c.DateOf() | c.AskedDay():
            return -np.inf, np.inf, True
        case Elapsed():
            return -np.inf, np.inf, True
        case Held(fact=name):
            fact = FACTS.get(name) or DEPENDANT_FACTS[name]
            return 0, np.inf if fact.derived else highest(fact), is_whole(fact) or name in DATED
        case measure:
            return (0 if _never_below_zero(measure) else -np.inf), np.inf, False


def _never_below_zero(measure: Measure) -> bool:
    match measure:
        case Held():
            return True
        case LastYears():
            return measure.take != "growth"
        case Weighted():
            return all(times >= 0 and _never_below_zero(part) for part, times in measure.parts)
        case Elapsed():
            return False
        case _:
            return all(_never_below_zero(part) for part in parts_of(measure))


def _code_cases(leaves: Sequence[Leaf]) -> Truth:
    """Each code that is asked for, what lies around it, and something else."""
    fact = FACTS.get(leaves[0].fact) or DEPENDANT_FACTS[leaves[0].fact]
    levels = tuple(dict.fromkeys(_levels(fact, leaves)))
    cases = np.stack([level_truth(leaf, levels) for leaf in leaves])
    sure = np.isin(cases, (YES, NO)).all(axis=0)  # a coarse code tells nothing here
    return np.unique(cases[:, sure] if sure.any() else cases, axis=1)


def _levels(fact: Fact, leaves: Sequence[Leaf]) -> Iterator[str]:
    if fact.levels:
        yield from fact.levels
        return
    asked = [str(code) for leaf in leaves for code in (leaf.value if isinstance(leaf.value, tuple) else (leaf.value,))]
    yield from asked
    yield from _ELSEWHERE.get(fact.tree, ("\0",))  # a code of no list is some other one
    if fact.tree:
        # A sibling stands for the rest of a subtree that another condition names as a whole.
        table = regions.table() if fact.tree == "region" else industries.table()
        parents = {"", *(table[code].parent for code in asked if code in table)}
        yield from (code for code, row in table.items() if row.parent in parents)
