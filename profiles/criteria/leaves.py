"""One condition over columns: uint8[n] of NO, UNKNOWN, YES, so that "and" is a minimum and "or" a maximum."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, day
from profiles.criteria.trees import Leaf
from profiles.derived import fact_column
from profiles.facts import ALL, FACTS, KINDS
from profiles.ragged import Mask
from profiles.standards.industries import industry_states
from profiles.standards.regions import region_states

Truth = NDArray[np.uint8]
NO, UNKNOWN, YES = np.uint8(0), np.uint8(1), np.uint8(2)

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
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


def leaf_truth(leaf: Leaf, frame: Frame, days: Days) -> Truth:
    """uint8[n]: the condition for each profile; no for kinds of profile that cannot have the fact."""
    if leaf.fact == "interests":
        return np.where(frame.tags.has(str(leaf.value)), YES, NO)
    column = fact_column(frame, leaf.fact, days.named(leaf.on))
    truth = _of_codes(leaf, column) if column.kind == "code" else _of_values(leaf, column, days)
    return np.where(applies(leaf.fact, frame), truth, NO)


def applies(fact: str, frame: Frame) -> Mask:
    """bool[n]: whether each profile's kind can have this fact; a missing kind can."""
    subjects = FACTS[fact].subjects if fact in FACTS else ALL
    kind = frame.columns.get("kind")
    if kind is None or subjects == ALL:
        return np.ones(len(frame), dtype=np.bool_)
    allowed = np.array([level in subjects for level in KINDS] + [True], dtype=np.bool_)
    return np.asarray(allowed[kind.values])


def _of_values(leaf: Leaf, column: Column, days: Days) -> Truth:
    values, value = column.values, _asked(leaf, days)
    if leaf.op == "within_days":
        start = day(days.named(leaf.on))
        held = (values >= start) & (values <= start + int(value))
    elif leaf.op == "in":
        held = np.isin(values, value)
    else:
        held = _COMPARE[leaf.op](values, value)
    return _truth(held, column.known())


def _asked(leaf: Leaf, days: Days) -> Any:
    """The value compared with; a day word becomes its day ("today" is the day the leaf is asked for)."""
    if isinstance(leaf.value, str):
        return day(days.named(leaf.on if leaf.value == "today" else leaf.value))
    return leaf.value


def _of_codes(leaf: Leaf, column: Column) -> Truth:
    """By level first, then one look-up a profile."""
    by_level = np.append(_level_truth(leaf, column.levels), UNKNOWN)
    return np.asarray(by_level[column.values], dtype=np.uint8)  # code -1 (missing) picks the last


def _level_truth(leaf: Leaf, levels: tuple[str, ...]) -> Truth:
    if leaf.op in ("in_region", "in_industry"):
        assert isinstance(leaf.value, tuple)
        asked = [str(code) for code in leaf.value]
        states = region_states(levels, asked) if leaf.op == "in_region" else industry_states(levels, asked)
        return np.where(states == -1, UNKNOWN, np.where(states == 1, YES, NO))
    wanted = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    held = np.array([(level in wanted) != (leaf.op == "ne") for level in levels], dtype=np.bool_)
    return np.where(held, YES, NO)


def _truth(held: Mask, known: Mask) -> Truth:
    return np.where(known, np.where(held, YES, NO), UNKNOWN)
