"""What share of people, or of policies, holds each token, as a model's vocabulary sees it: what drift is told from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from recommenders import columns as c
from recommenders.content import PolicyTokens
from recommenders.features import profile_features, profile_vocabulary
from recommenders.vocabulary import Vocabulary

NEW = "(new)"  # the value that stands for all values of a group that the vocabulary has no column for


@dataclass(frozen=True)
class Shares:
    """`shares`: token -> share of the `rows` that hold it; `unknown`: share of rows with a token that is not known."""

    rows: int
    unknown: float | None
    shares: dict[str, float] = field(default_factory=dict)


def profile_shares(frame: Frame, vocabulary: Vocabulary) -> Shares:
    """Of the profiles of a derived frame. Raises FeatureError `missing_column`."""
    here = profile_vocabulary(frame)
    matrix = profile_features(frame, here)
    strange = ~vocabulary.known(here.levels)
    held = np.bincount(matrix.indices, minlength=len(here))
    rows = np.repeat(np.arange(len(frame)), np.diff(matrix.indptr))
    unknown = len(np.unique(rows[strange[matrix.indices]]))
    return _shares(here.levels, held, vocabulary, rows=len(frame), unknown=unknown)


def policy_shares(policies: Sequence[PolicyTokens], vocabulary: Vocabulary) -> Shares:
    """Of policies; words of titles are left out: there is hardly a title without one that is new."""
    counts: dict[str, int] = {}
    unknown = 0
    for policy in policies:
        tokens = [name for name in policy.tokens if c.split(name)[0] != c.WORD]
        unknown += not vocabulary.known(tokens).all()
        for name in tokens:
            counts[name] = counts.get(name, 0) + 1
    held = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    return _shares(list(counts), held, vocabulary, rows=len(policies), unknown=unknown)


def _shares(
    tokens: Sequence[str], held: NDArray[np.int64], vocabulary: Vocabulary, *, rows: int, unknown: int
) -> Shares:
    if rows == 0:
        return Shares(0, None)
    found: dict[str, float] = {}
    for name, count in zip(_names(tokens, vocabulary), held.tolist(), strict=True):
        found[name] = found.get(name, 0.0) + count / rows
    return Shares(rows, unknown / rows, found)


def _names(tokens: Sequence[str], vocabulary: Vocabulary) -> Iterable[str]:
    """The column that a token falls into, by name: its own, a bucket of its group, or that of all new values."""
    for name, column in zip(tokens, vocabulary.columns(tokens).tolist(), strict=True):
        yield vocabulary.levels[column] if column >= 0 else c.token(c.split(name)[0], NEW)
