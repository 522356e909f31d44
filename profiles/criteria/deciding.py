"""A tree over columns -> yes / no / unknown for every profile at once, and what is missing (Kleene's three values)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria.leaves import Days, leaf_truth
from profiles.criteria.measures import count_truth
from profiles.criteria.missing import Judged, missing_masks
from profiles.criteria.trees import AnyDependant, CountDependants, Criteria, Group, Negation, Node, Stage
from profiles.criteria.truths import NO, YES, Truth
from profiles.ragged import Mask, Rows, max_per_row, no_sets


@dataclass(frozen=True)
class Decision:
    """`state` int8[n]: 1 yes, 0 no, -1 unknown. `missing`: of the unknown, how many lack each fact that would tell.

    `nodes`: each node's place and its int8[n], in reading order.
    """

    state: NDArray[np.int8]
    missing: dict[str, int] = field(default_factory=dict)
    nodes: tuple[tuple[str, NDArray[np.int8]], ...] = ()


def decide(
    criteria: Criteria | None,
    frame: Frame,
    *,
    on: date,
    deadline: date | None = None,
    published: date | None = None,
) -> Decision:
    """Everybody in the frame against the criteria, as of `on`. None matches nobody: it is for subscribers only."""
    if criteria is None:
        return Decision(np.zeros(len(frame), dtype=np.int8))
    days = Days(on, deadline, published)
    judged = judge(criteria.root, frame, days)
    masks = missing_masks(judged, frame, days)
    missing = {fact: int(mask.sum()) for fact, mask in sorted(masks.items()) if mask.any()}
    nodes = tuple((part.node.place, part.state) for part in _walk(judged))
    return Decision(judged.state, missing, nodes)


def judge(node: Node, frame: Frame, days: Days) -> Judged:
    """The node and everything below it, for each profile of the frame."""
    match node:
        case Group():
            children = tuple(judge(child, frame, days) for child in node.children)
            combine, start = (np.minimum, YES) if node.every else (np.maximum, NO)
            nothing = np.full(len(frame), start, dtype=np.uint8)
            return Judged(node, reduce(combine, (child.truth for child in children), nothing), children)
        case Negation():
            child = judge(node.child, frame, days)
            return Judged(node, YES - child.truth, (child,))
        case AnyDependant() | CountDependants():
            child = judge(node.child, members(frame), days)
            return Judged(node, of_family(node, child.truth, frame.dependants.offsets), (child,))
        case Stage():
            child = judge(node.rule, frame, days)
            return Judged(node, child.truth, (child,))
        case _:
            return Judged(node, leaf_truth(node, frame, days))


def members(frame: Frame) -> Frame:
    """The family members as a frame of their own."""
    n = int(frame.dependants.offsets[-1])
    none = np.zeros(n + 1, np.int64)
    family = type(frame.dependants)(none)
    return Frame(np.arange(n, dtype=np.int64), frame.dependants.columns, no_sets(n), no_sets(n), family)


def of_family(node: AnyDependant | CountDependants, truth: Truth, offsets: Rows) -> Truth:
    """uint8[n] from uint8[members]: whether any is so, or so many are."""
    if isinstance(node, AnyDependant):
        return max_per_row(truth, offsets, int(NO))
    sure, possible = (_sums(mask, offsets) for mask in (truth == YES, truth != NO))
    return count_truth(sure, possible, node.op, node.value)


def _sums(mask: Mask, offsets: Rows) -> NDArray[np.float64]:
    running = np.concatenate(([0], np.cumsum(mask, dtype=np.int64)))
    return np.asarray(running[offsets[1:]] - running[offsets[:-1]], dtype=np.float64)


def _walk(judged: Judged) -> Iterator[Judged]:
    """Every node but those over family members (other rows) and inside a stage (not the author's words)."""
    yield judged
    if not isinstance(judged.node, (AnyDependant, CountDependants, Stage)):
        for child in judged.children:
            yield from _walk(child)
