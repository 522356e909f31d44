"""Features by level: each distinct value of an encoded column is looked at once, whoever has it.

The tokens of a level are those that `profile_features` gives to a profile which has nothing but that value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, Nested, missing_column, no_sets
from profiles.derived import PARTS, fact_column
from profiles.facts import FACTS, KINDS
from profiles.snapshot.encoding import Encoded, Levels
from profiles.snapshot.segments import SETS, Segment
from recommenders import columns as c
from recommenders.errors import FeatureError
from recommenders.features import profile_features
from recommenders.kept import Kept
from recommenders.matrix import Csr
from recommenders.vocabulary import Vocabulary

BORN = PARTS[c.AGE_FACT][0]
STAGES, INTERESTS = "stages", "interests"
# In this order terms are summed, everywhere: profiles with equal features then have equal scores, to the last bit.
COLUMNS = (*(fact for fact in c.CODE_GROUPS if fact != "kind"), c.INDUSTRY, BORN, STAGES, INTERESTS)

Counts = NDArray[np.int64]
Place = tuple[str, Levels]  # a column's name and the list that its codes point into

_features: Kept[Csr] = Kept()
_counts: Kept[Counts] = Kept()


def feature_columns(segment: Segment) -> Iterator[tuple[Place, Encoded]]:
    """The segment's columns that make tokens, in the order of COLUMNS.

    Raises FeatureError `not_by_level` where one of them is not held by level.
    """
    for name in COLUMNS:
        held = (segment.sets if name in SETS else segment.columns).get(name)
        if held is not None and held.levels is None:
            raise FeatureError("not_by_level", "This column is not held as codes, so it has no tokens.", name)
        if held is not None and held.levels is not None:
            yield (name, held.levels), held


def level_features(place: Place, vocabulary: Vocabulary, *, on: date) -> Csr:
    """Matrix of the column's k levels × tokens, ages as of `on`; kept while the levels and the vocabulary live."""
    name, levels = place
    stamp = on if name == BORN else None
    return _features.get(
        (levels, vocabulary), name, lambda: profile_features(_frame(place, on), vocabulary), stamp=stamp
    )


def kind_features(vocabulary: Vocabulary) -> Csr:
    """Matrix of the kinds of profile, in the order of KINDS, × tokens."""
    kinds = Column("code", np.arange(len(KINDS), dtype=np.int32), KINDS)
    return profile_features(_empty(len(KINDS)).with_columns({"kind": kinds}), vocabulary)


def level_counts(segment: Segment, name: str, held: Encoded) -> Counts:
    """int64[k]: how many living profiles of the segment have each of the k levels."""
    k = len(held.levels) if held.levels is not None else 0
    counts = _counts.get((held,), name, lambda: np.bincount(held.values, minlength=k + 1))
    if segment.dead is not None:
        counts = counts - np.bincount(held.values[dead_rows(segment)], minlength=k + 1)
    return counts[1:]


def dead_rows(segment: Segment) -> Counts:
    """int64: the rows of the segment that newer ones stand for."""
    dead = segment.dead
    if dead is None:
        return np.zeros(0, dtype=np.int64)
    return _counts.get((dead,), "dead", lambda: np.flatnonzero(dead))


def _frame(place: Place, on: date) -> Frame:
    """One profile a level, with nothing but that; and what is derived from it."""
    name, levels = place
    k = len(levels)
    if levels.sets is not None:
        sets = {STAGES: no_sets(k), INTERESTS: no_sets(k)} | {name: levels.sets}
        return _empty(k, tags=sets[INTERESTS], stages=sets[STAGES])
    frame = _empty(k).with_columns({name: levels.column})
    return frame.with_columns({c.AGE_FACT: fact_column(frame, c.AGE_FACT, on)})


def _empty(n: int, **sets: object) -> Frame:
    missing = {name: missing_column(FACTS[name], n) for name in ("kind", "size")}
    none = {"tags": no_sets(n), "stages": no_sets(n), **sets}
    return Frame(np.arange(n), missing, dependants=Nested(np.zeros(n + 1, np.int64)), **none)  # type: ignore[arg-type]
