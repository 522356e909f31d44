"""A tree over columns -> yes / no / unknown for every profile at once, and what is missing (Kleene's three values)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria.leaves import NO, UNKNOWN, YES, Days, Truth, leaf_truth
from profiles.criteria.trees import AnyDependant, Criteria, Group, Leaf, Negation, Node, Stage
from profiles.derived import PARTS, lacking
from profiles.ragged import Mask, max_per_row, no_sets

_STATES = np.array([0, -1, 1], dtype=np.int8)


@dataclass(frozen=True)
class Decision:
    """`state` int8[n]: 1 yes, 0 no, -1 unknown. `missing`: of the unknown, how many lack each fact that would tell.

    `nodes`: each node's place and its int8[n], in reading order.
    """

    state: NDArray[np.int8]
    missing: dict[str, int] = field(default_factory=dict)
    nodes: tuple[tuple[str, NDArray[np.int8]], ...] = ()


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
        case Leaf():
            return Judged(node, leaf_truth(node, frame, days))
        case Group():
            children = tuple(judge(child, frame, days) for child in node.children)
            combine, start = (np.minimum, YES) if node.every else (np.maximum, NO)
            nothing = np.full(len(frame), start, dtype=np.uint8)
            return Judged(node, reduce(combine, (child.truth for child in children), nothing), children)
        case Negation():
            child = judge(node.child, frame, days)
            return Judged(node, YES - child.truth, (child,))
        case AnyDependant():
            child = judge(node.child, members(frame), days)
            return Judged(node, max_per_row(child.truth, frame.dependants.offsets, int(NO)), (child,))
        case Stage():
            child = judge(node.rule, frame, days)
            return Judged(node, child.truth, (child,))


def members(frame: Frame) -> Frame:
    """The family members as a frame of their own."""
    n = int(frame.dependants.offsets[-1])
    none = np.zeros(n + 1, np.int64)
    family = type(frame.dependants)(none)
    return Frame(np.arange(n, dtype=np.int64), frame.dependants.columns, no_sets(n), no_sets(n), family)


def missing_masks(judged: Judged, frame: Frame, days: Days) -> dict[str, Mask]:
    """bool[n] by fact: profiles for whom the node is unknown and this fact, if it were held, could tell."""
    result: dict[str, Mask] = {}
    _collect(judged, judged.truth == UNKNOWN, (frame, days), result)
    return result


def _collect(judged: Judged, open_: Mask, place: tuple[Frame, Days], into: dict[str, Mask]) -> None:
    """Down the tree through what is still open: a branch already decided is not asked about."""
    open_ = open_ & (judged.truth == UNKNOWN)
    if not open_.any():
        return
    node = judged.node
    if isinstance(node, Leaf):
        _collect_leaf(node, open_, place, into)
    elif isinstance(node, AnyDependant):
        _mark(into, "dependants", open_)
    else:
        for child in judged.children:
            _collect(child, open_, place, into)


def _collect_leaf(leaf: Leaf, open_: Mask, place: tuple[Frame, Days], into: dict[str, Mask]) -> None:
    frame, days = place
    left = open_
    for fact, mask in lacking(frame, leaf.fact, days.named(leaf.on)).items():
        _mark(into, fact, open_ & mask)
        left = left & ~mask
    # Held, yet it tells nothing: a split district, a coarse industry, revenue of 0. It is to be confirmed.
    _mark(into, PARTS.get(leaf.fact, (leaf.fact,))[-1], left)


def _mark(into: dict[str, Mask], fact: str, mask: Mask) -> None:
    into[fact] = into[fact] | mask if fact in into else mask


def _walk(judged: Judged) -> Iterator[Judged]:
    """Every node but those over family members (other rows) and inside a stage (not the author's words)."""
    yield judged
    if not isinstance(judged.node, (AnyDependant, Stage)):
        for child in judged.children:
            yield from _walk(child)
