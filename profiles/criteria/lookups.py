"""A condition on one column: answered once for each value that the column can hold, then looked up for everybody.

The answers come from the same `leaf_truth` that decides frames, on a frame of the values; so there is one meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, Listing, Nested
from profiles.criteria.leaves import Days, leaf_truth
from profiles.criteria.quantities import Elapsed, Held
from profiles.criteria.trees import Leaf, LeafNode, Measured, Receives
from profiles.criteria.truths import Truth
from profiles.derived import DATED, PARTS
from profiles.facts import FACTS
from profiles.ragged import no_sets
from profiles.snapshot.encoding import Encoded, Levels
from profiles.yearly import year_name

_KEPT = 512  # answers kept with the levels of one column; beyond it they start anew
_FEW = 6  # changes along the levels up to which comparing is faster than looking up
# Facts computed from several others when columns are published, and kept there as columns of their own.
COMPUTED = frozenset({"size", "rd_ratio"})


@dataclass(frozen=True, eq=False)
class Lookup:
    """`table` uint8[k + 1]: the truth of code 0 (missing) and of each level.

    `changes`: where the truth changes along the codes, and by how much; None where there are many such places.
    """

    table: Truth
    changes: tuple[tuple[int, int], ...] | None


def column_of(node: LeafNode, days: Days) -> str:
    """The one published column that decides the leaf; "" where it takes several, or none."""
    match node:
        case Leaf(op="has"):
            return node.fact
        case Leaf():
            return year_name(node.fact, node.year, days.named(node.on)) if node.year else _published(node.fact)
        case Measured(measure=Held() as held):
            return year_name(held.fact, held.year, days.named(node.on)) if held.year else _published(held.fact)
        case Measured(measure=Elapsed() as elapsed):
            return elapsed.fact
        case Receives():
            return "benefits"
        case _:
            return ""


def lookup_of(node: LeafNode, name: str, levels: Levels | None, days: Days) -> Lookup:
    """The leaf by level of the column `name`; without levels, for "missing" alone. Kept with the levels."""
    if levels is None:
        return _made(node, name, None, days)
    key = (replace(node, place="", clause="") if hasattr(node, "clause") else node, name, days)
    found = levels.answers.get(key)
    if found is None:
        if len(levels.answers) >= _KEPT:
            levels.answers.clear()
        found = levels.answers[key] = _made(node, name, levels, days)
    assert isinstance(found, Lookup)
    return found


def look_up(lookup: Lookup, codes: NDArray[Any]) -> Truth:
    """uint8[n]: the truth of each code."""
    if lookup.changes is None:
        result = np.empty(len(codes), dtype=np.uint8)
        # "clip" spares numpy a checked copy; no code lies outside.
        np.take(lookup.table, codes, out=result, mode="clip")
        return result
    result = np.full(len(codes), lookup.table[0], dtype=np.uint8)
    for start, change in lookup.changes:
        above = (codes >= codes.dtype.type(start)).view(np.uint8)
        if abs(change) > 1:
            np.add(above, above, out=above)  # twice: shifting bytes takes ten times as long
        (np.add if change > 0 else np.subtract)(result, above, out=result)
    return result


def number_truth(node: LeafNode, values: NDArray[Any]) -> Truth | None:
    """uint8[n]: a number as held (float64 or float32, NaN missing) above or below a bound; None for other leaves."""
    if not (isinstance(node, Leaf) or (isinstance(node, Measured) and isinstance(node.measure, Held))):
        return None
    if node.op not in _BOUNDS or not isinstance(node.value, (int, float)):
        return None
    compare, up, slack = _BOUNDS[node.op]
    # As `compared` does it, its bound brought to the width of the column without passing any of its values.
    bound = node.value + slack * (1e-12 + 1e-13 * abs(node.value))
    truth: Truth = compare(values, _rounded(bound, values.dtype, up)).view(np.uint8)
    np.add(truth, truth, out=truth)
    np.add(truth, np.isnan(values).view(np.uint8), out=truth)
    return truth


# By operation: the comparison, whether a bound between two numbers goes to the upper one, and where slack is added.
_BOUNDS: dict[str, tuple[Any, bool, int]] = {
    "ge": (np.greater_equal, True, -1),
    "gt": (np.greater, False, 1),
    "le": (np.less_equal, False, 1),
    "lt": (np.less, True, -1),
}


def _rounded(bound: float, dtype: np.dtype[Any], up: bool) -> Any:
    with np.errstate(over="ignore"):  # beyond all float32: infinity, which none of them is
        found = dtype.type(bound)
    if float(found) == bound or (float(found) > bound) == up:
        return found
    return np.nextafter(found, dtype.type(np.inf if up else -np.inf))


def _published(fact: str) -> str:
    if fact in DATED:
        return PARTS[fact][0]
    if fact in COMPUTED or not (fact in FACTS and FACTS[fact].derived):
        return fact
    return ""


def _made(node: LeafNode, name: str, levels: Levels | None, days: Days) -> Lookup:
    table = np.asarray(leaf_truth(node, level_frame(name, levels), days), dtype=np.uint8)
    at = np.flatnonzero(np.diff(table.astype(np.int8)))
    if len(at) > _FEW:
        return Lookup(table, None)
    return Lookup(table, tuple((int(i) + 1, int(table[i + 1]) - int(table[i])) for i in at.tolist()))


def level_frame(name: str, levels: Levels | None) -> Frame:
    """A frame of k + 1 rows: of the column `name` the first is missing, the others hold a level each."""
    n = 1 if levels is None else len(levels) + 1
    columns: dict[str, Column] = {}
    tags = no_sets(n)
    lists: dict[str, Listing] = {}
    if levels is not None:
        every = Encoded(np.arange(n), levels)
        if levels.kind != "set":
            columns[name] = every.column()
        elif name == "interests":
            tags = every.listing().sets
        else:
            lists[name] = every.listing()
    family = Nested(np.zeros(n + 1, np.int64))
    return Frame(np.arange(n, dtype=np.int64), columns, tags, no_sets(n), family, lists)
