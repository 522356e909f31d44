"""How far a person is from what does not fit them: how many conditions would have to be another way."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria import conditions as c
from profiles.criteria.program import ALL, NOT, Program
from profiles.criteria.table import ClauseTable, truths_of
from profiles.criteria.truths import NO, YES, Truth
from profiles.ragged import Rows

FAR = 1000  # what nobody becomes: another kind of profile
Costs = NDArray[np.int64]


def nearness(table: ClauseTable, person: Frame, on: date) -> Costs:
    """int64[p]: for each policy the fewest conditions that say no and would have to say yes (under a "not" the other
    way round); 0 where the answer is yes or unknown, FAR or more where it is for another kind of profile."""
    program = table.people.program
    held = truths_of(table, person, on)
    weight = np.array([FAR if _fixed(one) else 1 for one in program.conditions], dtype=np.int64)
    to_yes, _ = _costs(program, held, weight)
    found = np.full(len(program.roots), FAR, dtype=np.int64)
    matched = program.roots >= 0
    found[matched] = to_yes[program.roots[matched]]
    return found


def joined_nearness(parts: list[Costs], rows: Rows) -> Costs:
    """The costs of several tables as one: `rows` int64[p] counts through them; what is matched to nobody is FAR."""
    return np.concatenate([*parts, np.array([FAR], dtype=np.int64)])[rows]


def _costs(program: Program, held: Truth, weight: Costs) -> tuple[Costs, Costs]:
    """Of every node, what it costs to make it yes, and to make it no; unknown is free either way."""
    to_yes, to_no = np.zeros(program.size, dtype=np.int64), np.zeros(program.size, dtype=np.int64)
    to_yes[: len(held)] = np.where(held == NO, weight, 0)
    to_no[: len(held)] = np.where(held == YES, weight, 0)
    for step in program.steps:
        yes, no = to_yes[step.children], to_no[step.children]
        if step.op == NOT:
            to_yes[step.ids], to_no[step.ids] = no, yes
        elif step.op == ALL:
            to_yes[step.ids] = np.add.reduceat(yes, step.starts)
            to_no[step.ids] = np.minimum.reduceat(no, step.starts)
        else:
            to_yes[step.ids] = np.minimum.reduceat(yes, step.starts)
            to_no[step.ids] = np.add.reduceat(no, step.starts)
    return to_yes, to_no


def _fixed(condition: c.Condition) -> bool:
    return isinstance(condition, c.Concerned) or (isinstance(condition, c.OfLevel) and condition.leaf.fact == "kind")
