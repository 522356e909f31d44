"""One node over one view of published columns: its truth, those of its children, and what an unknown lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from profiles.criteria.deciding import of_family
from profiles.criteria.leaves import Days, facts_of, leaf_truth
from profiles.criteria.lookups import COMPUTED, Lookup, column_of, level_frame, look_up, lookup_of, number_truth
from profiles.criteria.missing import Masks, mark_leaf
from profiles.criteria.trees import (
    LEAF_NODES,
    AnyDependant,
    CountDependants,
    During,
    Group,
    HasQualification,
    Leaf,
    LeafNode,
    Measured,
    Negation,
    Node,
    Stage,
    Tiers,
)
from profiles.criteria.truths import NO, UNKNOWN, YES, Truth
from profiles.facts import FACTS, KINDS
from profiles.ragged import Mask
from profiles.snapshot.encoding import Levels
from profiles.snapshot.views import View

_NARROW = 4  # once no more than one row in so many is left open, only those are asked further
Rows = NDArray[np.intp]
_KINDS = Levels("code", words=KINDS)
T = TypeVar("T")


@dataclass(frozen=True)
class Judging:
    """A tree and its days. `whole`: every node is asked of every row, for its counts. `lacking`: missing facts, too."""

    root: Node
    days: Days
    whole: bool = False
    lacking: bool = True
    memo: dict[Any, Any] = field(default_factory=dict, compare=False)  # a tree is asked block after block

    def cost(self, node: Node) -> int:
        """Roughly how dear a node is: 0 for a look-up, more for what must be decoded and computed."""
        return self._kept(("cost", id(node)), lambda: _cost(node, self.days))

    def column(self, node: LeafNode) -> str:
        """`column_of` the leaf."""
        return self._kept(("column", id(node)), lambda: column_of(node, self.days))

    def lookup(self, node: LeafNode, levels: Levels | None) -> Lookup:
        """`lookup_of` the leaf in its column."""
        return self._kept((id(node), id(levels)), lambda: lookup_of(node, self.column(node), levels, self.days))

    def same(self, node: Node, kind: str) -> int:
        """What a leaf says of every profile of this kind, whatever their facts; -1 where that depends on them."""
        return self._kept((id(node), kind), lambda: _same(node, kind, self.days))

    def _kept(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        found: T | None = self.memo.get(key)
        if found is None:
            found = self.memo[key] = make()
        return found


def _cost(node: Node, days: Days) -> int:
    match node:
        case Group():
            return 1 + sum(_cost(child, days) for child in node.children)
        case Negation() | Stage():
            return _cost(node.child if isinstance(node, Negation) else node.rule, days)
        case AnyDependant() | CountDependants():
            return 20 + _cost(node.child, days)
        case _:
            return 0 if column_of(node, days) else 40


def _same(node: Node, kind: str, days: Days) -> int:
    if isinstance(node, During) or (kind and isinstance(node, Leaf) and node.fact == "kind"):
        level = KINDS.index(kind) + 1 if kind else 0
        return int(leaf_truth(node, level_frame("kind", _KINDS), days)[level])
    if not kind or not isinstance(node, (Leaf, Measured, Tiers)):
        return -1
    never = any(kind not in FACTS[fact].subjects for fact in facts_of(node) if fact in FACTS)
    return int(NO) if never else -1


@dataclass(frozen=True)
class Asked:
    """A node's truth uint8[k] for rows of a view: all where `rows` is None. `children` may have been asked of fewer."""

    node: Node
    truth: Truth
    rows: Rows | None = None
    children: tuple[Asked, ...] = ()


def judge_view(judging: Judging, node: Node, view: View) -> Asked:
    """The node for each row of the view."""
    match node:
        case Group():
            return _group(judging, node, view)
        case Negation():
            child = judge_view(judging, node.child, view)
            return Asked(node, YES - child.truth, children=(child,))
        case Stage():
            child = judge_view(judging, node.rule, view)
            return Asked(node, child.truth.copy(), children=(child,))
        case AnyDependant() | CountDependants():
            members, offsets = view.members()
            child = judge_view(judging, node.child, members)
            return Asked(node, of_family(node, child.truth, offsets))
        case _:
            return Asked(node, leaf_of(judging, node, view))


def _group(judging: Judging, node: Group, view: View) -> Asked:
    """The cheap children first; what is decided is not asked again once little is left open."""
    if (
        node.every
        and not judging.whole
        and any(judging.same(child, view.segment.kind) == NO for child in node.children)
    ):
        return Asked(node, np.full(len(view), NO, dtype=np.uint8))
    combine, start, settled = (np.minimum, YES, NO) if node.every else (np.maximum, NO, YES)
    truth = np.full(len(view), start, dtype=np.uint8)
    left: Rows | None = None
    children: list[tuple[int, Asked]] = []
    order = sorted(range(len(node.children)), key=lambda i: judging.cost(node.children[i]))
    for at, number in enumerate(order):
        if at and not judging.whole and judging.cost(node.children[number]):
            left = _left(truth, settled, left)
        child = judge_view(judging, node.children[number], view if left is None else view.narrowed(left))
        if left is None:
            combine(truth, child.truth, out=truth)
        else:
            truth[left] = combine(truth[left], child.truth)
        children.append((number, Asked(child.node, child.truth, left, child.children)))
    return Asked(node, truth, children=tuple(child for _, child in sorted(children, key=lambda pair: pair[0])))


def _left(truth: Truth, settled: np.uint8, before: Rows | None) -> Rows | None:
    """The rows still to be asked: None for all, where they are many."""
    if before is not None:
        return np.asarray(before[truth[before] != settled])
    open_ = truth != settled
    return np.flatnonzero(open_) if np.count_nonzero(open_) * _NARROW <= len(truth) else None


def leaf_of(judging: Judging, node: LeafNode, view: View) -> Truth:
    """uint8[n]: by look-up where one column decides, else computed from the decoded rows."""
    if (same := judging.same(node, view.segment.kind)) >= 0:
        return np.full(len(view), same, dtype=np.uint8)
    name = judging.column(node)
    held = view.codes(name) if name else None
    if held is not None and held.levels is not None:
        return look_up(judging.lookup(node, held.levels), held.values)
    if held is not None and (truth := number_truth(node, held.values)) is not None:
        return truth
    if not name or held is not None:
        papers = isinstance(node, HasQualification)
        return np.array(leaf_truth(node, view.figures(papers=papers), judging.days), dtype=np.uint8)
    return np.full(len(view), judging.lookup(node, None).table[0], dtype=np.uint8)


def walk(asked: Asked) -> Iterator[Asked]:
    """Every node but those over family members (other rows) and inside a stage (not the author's words)."""
    yield asked
    if not isinstance(asked.node, Stage):
        for child in asked.children:
            yield from walk(child)


def lacking_of(judging: Judging, asked: Asked, view: View) -> Masks:
    """bool[n] by fact: rows of the view for which the node is unknown and this fact could tell."""
    masks: Masks = {}
    _collect(_Collecting(judging, view, masks), asked, np.ones(len(view), dtype=np.bool_), None)
    return masks


@dataclass(frozen=True)
class _Collecting:
    judging: Judging
    view: View
    masks: Masks

    def mark(self, fact: str, open_: Mask, rows: Rows | None) -> None:
        if fact not in self.masks:
            self.masks[fact] = np.zeros(len(self.view), dtype=np.bool_)
        if rows is None:
            self.masks[fact] |= open_
        else:
            self.masks[fact][rows[open_]] = True


def _collect(into: _Collecting, asked: Asked, open_: Mask, rows: Rows | None) -> None:
    """Down the tree through what is still open. `open_`: bool over these `rows` of the view (None: all of them)."""
    open_ = open_ & (asked.truth == UNKNOWN)
    if not open_.any():
        return
    if isinstance(asked.node, (AnyDependant, CountDependants)):
        into.mark("dependants", open_, rows)
    elif not asked.children:
        _collect_leaf(into, asked.node, open_, rows)
    for child in asked.children:
        if child.rows is None:
            _collect(into, child, open_, rows)
        else:
            _collect(into, child, open_[child.rows], child.rows if rows is None else rows[child.rows])


def _collect_leaf(into: _Collecting, node: Node, open_: Mask, rows: Rows | None) -> None:
    name = into.judging.column(node) if isinstance(node, LEAF_NODES) else ""
    if name and name not in COMPUTED:
        into.mark(name, open_, rows)
        return
    some = np.flatnonzero(open_) if rows is None else rows[open_]
    found: Masks = {}
    frame = into.view.narrowed(some).figures()
    mark_leaf(node, np.ones(len(some), dtype=np.bool_), (frame, into.judging.days), found)
    for fact, mask in found.items():
        into.mark(fact, mask, some)
