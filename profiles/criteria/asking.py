"""The distinct conditions of a program, sorted by what they need: answered for a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame, day
from profiles.criteria import conditions as c
from profiles.criteria.families import Families, families_of
from profiles.criteria.leaves import applies, leaf_truths
from profiles.criteria.measures import measure_values, over_days
from profiles.criteria.papers import qualification_truths
from profiles.criteria.program import Program
from profiles.criteria.quantities import Elapsed, Held
from profiles.criteria.trees import HasQualification, Leaf
from profiles.criteria.truths import NO, UNKNOWN, YES, Truth, compared
from profiles.derived import DATED, fact_column
from profiles.ragged import Mask, Rows

_MOST_LEVELS = 5000  # cached answers by level; beyond it the cache starts anew


@dataclass(frozen=True)
class Comparisons:
    """The conditions that compare: number of the condition, of its quantity, the value, by operation."""

    at: Rows
    quantity: Rows
    value: NDArray[np.float64]
    from_today: Mask
    by_op: dict[str, Rows]


@dataclass(frozen=True)
class Sheet:
    """A program's conditions; what is worked out from them once is kept."""

    program: Program
    levels_seen: dict[tuple[str, str], Truth] = field(default_factory=dict, compare=False)

    def numbered(self, kind: type[Any]) -> Iterator[tuple[int, Any]]:
        """The conditions of one kind with their numbers."""
        return ((i, one) for i, one in enumerate(self.program.conditions) if isinstance(one, kind))

    @cached_property
    def quantities(self) -> dict[c.Quantity, int]:
        """Every distinct quantity, numbered."""
        found: dict[c.Quantity, int] = {}
        for _, one in self.numbered(c.Compared):
            found.setdefault(one.quantity, len(found))
        return found

    @cached_property
    def comparisons(self) -> Comparisons:
        """The comparisons as columns."""
        rows = list(self.numbered(c.Compared))
        ops = np.array([one.op for _, one in rows], dtype=np.str_)
        return Comparisons(
            np.array([i for i, _ in rows], dtype=np.int64),
            np.array([self.quantities[one.quantity] for _, one in rows], dtype=np.int64),
            np.array([one.value for _, one in rows], dtype=np.float64),
            np.array([one.from_today for _, one in rows], dtype=np.bool_),
            {str(op): np.flatnonzero(ops == op) for op in np.unique(ops)},
        )

    @cached_property
    def coded(self) -> dict[str, tuple[Rows, tuple[Leaf, ...]]]:
        """By code fact: its conditions' numbers and leaves."""
        found: dict[str, list[tuple[int, Leaf]]] = {}
        for i, one in self.numbered(c.OfLevel):
            found.setdefault(one.leaf.fact, []).append((i, one.leaf))
        return {
            fact: (np.array([i for i, _ in rows], dtype=np.int64), tuple(leaf for _, leaf in rows))
            for fact, rows in found.items()
        }

    @cached_property
    def dated(self) -> dict[Elapsed | Held, tuple[list[int], list[date]]]:
        """Durations and ages asked for on other days than today: their quantities' numbers and the days."""
        found: dict[Elapsed | Held, tuple[list[int], list[date]]] = {}
        for quantity, number in self.quantities.items():
            what, on = quantity.what, quantity.on
            if on and isinstance(what, (Elapsed, Held)) and _by_day(what):
                numbers, days = found.setdefault(what, ([], []))
                numbers.append(number)
                days.append(on)
        return found

    @cached_property
    def plain(self) -> list[tuple[int, c.Quantity]]:
        """The other quantities, numbered."""
        by_day = {number for numbers, _ in self.dated.values() for number in numbers}
        return [(number, one) for one, number in self.quantities.items() if number not in by_day]

    @cached_property
    def subjects(self) -> tuple[list[c.Quantity | c.Condition], Rows]:
        """What conditions are about, and its number for each condition: what they lack goes by it."""
        found: dict[c.Quantity | c.Condition, int] = {}
        rows = [found.setdefault(_subject(one), len(found)) for one in self.program.conditions]
        return list(found), np.array(rows, dtype=np.int64)

    @cached_property
    def certified(self) -> dict[HasQualification, tuple[list[int], list[date | None]]]:
        """By certificate: the conditions that ask for it, and the days."""
        found: dict[HasQualification, tuple[list[int], list[date | None]]] = {}
        for i, one in self.numbered(c.Certified):
            rows, days = found.setdefault(one.node, ([], []))
            rows.append(i)
            days.append(one.on)
        return found

    @cached_property
    def families(self) -> Families:
        """The conditions on family members as columns."""
        return families_of(list(self.numbered(c.OfFamily)))

    @cached_property
    def others(self) -> list[tuple[int, c.Condition]]:
        """What is answered one by one: lists and constants."""
        alone = (c.Listed, c.Always)
        return [row for row in enumerate(self.program.conditions) if isinstance(row[1], alone)]

    @cached_property
    def concerned(self) -> dict[tuple[str, ...], Rows]:
        """By the facts they ask for: the numbers of the conditions."""
        found: dict[tuple[str, ...], list[int]] = {}
        for i, one in enumerate(self.program.conditions):
            if facts := c.facts_of(one):
                found.setdefault(facts, []).append(i)
        return {facts: np.array(rows, dtype=np.int64) for facts, rows in found.items()}


def _subject(condition: c.Condition) -> c.Quantity | c.Condition:
    """Of many that compare one quantity, the quantity; whatever the day, a duration lacks its one date.

    Of many that ask one code fact, one list, for certificates or for family members, one in the place of all.
    """
    match condition:
        case c.Compared(quantity=c.Quantity(what=what) as quantity):
            return c.Quantity(what) if _by_day(what) else quantity
        case c.OfLevel(leaf=leaf):
            return c.OfLevel(Leaf(leaf.fact, "", (), ""))
        case c.Listed(fact=fact):
            return c.Listed(fact, "")
        case c.Certified():
            return c.Certified(HasQualification("", ""), None)
        case c.OfFamily():
            return c.OfFamily(0)
        case _:
            return condition


def _by_day(what: object) -> bool:
    return isinstance(what, Elapsed) or (isinstance(what, Held) and what.fact in DATED)


def truths(sheet: Sheet, frame: Frame, on: date, family: Callable[[Families], Truth]) -> Truth:
    """uint8[L, n]: every condition for n rows. `family` answers what is asked of family members, uint8[f, n]."""
    result = np.full((len(sheet.program.conditions), len(frame)), YES, dtype=np.uint8)
    _compare(sheet, frame, on, result)
    for fact, (at, leaves) in sheet.coded.items():
        result[at] = _of_levels(sheet, fact, leaves, fact_column(frame, fact, on))
    for node, (numbers, days) in sheet.certified.items():
        result[numbers] = qualification_truths(node, frame, [one or on for one in days])
    for i, one in sheet.others:
        result[i] = _alone(one, frame)
    if len(sheet.families.at):
        result[sheet.families.at] = family(sheet.families)
    for facts, at in sheet.concerned.items():
        result[at] = np.where(applies(facts, frame), result[at], NO)
    return result


def quantity_values(quantity: c.Quantity, frame: Frame, on: date) -> NDArray[np.float64]:
    """float64[n]: the quantity for each row, NaN where unknown."""
    asked = quantity.on or on
    match quantity.what:
        case c.AskedDay():
            return np.full(len(frame), float(day(asked)))
        case c.DateOf() | c.FlagOf():
            column = fact_column(frame, quantity.what.fact, asked)
            return np.where(column.known(), column.values, np.nan)
        case _:
            return measure_values(quantity.what, frame, asked)


def _compare(sheet: Sheet, frame: Frame, on: date, result: Truth) -> None:
    if not sheet.quantities:
        return
    held = np.empty((len(sheet.quantities), len(frame)))
    for what, (numbers, days) in sheet.dated.items():
        held[numbers] = over_days(what, frame, days)
    for number, quantity in sheet.plain:
        held[number] = quantity_values(quantity, frame, on)
    rows = sheet.comparisons
    value = rows.value + np.where(rows.from_today, day(on), 0)
    for op, picked in rows.by_op.items():
        values = held[rows.quantity[picked]]
        truth = np.where(compared(op, values, value[picked, None]), YES, NO)
        result[rows.at[picked]] = np.where(np.isnan(values), UNKNOWN, truth)


def _of_levels(sheet: Sheet, fact: str, leaves: Sequence[Leaf], column: Any) -> Truth:
    """uint8[k, n]: k conditions on one code fact; each level met is worked out once."""
    result = np.full((len(leaves), len(column)), UNKNOWN, dtype=np.uint8)
    for row in np.flatnonzero(column.known()).tolist():
        level = column.levels[column.values[row]]
        known = sheet.levels_seen.get((fact, level))
        if known is None:
            known = leaf_truths(leaves, level)
            if len(sheet.levels_seen) >= _MOST_LEVELS:
                sheet.levels_seen.clear()
            sheet.levels_seen[fact, level] = known
        result[:, row] = known
    return result


def _alone(one: c.Condition, frame: Frame) -> Truth:
    match one:
        case c.Listed(fact="interests"):
            return np.where(frame.tags.has(one.word), YES, NO)
        case c.Listed():
            listing = frame.listing(one.fact)
            return np.where(listing.told, np.where(listing.sets.has(one.word), YES, NO), UNKNOWN)
        case _:
            held = isinstance(one, c.Always) and one.held
            return np.full(len(frame), YES if held else NO, dtype=np.uint8)
