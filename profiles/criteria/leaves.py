"""One leaf over columns: uint8[n] of NO, UNKNOWN, YES."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, day
from profiles.criteria.measures import measure_values, tiers_truth
from profiles.criteria.papers import qualification_truth
from profiles.criteria.quantities import measured_facts
from profiles.criteria.shapes import ORDERS
from profiles.criteria.trees import During, HasQualification, Leaf, LeafNode, Measured, Receives, Tiers
from profiles.criteria.truths import NO, UNKNOWN, YES, Truth, compared, truth_of
from profiles.derived import fact_column
from profiles.facts import ALL, FACTS, KINDS
from profiles.ragged import Mask
from profiles.standards.industries import industry_states, industry_states_of
from profiles.standards.regions import region_states, region_states_of
from profiles.yearly import year_name

__all__ = ["NO", "UNKNOWN", "YES", "Days", "Truth", "applies", "facts_of", "leaf_truth", "leaf_truths", "level_truth"]

_DATES: dict[str, Callable[[Any, Any], Any]] = {
    "before": operator.lt,
    "on_or_before": operator.le,
    "after": operator.gt,
    "on_or_after": operator.ge,
    "valid_on": operator.ge,
}


@dataclass(frozen=True)
class Days:
    """The days a tree may speak of; a policy without a deadline or a publishing day is asked today."""

    on: date
    deadline: date | None = None
    published: date | None = None

    def named(self, word: str) -> date:
        """ "deadline", "published", an ISO date, or anything else: today."""
        if word == "deadline":
            return self.deadline or self.on
        if word == "published":
            return self.published or self.on
        return date.fromisoformat(word) if word[:1].isdigit() else self.on


def leaf_truth(node: LeafNode, frame: Frame, days: Days) -> Truth:
    """uint8[n]: the leaf for each profile; no for kinds of profile that cannot have a fact it asks for."""
    if isinstance(node, Receives):
        return _received(node, frame)
    on = days.named(node.on)
    match node:
        case HasQualification():
            return qualification_truth(node, frame, on)
        case During():
            today = day(on)
            inside = (node.start is None or node.start <= today) and (node.end is None or today <= node.end)
            return np.full(len(frame), YES if inside else NO, dtype=np.uint8)
        case Leaf():
            truth = _of_fact(node, frame, days)
        case Measured():
            values = measure_values(node.measure, frame, on)
            truth = truth_of(compared(node.op, values, node.value), ~np.isnan(values))
        case Tiers():
            truth = tiers_truth(node, frame, on)
    return np.where(applies(facts_of(node), frame), truth, NO)


def facts_of(node: Leaf | Measured | Tiers) -> tuple[str, ...]:
    """The facts a leaf asks for, without their years."""
    if isinstance(node, Leaf):
        return (node.fact,)
    if isinstance(node, Measured):
        return measured_facts(node.measure)
    return tuple(dict.fromkeys((*measured_facts(node.by), *measured_facts(node.of))))


def applies(facts: Sequence[str], frame: Frame) -> Mask:
    """bool[n]: whether each profile's kind can have all of these facts; a missing kind can."""
    allowed = ALL
    for fact in facts:
        allowed = allowed & FACTS[fact].subjects if fact in FACTS else allowed
    kind = frame.columns.get("kind")
    if kind is None or allowed == ALL:
        return np.ones(len(frame), dtype=np.bool_)
    return np.asarray(np.array([level in allowed for level in KINDS] + [True], dtype=np.bool_)[kind.values])


def _received(node: Receives, frame: Frame) -> Truth:
    listing = frame.listing("benefits")
    held = np.stack([listing.sets.has(word) for word in node.benefits])
    return truth_of(~held.any(axis=0) if node.excluded else held.all(axis=0), listing.told)


def _of_fact(leaf: Leaf, frame: Frame, days: Days) -> Truth:
    on = days.named(leaf.on)
    if leaf.op == "has":
        return _of_list(leaf, frame)
    column = frame.column(year_name(leaf.fact, leaf.year, on)) if leaf.year else fact_column(frame, leaf.fact, on)
    return _of_codes(leaf, column) if column.kind == "code" else _of_values(leaf, column, days)


def _of_list(leaf: Leaf, frame: Frame) -> Truth:
    if leaf.fact == "interests":  # a person's own choice: none chosen is none
        return np.where(frame.tags.has(str(leaf.value)), YES, NO)
    listing = frame.listing(leaf.fact)
    return truth_of(listing.sets.has(str(leaf.value)), listing.told)


def _of_values(leaf: Leaf, column: Column, days: Days) -> Truth:
    values, value = column.values, _asked(leaf, days)
    if leaf.op == "within_days":
        start = day(days.named(leaf.on))
        held = (values >= start) & (values <= start + int(value))
    elif leaf.op == "in":
        held = _near_any(values, np.array(value, dtype=np.float64))
    elif leaf.op in _DATES:
        held = _DATES[leaf.op](values, value)
    else:
        held = compared(leaf.op, values, value)
    return truth_of(held, column.known())


def _near_any(values: NDArray[Any], asked: NDArray[np.float64]) -> Mask:
    """bool[n]: equal to one of these figures, as `compared` has it: to the next below or the next above."""
    rising = np.sort(asked)
    at = np.searchsorted(rising, values)
    below, above = rising[np.maximum(at - 1, 0)], rising[np.minimum(at, len(rising) - 1)]
    return compared("eq", values, below) | compared("eq", values, above)


def _asked(leaf: Leaf, days: Days) -> Any:
    """The value compared with; a day word becomes its day ("today" is the day the leaf is asked for)."""
    if isinstance(leaf.value, str):
        return day(days.named(leaf.on if leaf.value == "today" else leaf.value))
    return leaf.value


def _of_codes(leaf: Leaf, column: Column) -> Truth:
    """By level first, then one look-up a profile."""
    by_level = np.append(level_truth(leaf, column.levels), UNKNOWN)
    return np.asarray(by_level[column.values], dtype=np.uint8)  # code -1 (missing) picks the last


def leaf_truths(leaves: Sequence[Leaf], level: str) -> Truth:
    """uint8[len(leaves)]: `level_truth` of one level for many conditions on the fact."""
    trees = {"in_region": region_states_of, "in_industry": industry_states_of}
    if len(ops := {leaf.op for leaf in leaves}) == 1 and (states_of := trees.get(ops.pop())):
        states = states_of(level, [_codes(leaf) for leaf in leaves])
        return np.where(states == -1, UNKNOWN, np.where(states == 1, YES, NO))
    return np.array([level_truth(leaf, (level,))[0] for leaf in leaves], dtype=np.uint8)


def level_truth(leaf: Leaf, levels: tuple[str, ...]) -> Truth:
    """uint8[len(levels)]: what a condition on codes says of each level."""
    if leaf.op in ("in_region", "in_industry"):
        asked = _codes(leaf)
        states = region_states(levels, asked) if leaf.op == "in_region" else industry_states(levels, asked)
        return np.where(states == -1, UNKNOWN, np.where(states == 1, YES, NO))
    if leaf.op in ORDERS:
        order = FACTS[leaf.fact].levels
        ranks = np.array([order.index(level) for level in levels], dtype=np.int64)
        return np.where(compared(leaf.op, ranks, order.index(str(leaf.value))), YES, NO)
    wanted = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    held = np.array([(level in wanted) != (leaf.op == "ne") for level in levels], dtype=np.bool_)
    return np.where(held, YES, NO)


def _codes(leaf: Leaf) -> tuple[str, ...]:
    return cast("tuple[str, ...]", leaf.value)  # of a leaf on a tree of codes
