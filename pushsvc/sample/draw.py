"""Drawing columns: small helpers over a numpy Generator that is always handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, day

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def pick(rng: np.random.Generator, weights: Sequence[float], n: int) -> Ints:
    """int64[n]: indices into `weights`, drawn in proportion."""
    share = np.asarray(weights, dtype=np.float64)
    return rng.choice(len(share), size=n, p=share / share.sum())


def flip(rng: np.random.Generator, chance: float | Floats, n: int) -> Mask:
    """bool[n]: true with this chance, one for all or one each."""
    return rng.random(n) < chance


def log_between(rng: np.random.Generator, low: Floats, high: Floats) -> Floats:
    """float64[n]: log-uniform in [low, high)."""
    return np.asarray(low * (high / low) ** rng.random(len(low)))


def codes(values: NDArray[Any], levels: Sequence[str], known: Mask | None = None) -> Column:
    """A code column; missing where `known` is false."""
    kept = values if known is None else np.where(known, values, -1)
    return Column("code", kept.astype(np.int32), tuple(levels))


def numbers(values: NDArray[Any], known: Mask | None = None) -> Column:
    """A number column; missing where `known` is false."""
    kept = values.astype(np.float64) if known is None else np.where(known, values, np.nan)
    return Column("number", kept)


def flags(values: Mask, known: Mask | None = None) -> Column:
    """A yes/no column; missing where `known` is false."""
    kept = values.astype(np.int8) if known is None else np.where(known, values, -1)
    return Column("flag", kept.astype(np.int8))


def days_before(on: date, ago: NDArray[Any], known: Mask | None = None) -> Column:
    """A date column `ago` days before `on` (negative: after); missing where `known` is false."""
    values = day(on) - np.floor(ago).astype(np.int64)
    kept = values if known is None else np.where(known, values, np.iinfo(np.int32).min)
    return Column("date", kept.astype(np.int32))
