"""Yes, no and unknown as numbers, so that "and" is a minimum and "or" a maximum; and comparing figures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask

Truth = NDArray[np.uint8]
NO, UNKNOWN, YES = np.uint8(0), np.uint8(1), np.uint8(2)


def truth_of(held: Mask, known: Mask) -> Truth:
    """uint8[n]: yes or no where known."""
    return np.where(known, np.where(held, YES, NO), UNKNOWN)


def compared(op: str, values: NDArray[Any], value: float | NDArray[np.float64]) -> Mask:
    """bool[n]: eq, ne, lt, le, gt or ge. Figures that differ by no more than arithmetic's own error are equal.

    1.15 of 23 is 5 %, though 1.15 * 100 / 23 in binary falls short of 5. NaN compares as no, but for "ne".
    """
    slack = 1e-12 + 1e-13 * np.abs(value)
    if op == "ge":
        return np.asarray(values >= value - slack)
    if op == "gt":
        return np.asarray(values > value + slack)
    if op == "le":
        return np.asarray(values <= value + slack)
    if op == "lt":
        return np.asarray(values < value - slack)
    near = np.abs(values - value) <= slack
    return np.asarray(near if op == "eq" else ~near)
