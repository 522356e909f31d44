"""Profiles as features: the published columns of a profile frame turned into tokens, vectorised over the frame.

Every token has the same fixed weight and rows are not normalised. So taking one fact away from a person changes
exactly one term of the score, and an explanation can be exact. That holds for values which the model does not know
too: two of them in one bucket count there twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.ragged import Ragged
from recommenders import columns as c
from recommenders.errors import FeatureError
from recommenders.matrix import Csr, from_parts, require_finite
from recommenders.vocabulary import Vocabulary, with_room

WEIGHT = 0.35  # about 1 / sqrt(8): a usual person has eight tokens, so a usual row is about of length 1

# One block of tokens: the rows, the level of each, and the token that each level stands for ("" for none).
Block = tuple[NDArray[np.int64], NDArray[np.int64], Sequence[str]]


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """Profiles × tokens, with the vocabulary that says which column is what."""

    matrix: Csr
    vocabulary: Vocabulary

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def take(self, rows: NDArray[np.int64]) -> "FeatureRows":
        """These rows (positions), in this order."""
        return FeatureRows(self.matrix[rows], self.vocabulary)

    def checked(self, vocabulary: Vocabulary) -> Csr:
        """The matrix, for a model with this vocabulary.

        Raises FeatureError `vocabulary_mismatch` when the rows were made with another one, though it be as wide, and
        `not_finite`. A row without any feature is a person of whom nothing is known, and no error.
        """
        if self.matrix.shape[1] != len(self.vocabulary) or self.vocabulary != vocabulary:
            theirs = f"{self.matrix.shape[1]} features of vocabulary {self.vocabulary.version}"
            sentence = f"The profiles have {theirs}, the model knows {len(vocabulary)} of {vocabulary.version}."
            raise FeatureError("vocabulary_mismatch", sentence)
        require_finite(self.matrix, "profiles")
        return self.matrix


def profile_vocabulary(
    frame: Frame, *, more: Mapping[str, int] = MappingProxyType({}), at_least: int = 1, room: bool = False
) -> Vocabulary:
    """The tokens of this frame, sorted. `more`: further tokens, with how many profiles have each.

    With `room`, groups of open values get buckets, which tokens of fewer than `at_least` profiles share.
    """
    counts = dict(more)
    for _, levels, names in _blocks(frame):
        for name, count in zip(names, np.bincount(levels, minlength=len(names)).tolist(), strict=True):
            counts[name] = counts.get(name, 0) + count if name else 0
    return with_room(counts, at_least=at_least, groups=c.PROFILE_OPEN if room else ())


def profile_rows(frame: Frame, vocabulary: Vocabulary) -> FeatureRows:
    """The features of these profiles, with the vocabulary they were made with. Raises as `profile_features`."""
    return FeatureRows(profile_features(frame, vocabulary), vocabulary)


def profile_features(frame: Frame, vocabulary: Vocabulary) -> Csr:
    """Matrix of profiles × tokens (float32): WEIGHT for each of a profile's tokens, summed in buckets.

    Tokens without any column are ignored. Raises FeatureError `missing_column` when the frame's derived facts were not
    computed.
    """
    _check_derived(frame)
    rows, columns = [], []
    for row, levels, names in _blocks(frame):
        found = vocabulary.columns(names)[levels]  # "" is no token, so it is found nowhere
        rows.append(row[found >= 0])
        columns.append(found[found >= 0])
    weights = np.full(sum(map(len, rows)), WEIGHT, dtype=np.float32)
    return from_parts(_joined(rows), _joined(columns), weights, (len(frame), len(vocabulary)))


def _joined(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _check_derived(frame: Frame) -> None:
    """Refuse a frame whose derived columns were not computed: it would be scored silently wrong."""
    for stored, derived in (("", "kind"), ("birth_date", c.AGE_FACT), (c.INDUSTRY, "size")):
        if (stored in frame.columns or not stored) and derived not in frame.columns:
            raise FeatureError("missing_column", "The profiles lack a derived fact: derive them first.", derived)


def _blocks(frame: Frame) -> Iterator[Block]:
    for fact, group in c.CODE_GROUPS.items():
        yield from _codes(frame, fact, partial(_code_token, group))
    yield from _codes(frame, c.INDUSTRY, partial(_industry_token, c.SECTION, 1))
    yield from _codes(frame, c.INDUSTRY, partial(_industry_token, c.DIVISION, 3))
    if c.AGE_FACT in frame.columns:
        yield _ages(frame.columns[c.AGE_FACT].values.astype(np.float64))
    yield _members(frame.stages, [_set_token(c.STAGE, v, v in c.SENSITIVE_STAGES) for v in frame.stages.levels])
    yield _members(frame.tags, [_set_token(c.INTEREST, v, c.is_sensitive(v)) for v in frame.tags.levels])


def _code_token(group: str, level: str) -> str:
    return c.token(group, level[: c.REGION_DIGITS] if group == c.CODE_GROUPS["region"] else level)


def _industry_token(group: str, size: int, level: str) -> str:
    return c.token(group, level[:size]) if len(level) >= size and level[:1].isalpha() else ""


def _set_token(group: str, value: str, sensitive: bool) -> str:
    return "" if sensitive else c.token(group, value)


def _codes(frame: Frame, fact: str, name: Callable[[str], str]) -> Iterator[Block]:
    if fact in frame.columns:
        column = frame.columns[fact]
        codes = column.values.astype(np.int64)
        rows = np.flatnonzero(codes >= 0)
        yield rows, codes[rows], [name(level) for level in column.levels]


def _ages(ages: NDArray[np.float64]) -> Block:
    rows = np.flatnonzero(ages >= 0)  # NaN, an unknown age, compares false
    bands = np.searchsorted(np.array(c.AGE_BOUNDS), ages[rows], side="right") - 1
    return rows, bands.astype(np.int64), [c.token(c.AGE, band) for band in c.age_bands()]


def _members(ragged: Ragged, names: Sequence[str]) -> Block:
    """A set that names a value twice still holds it once."""
    rows = np.repeat(np.arange(len(ragged.offsets) - 1, dtype=np.int64), np.diff(ragged.offsets))
    codes = ragged.codes.astype(np.int64)
    pairs = np.unique(rows[codes >= 0] * max(len(names), 1) + codes[codes >= 0])
    rows, codes = np.divmod(pairs, max(len(names), 1))
    return rows, codes, names
