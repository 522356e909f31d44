"""What a program's conditions ask of family members, for all of them in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiles.criteria.conditions import OfFamily
from profiles.criteria.measures import count_truth
from profiles.criteria.truths import NO, YES, Truth
from profiles.ragged import Rows


@dataclass(frozen=True)
class Families:
    """What is asked of family members: number of the condition, of the family's tree, the value, by operation.

    The operation of "any" is "".
    """

    at: Rows
    root: Rows
    value: NDArray[np.float64]
    by_op: dict[str, Rows]


def families_of(rows: Sequence[tuple[int, OfFamily]]) -> Families:
    """The conditions with their numbers, as columns."""
    ops = np.array([one.op for _, one in rows], dtype=np.str_)
    return Families(
        np.array([i for i, _ in rows], dtype=np.int64),
        np.array([one.root for _, one in rows], dtype=np.int64),
        np.array([one.value for _, one in rows], dtype=np.float64),
        {str(op): np.flatnonzero(ops == op) for op in np.unique(ops)},
    )


def family_truths(asked: Families, members: Truth) -> Truth:
    """uint8[f, 1]: one person's family, uint8[trees, m] of its members -> whether any is so, or so many are."""
    of_members = members[asked.root]
    sure, possible = (
        (of_members == YES).sum(axis=1, dtype=np.float64),
        (of_members != NO).sum(axis=1, dtype=np.float64),
    )
    result = np.empty(len(asked.at), dtype=np.uint8)
    for op, rows in asked.by_op.items():
        if op:
            result[rows] = count_truth(sure[rows], possible[rows], op, asked.value[rows])
        else:
            result[rows] = of_members[rows].max(axis=1, initial=NO)
    return result[:, None]
