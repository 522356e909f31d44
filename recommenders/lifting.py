"""What spoke for whom, over encoded columns: the average profile of a snapshot, and the best reasons of its rows.

A lift is what a feature is worth to a profile that has it, less what it is worth to the average profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.facts import KINDS
from profiles.ragged import max_per_row
from profiles.snapshot.segments import Segment, Snapshot
from recommenders.beside import DIGITS, Beside, Best, reasons_beyond
from recommenders.features import WEIGHT
from recommenders.kept import Kept
from recommenders.levels import (
    Counts,
    Place,
    dead_rows,
    feature_columns,
    kind_features,
    level_counts,
    level_features,
)
from recommenders.linear import BLOCK, Floats, Rows, ScorePlan, own_places
from recommenders.matrix import Csr
from recommenders.vocabulary import Vocabulary

Strengths = NDArray[np.int32]  # the greater, the better; 0 is nothing that lifts


def snapshot_mean(snapshot: Snapshot, vocabulary: Vocabulary, *, on: date) -> Floats:
    """Mean of each feature over the living profiles: float32[Fu]; zeros where there are none.

    It is `explain.population_mean` of all their features, from how many have each level.
    """
    kinds = np.zeros(len(KINDS), dtype=np.int64)
    counts: dict[Place, Counts] = {}
    for one in snapshot.segments:
        kinds[KINDS.index(one.kind)] += len(one) - len(dead_rows(one))
        for place, held in feature_columns(one):
            counts[place] = counts.get(place, 0) + level_counts(one, place[0], held)
    sums = _sums(kind_features(vocabulary), kinds)
    for place, held_by in counts.items():
        sums += _sums(level_features(place, vocabulary, on=on), held_by)
    return (sums / max(int(kinds.sum()), 1)).astype(np.float32)


def best_terms(plan: ScorePlan, segment: Segment, rows: Rows, mean: Floats, *, limit: int = 2) -> list[Best]:
    """What speaks most for each of these rows (k indices): at most `limit`, only what lifts; as `explain.reasons`.

    `mean` float32[Fu]: the average profile. Of equal lifts the first token counts. Rows that are alike share one tuple.
    """
    lifting = _lifting.get((plan, mean), str(limit), lambda: _lifting_of(plan, mean, limit))
    known: dict[tuple[int, ...], Best] = {}
    found = []
    for key in zip(*_strongest(lifting, segment, rows).tolist(), strict=True):
        best = known.get(key)
        if best is None:
            best = known[key] = tuple(lifting.said[one - 1] for one in key if one)
        found.append(best)
    beside = _beside.get((plan, mean), "beside", lambda: reasons_beyond(plan, mean))
    for here, own in zip(*(places.tolist() for places in own_places(plan, segment, rows)), strict=True):
        found[here] = beside.merged(found[here], own, limit)
    return found


_beside: Kept[Beside] = Kept()


@dataclass(frozen=True)
class _Lifting:
    """What lifts, by strength from 1 on, and the `limit` greatest strengths of each kind and code, falling."""

    said: list[tuple[str, float]]
    kinds: Strengths  # int32[limit, kinds + 1]
    tops: Mapping[Place, Strengths]  # int32[limit, k + 1]


_lifting: Kept[_Lifting] = Kept()


def _lifting_of(plan: ScorePlan, mean: Floats, limit: int) -> _Lifting:
    vocabulary = plan.model.profile_vocab
    lifts = (np.float32(WEIGHT) - mean) * plan.worth.features
    order = np.argsort(-lifts, kind="stable")
    order = order[(lifts[order] > 0) & ~vocabulary.buckets[order]]  # who is of rare values is not told which
    strength = np.zeros(len(lifts), dtype=np.int32)
    strength[order] = np.arange(len(order), 0, -1)
    said = [(vocabulary.levels[token], round(float(lifts[token]), DIGITS)) for token in reversed(order.tolist())]
    tops = {place: _tops(features, strength, limit) for place, features in plan.features.items()}
    return _Lifting(said, _tops(kind_features(vocabulary), strength, limit), tops)


def _sums(features: Csr, counts: Counts) -> NDArray[np.float64]:
    return np.asarray(features.T.astype(np.float64) @ counts)


def _strongest(lifting: _Lifting, segment: Segment, rows: Rows) -> Strengths:
    """The greatest strengths of each row, falling: int32[limit, k]."""
    best = np.repeat(lifting.kinds[:, [KINDS.index(segment.kind) + 1]], len(rows), axis=1)
    columns = [(np.asarray(held.values), lifting.tops[place]) for place, held in feature_columns(segment)]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        for values, tops in columns:
            codes = values[block]
            for top in tops:
                if top.any():
                    _put(best[:, start : start + BLOCK], top[codes])
    return best


def _tops(features: Csr, strength: Strengths, limit: int) -> Strengths:
    """The `limit` greatest strengths of each code's tokens, falling; 0 for the missing: int32[limit, k + 1]."""
    offsets: NDArray[Any] = features.indptr
    values = strength[features.indices]
    tops = np.zeros((limit, len(offsets)), dtype=np.int32)
    for top in tops:
        top[1:] = max_per_row(values, offsets, 0)
        values[values == np.repeat(top[1:], np.diff(offsets))] = 0  # a token is in a row once
    return tops


def _put(best: Strengths, values: Strengths) -> None:
    """Puts each value in its place among the falling ones of its column; the least falls out."""
    for place in best:
        lower = np.minimum(place, values)
        np.maximum(place, values, out=place)
        values = lower
