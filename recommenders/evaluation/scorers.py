"""Scores of cold items × users, made when they are looked at: a whole table of them is never held.

A scorer gives any block: some items with all users (for audiences), or all items with some users (for feeds).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recommenders.matrix import Csr

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]


class Scorer(Protocol):
    """m cold items × n users."""

    def block(self, items: Rows, users: Rows) -> Scores:
        """The scores of these items for these users: float32[len(items), len(users)]."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table that is held after all."""

    values: Scores

    def block(self, items: Rows, users: Rows) -> Scores:
        """A part of the table."""
        return self.values[np.ix_(items, users)]


@dataclass(frozen=True, eq=False)
class Lot:
    """Numbers without meaning, the same for the same seed however the table is cut into blocks."""

    seed: int

    def block(self, items: Rows, users: Rows) -> Scores:
        """One number for each pair, out of 2³² evenly spread ones."""
        mixed = (items[:, None] * 0x9E3779B1 + users * 0x85EBCA77 + self.seed * 0xC2B2AE3D).astype(np.uint32)
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B), (16, 1)):
            mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
        return mixed.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Vectors:
    """Inner products of items m × d and users n × d, dense or sparse, plus what an item and a user have anyway."""

    items: NDArray[np.float32] | Csr
    users: NDArray[np.float32] | Csr
    by_item: NDArray[np.float32] | None = None
    by_user: NDArray[np.float32] | None = None

    def block(self, items: Rows, users: Rows) -> Scores:
        """The products of these rows."""
        found = self.items[items] @ self.users[users].T
        scores = np.asarray(found if isinstance(found, np.ndarray) else found.todense(), dtype=np.float32)
        if self.by_item is not None:
            scores = scores + self.by_item[items, None]
        return scores if self.by_user is None else scores + self.by_user[users]


@dataclass(frozen=True, eq=False)
class Read:
    """The weights of past items for cold ones, summed over what each user read.

    `weights` w × m, dense and contiguous, or sparse; `log` n × w: a user's row is what they read.
    """

    weights: NDArray[np.float32] | Csr
    log: Csr

    def block(self, items: Rows, users: Rows) -> Scores:
        """The sums of these items for these users."""
        every = np.array_equal(items, np.arange(self.weights.shape[1]))
        found = self.log[users] @ (self.weights if every else self.weights[:, items])
        return np.asarray(found if isinstance(found, np.ndarray) else found.todense(), dtype=np.float32).T


@dataclass(frozen=True, eq=False)
class Sum:
    """Other scorers added up, each with its weight."""

    parts: Sequence[tuple[float, Scorer]]

    def block(self, items: Rows, users: Rows) -> Scores:
        """The weighted sum; 0 where there is no part."""
        total = np.zeros((len(items), len(users)), dtype=np.float32)
        for weight, part in self.parts:
            total += np.float32(weight) * part.block(items, users)
        return total
