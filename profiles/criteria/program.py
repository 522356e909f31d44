"""Many trees as one program: every distinct condition once, then "all", "any" and "not" from the bottom up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.criteria.conditions import Condition
from profiles.ragged import Rows, offsets_of

Truths = NDArray[np.uint8]
NO, UNKNOWN, YES = np.uint8(0), np.uint8(1), np.uint8(2)
ALL, ANY, NOT = "all", "any", "not"
_REDUCE: dict[str, Callable[..., Any]] = {ALL: np.minimum.reduceat, ANY: np.maximum.reduceat}


@dataclass(frozen=True)
class Step:
    """Nodes that can be answered together: `ids` of one operation, node i of `children[starts[i]:starts[i + 1]]`."""

    op: str
    ids: Rows
    children: Rows
    starts: Rows

    @cached_property
    def parent_of_child(self) -> Rows:
        """For each entry of `children`, the node it belongs to."""
        sizes = np.diff(np.append(self.starts, len(self.children)))
        return np.repeat(self.ids, sizes)


@dataclass(frozen=True)
class Program:
    """`conditions` are nodes 0 … L-1, the rest follows in the order of `steps`; `roots` int64[p], -1 for no tree."""

    conditions: tuple[Condition, ...]
    size: int
    steps: tuple[Step, ...]
    roots: Rows

    def conditions_below(self, roots: Rows) -> NDArray[np.bool_]:
        """bool[L]: the conditions that any of these nodes is made of."""
        reached = np.zeros(self.size, dtype=np.bool_)
        reached[roots] = True
        for step in reversed(self.steps):
            reached[step.children[reached[step.parent_of_child]]] = True
        return reached[: len(self.conditions)]

    def run(self, truths: Truths) -> Truths:
        """uint8[L] or [L, k] of the conditions -> uint8[size] or [size, k] of every node (Kleene's three values)."""
        values = np.empty((self.size, *truths.shape[1:]), dtype=np.uint8)
        values[: len(truths)] = truths
        for step in self.steps:
            below = values[step.children]
            values[step.ids] = YES - below if step.op == NOT else _REDUCE[step.op](below, step.starts, axis=0)
        return values

    def still_open(self, values: Truths, marks: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Bits uint64[L, w] of what each condition lacks -> uint64[p, w] of what each unknown tree lacks.

        Only through nodes that are unknown themselves: a branch already decided is not asked about.
        """
        bits = np.zeros((self.size, marks.shape[1]), dtype=np.uint64)
        bits[: len(marks)] = marks
        bits[values != UNKNOWN] = 0
        for step in self.steps:
            bits[step.ids] = np.bitwise_or.reduceat(bits[step.children], step.starts, axis=0)
            bits[step.ids[values[step.ids] != UNKNOWN]] = 0
        found = np.zeros((len(self.roots), marks.shape[1]), dtype=np.uint64)
        matched = self.roots >= 0
        found[matched] = bits[self.roots[matched]]
        return found


def program_of(conditions: list[Condition], nodes: list[tuple[str, tuple[int, ...]]], roots: list[int]) -> Program:
    """`nodes`: (operation, children) of the nodes L, L + 1, …, each after its children and with at least one."""
    first = len(conditions)
    height = [0] * first
    for _, children in nodes:
        height.append(1 + max(height[child] for child in children))
    waves: dict[tuple[int, str], list[int]] = {}
    for number, (op, _) in enumerate(nodes, start=first):
        waves.setdefault((height[number], op), []).append(number)
    steps = (_step(op, ids, [nodes[number - first][1] for number in ids]) for (_, op), ids in sorted(waves.items()))
    return Program(tuple(conditions), first + len(nodes), tuple(steps), np.array(roots, dtype=np.int64))


def _step(op: str, ids: list[int], children: list[tuple[int, ...]]) -> Step:
    flat = np.array([child for group in children for child in group], dtype=np.int64)
    starts = offsets_of(np.array([len(group) for group in children], dtype=np.int64))[:-1]
    return Step(op, np.array(ids, dtype=np.int64), flat, starts)
