"""Tokens and their columns meet here, once: a vocabulary is the ordered, distinct list of a matrix's columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import FeatureError


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in column order. Equal levels mean equal columns."""

    levels: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(set(self.levels)) != len(self.levels):
            raise FeatureError("repeated_token", "A vocabulary names the same token twice.")

    def __len__(self) -> int:
        return len(self.levels)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Token to column."""
        return {level: column for column, level in enumerate(self.levels)}

    def columns(self, tokens: Iterable[str]) -> NDArray[np.int64]:
        """Column of each token, -1 where the vocabulary does not know it."""
        return np.array([self.index.get(name, -1) for name in tokens], dtype=np.int64)


def build(tokens: Iterable[str], *, at_least: int = 1) -> Vocabulary:
    """Distinct tokens that occur `at_least` times, sorted, so that the order of the input does not matter."""
    counts: dict[str, int] = {}
    for name in tokens:
        counts[name] = counts.get(name, 0) + 1
    return Vocabulary(tuple(sorted(name for name, count in counts.items() if count >= at_least)))
