"""Criteria over published columns: every profile of a snapshot, in blocks that fit the cache.

The same answers as `decide` on decoded frames. Of a group that asks all, the cheap conditions go first; once few rows
are left open, only those are asked further, unless every node's counts are wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from profiles.criteria.leaves import Days
from profiles.criteria.steps import Asked, Judging, judge_view, lacking_of, walk
from profiles.criteria.trees import Criteria
from profiles.criteria.truths import NO, UNKNOWN, YES, Truth
from profiles.ragged import Rows
from profiles.snapshot.segments import Segment, Snapshot
from profiles.snapshot.views import View

BLOCK = 1 << 18  # rows: codes of two bytes and truths of one then stay in the second level of the cache


@dataclass(frozen=True)
class NodeCount:
    """How many living profiles a node says yes, no and unknown of; `place` as in the tree's own text."""

    place: str
    yes: int
    no: int
    unknown: int


@dataclass(frozen=True)
class BlockDecision:
    """`truths`: uint8[n] of NO, UNKNOWN, YES for each segment, in their order; a dead row says NO and counts nowhere.

    `rows`: of each segment those that say yes, rising. `missing`: of the unknown, how many lack each fact that would
    tell. `nodes` in reading order, where asked for.
    """

    truths: tuple[Truth, ...]
    rows: tuple[Rows, ...]
    yes: int
    no: int
    unknown: int
    missing: Mapping[str, int] = field(default_factory=dict)
    nodes: tuple[NodeCount, ...] = ()


def judge_blocks(
    criteria: Criteria | None,
    snapshot: Snapshot,
    *,
    days: Days,
    missing: bool = True,
    nodes: bool = False,
    block: int = BLOCK,
) -> BlockDecision:
    """Everybody in the snapshot against the criteria. None matches nobody: it is for subscribers only.

    `missing`: count what the unknown lack. `nodes`: count what every node says, of everybody. `block`: rows at a time.
    """
    truths = tuple(np.empty(len(one), dtype=np.uint8) for one in snapshot.segments)
    if criteria is None:
        for truth in truths:
            truth[:] = NO
        return BlockDecision(truths, tuple(np.zeros(0, dtype=np.int64) for _ in truths), 0, len(snapshot), 0)
    judging = Judging(criteria.root, days, whole=nodes, lacking=missing)
    tally = _tally(judging, _blocks(snapshot.segments, block), truths)
    return _decision(tally, truths, len(snapshot))


@dataclass
class _Tally:
    counts: Counter[int] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    nodes: list[tuple[str, Counter[int]]] = field(default_factory=list)  # in reading order
    rows: dict[int, list[Rows]] = field(default_factory=dict)  # that say yes, by segment


def _blocks(segments: Sequence[Segment], size: int) -> Iterator[tuple[int, View]]:
    for number, one in enumerate(segments):
        for start in range(0, len(one), size):
            yield number, View(one, slice(start, min(start + size, len(one))))


def _tally(judging: Judging, blocks: Iterable[tuple[int, View]], truths: Sequence[Truth]) -> _Tally:
    """Judge these blocks into `truths` and add up what they hold."""
    tally = _Tally()
    for number, view in blocks:
        judged, living = judge_view(judging, judging.root, view), view.living()
        if living is not None:
            judged.truth[~living] = NO
        assert isinstance(view.rows, slice)
        truths[number][view.rows] = judged.truth
        tally.rows.setdefault(number, []).append(np.flatnonzero(judged.truth == YES) + view.rows.start)
        _add(tally.counts, judged.truth)
        if judging.lacking:
            lacking = lacking_of(judging, judged, view)
            tally.missing.update({name: int(np.count_nonzero(mask)) for name, mask in lacking.items()})
        if judging.whole:
            _add_nodes(tally, judged, living)
    return tally


def _add(counts: Counter[int], truth: Truth) -> None:
    for value in (YES, UNKNOWN):
        counts[int(value)] += int(np.count_nonzero(truth == value))


def _add_nodes(tally: _Tally, judged: Asked, living: np.ndarray[tuple[int], np.dtype[np.bool_]] | None) -> None:
    asked = list(walk(judged))
    if not tally.nodes:
        tally.nodes = [(one.node.place, Counter()) for one in asked]
    for one, (_, counts) in zip(asked, tally.nodes, strict=True):
        _add(counts, one.truth if living is None else one.truth[living])


def _decision(total: _Tally, truths: tuple[Truth, ...], profiles: int) -> BlockDecision:
    yes, unknown = total.counts[int(YES)], total.counts[int(UNKNOWN)]
    nodes = tuple(
        NodeCount(place, counts[int(YES)], profiles - counts[int(YES)] - counts[int(UNKNOWN)], counts[int(UNKNOWN)])
        for place, counts in total.nodes
    )
    missing = dict(sorted(total.missing.items(), key=lambda item: (-item[1], item[0])))
    rows = tuple(np.concatenate([np.zeros(0, dtype=np.int64), *total.rows.get(i, [])]) for i in range(len(truths)))
    return BlockDecision(truths, rows, yes, profiles - yes - unknown, unknown, missing, nodes)
