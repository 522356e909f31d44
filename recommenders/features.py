"""Profiles as features: the published columns of a profile frame turned into tokens, vectorised over the frame.

Every token has the same fixed weight and rows are not normalised. So taking one fact away from a person changes
exactly one term of the score, and an explanation can be exact.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.ragged import Ragged
from recommenders import columns as c
from recommenders.errors import FeatureError
from recommenders.matrix import Csr, from_parts
from recommenders.vocabulary import Vocabulary, build

WEIGHT = 0.35  # about 1 / sqrt(8): a usual person has eight tokens, so a usual row is about of length 1

# One block of tokens: the rows, the level of each, and the token that each level stands for ("" for none).
Block = tuple[NDArray[np.int64], NDArray[np.int64], Sequence[str]]


def profile_vocabulary(frame: Frame) -> Vocabulary:
    """The tokens that occur in this frame, sorted."""
    return build(names[level] for _, levels, names in _blocks(frame) for level in np.unique(levels) if names[level])


def profile_features(frame: Frame, vocabulary: Vocabulary) -> Csr:
    """Matrix of profiles × tokens (float32, each entry WEIGHT or nothing); unknown tokens are ignored.

    Raises FeatureError `missing_column` when the frame's derived facts were not computed.
    """
    _check_derived(frame)
    rows, columns = [], []
    for row, levels, names in _blocks(frame):
        found = vocabulary.columns(names)[levels]  # "" is no token, so it is found nowhere
        rows.append(row[found >= 0])
        columns.append(found[found >= 0])
    count = sum(map(len, rows))
    shape = (len(frame), len(vocabulary))
    matrix = from_parts(_joined(rows), _joined(columns), np.ones(count, dtype=np.float32), shape)
    matrix.data[:] = WEIGHT  # a set that names a value twice still holds it once
    return matrix


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
    rows = np.repeat(np.arange(len(ragged.offsets) - 1, dtype=np.int64), np.diff(ragged.offsets))
    codes = ragged.codes.astype(np.int64)
    return rows[codes >= 0], codes[codes >= 0], names
