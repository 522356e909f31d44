"""What is missing where a tree is unknown: the stored facts that, if they were held, could tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria.leaves import Days
from profiles.criteria.measures import last_part, measure_lacking, measure_values
from profiles.criteria.quantities import Measure
from profiles.criteria.trees import (
    AnyDependant,
    CountDependants,
    HasQualification,
    Leaf,
    Measured,
    Node,
    Receives,
    Tiers,
)
from profiles.criteria.truths import UNKNOWN, Truth
from profiles.derived import PARTS, lacking
from profiles.ragged import Mask
from profiles.yearly import year_name

_STATES = np.array([0, -1, 1], dtype=np.int8)
Masks = dict[str, Mask]


@dataclass(frozen=True)
class Judged:
    """A node with its truth for each profile, and its judged children."""

    node: Node
    truth: Truth
    children: tuple[Judged, ...] = ()

    @property
    def state(self) -> NDArray[np.int8]:
        """int8[n]: 1 yes, 0 no, -1 unknown."""
        return np.asarray(_STATES[self.truth])


def missing_masks(judged: Judged, frame: Frame, days: Days) -> Masks:
    """bool[n] by fact (a yearly one as `revenue@2025`): profiles for whom the node is unknown and this could tell."""
    result: Masks = {}
    _collect(judged, judged.truth == UNKNOWN, (frame, days), result)
    return result


def _collect(judged: Judged, open_: Mask, place: tuple[Frame, Days], into: Masks) -> None:
    """Down the tree through what is still open: a branch already decided is not asked about."""
    open_ = open_ & (judged.truth == UNKNOWN)
    if not open_.any():
        return
    node = judged.node
    if isinstance(node, (AnyDependant, CountDependants)):
        _mark(into, "dependants", open_)
    elif judged.children:
        for child in judged.children:
            _collect(child, open_, place, into)
    else:
        mark_leaf(node, open_, place, into)


def mark_leaf(node: Node, open_: Mask, place: tuple[Frame, Days], into: Masks) -> None:
    """Add to `into`, by fact, the open rows (bool[n]) for which this leaf lacks it."""
    frame, days = place
    match node:
        case HasQualification():
            _mark(into, "qualifications", open_)
        case Receives():
            _mark(into, "benefits", open_)
        case Leaf():
            _collect_fact(node, open_, place, into)
        case Measured():
            _collect_measure(node.measure, open_, (frame, days.named(node.on)), into)
        case Tiers():
            on = days.named(node.on)
            asks_alike = len({(row.op, row.value) for row in node.rows}) == 1  # whichever row it is
            for measure in (node.of,) if asks_alike else (node.by, node.of):
                unknown = open_ & np.isnan(measure_values(measure, frame, on))
                _collect_measure(measure, unknown, (frame, on), into)
        case _:
            pass  # what needs no fact is never unknown


def _collect_fact(leaf: Leaf, open_: Mask, place: tuple[Frame, Days], into: Masks) -> None:
    frame, days = place
    on = days.named(leaf.on)
    if leaf.op == "has" or leaf.year:
        _mark(into, year_name(leaf.fact, leaf.year, on) if leaf.year else leaf.fact, open_)
        return
    _take(lacking(frame, leaf.fact, on), PARTS.get(leaf.fact, (leaf.fact,))[-1], open_, into)


def _collect_measure(measure: Measure, open_: Mask, place: tuple[Frame, date], into: Masks) -> None:
    frame, on = place
    _take(measure_lacking(measure, frame, on), last_part(measure, on), open_, into)


def _take(lacks: Masks, otherwise: str, open_: Mask, into: Masks) -> None:
    left = open_
    for fact, mask in lacks.items():
        _mark(into, fact, open_ & mask)
        left = left & ~mask
    # Held, yet it tells nothing: a split district, a coarse industry, revenue of 0. It is to be confirmed.
    _mark(into, otherwise, left)


def _mark(into: Masks, fact: str, mask: Mask) -> None:
    if mask.any():
        into[fact] = into[fact] | mask if fact in into else mask
