"""Scores over encoded columns, without a matrix of profiles: a level is worth the same to everybody who has it.

For each policy every level gets one number, and the score of a profile is the sum of its levels' numbers; who read
or wished something gets a part of their own on top. It is `audience.scores`, summed in another order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.facts import KINDS
from profiles.snapshot.segments import Segment, Snapshot
from recommenders.audience import Beyond, beyond
from recommenders.behaviour import Behaviour
from recommenders.errors import FeatureError
from recommenders.kept import Kept
from recommenders.levels import Place, feature_columns, kind_features, level_features
from recommenders.matrix import Csr
from recommenders.model import Model
from recommenders.worth import Worth, policy_row, worth

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

BLOCK = 65_536  # rows: their codes, places and sums stay in the cache of one core
SHARE = 4 * BLOCK  # rows handed to a thread at a time


@dataclass(frozen=True)
class Warm:
    """The m profiles of a segment with a part beyond their facts: `rows` (rising), `own` their places among all such,
    `mask` bool[n] of `rows`."""

    rows: Rows
    own: Rows
    mask: NDArray[np.bool_]


_warm: Kept[Warm] = Kept()


@dataclass(frozen=True, eq=False)
class ScorePlan:
    """One policy's numbers, for the columns of one snapshot.

    `worth`: by token and beyond; `kinds` by kind; `features` by column, k levels × Fu; `lookups` by column,
    float32[k + 1] by code (0 for missing), only where one of them is not 0; `own`: who has a part beyond facts;
    `extra` float32: that part, in the order of `own.ids`.
    """

    model: Model
    worth: Worth
    kinds: Floats
    features: Mapping[Place, Csr]
    lookups: Mapping[Place, Floats]
    own: Beyond
    extra: Floats
    readers: Behaviour | None = None


def plan_scores(
    model: Model,
    tokens: tuple[str, ...],
    snapshot: Snapshot,
    *,
    on: date,
    readers: Behaviour | None = None,
    policy_id: int | None = None,
) -> ScorePlan:
    """What each level of the snapshot is worth for the policy with these tokens, ages as of `on`.

    `readers`: what people read and wished counts too, but for having read this very policy (`policy_id`).
    Raises FeatureError `policy_without_features` when the model knows none of its tokens.
    """
    found = worth(model, policy_row(model, tokens), policy_id=policy_id)
    places = dict.fromkeys(place for one in snapshot.segments for place, _ in feature_columns(one))
    features = {place: level_features(place, model.profile_vocab, on=on) for place in places}
    lookups = {place: np.append(np.float32(0), rows @ found.features) for place, rows in features.items()}
    own = beyond(model, found, readers)
    kinds = kind_features(model.profile_vocab) @ found.features
    used = {place: values for place, values in lookups.items() if values.any()}
    return ScorePlan(model, found, kinds, features, used, own, own.values, readers)


def snapshot_scores(plan: ScorePlan, asked: Sequence[tuple[Segment, Rows]], *, threads: int = 1) -> Floats:
    """Scores of these rows (indices, any order) of segments of the plan's snapshot, one after the other: float32[k].

    Profiles with equal features have equal scores to the last bit, whatever the segment and the rows.
    Raises FeatureError `no_such_row` for a row outside its segment.
    """
    found = np.empty(sum(len(rows) for _, rows in asked), dtype=np.float32)
    jobs, start = [], 0
    for segment, rows in asked:
        for first in range(0, len(rows), SHARE):
            some = rows[first : first + SHARE]
            jobs.append((found[start : start + len(some)], plan, segment, some))
            start += len(some)
    if threads == 1 or len(jobs) < 2:
        for job in jobs:
            _fill(*job)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda job: _fill(*job), jobs))
    return found


def _fill(found: Floats, plan: ScorePlan, segment: Segment, rows: Rows) -> None:
    if len(rows) and not 0 <= int(np.min(rows)) <= int(np.max(rows)) < len(segment):
        raise FeatureError("no_such_row", f"The segment has {len(segment)} rows, and another one was asked for.")
    parts = list(_parts(plan, segment))
    found[:] = plan.kinds[KINDS.index(segment.kind)]
    held = np.empty(BLOCK, dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        block, sums = rows[start : start + BLOCK], found[start : start + BLOCK]
        values = held[: len(block)]
        for codes, lookup in parts:
            np.take(lookup, codes.take(block, mode="clip"), out=values, mode="clip")
            sums += values
    _add_own(found, plan, segment, rows)


def _parts(plan: ScorePlan, segment: Segment) -> Iterator[tuple[NDArray[Any], Floats]]:
    for place, held in feature_columns(segment):
        if place in plan.lookups:
            yield np.asarray(held.values), plan.lookups[place]
        elif place not in plan.features:
            raise FeatureError("another_snapshot", "The plan was made for another snapshot.", place[0])


def _add_own(found: Floats, plan: ScorePlan, segment: Segment, rows: Rows) -> None:
    here, own = own_places(plan, segment, rows)
    found[here] += plan.extra[own]


def own_places(plan: ScorePlan, segment: Segment, rows: Rows) -> tuple[Rows, Rows]:
    """Which of these rows have a part beyond their facts (indices), and their places in `plan.own`."""
    ids, own_ids = segment.ids, plan.own.ids
    warm = _warm.get((ids, own_ids), "warm", lambda: _warm_of(ids, own_ids))
    if not len(warm.rows):
        return warm.rows, warm.rows
    here = np.flatnonzero(warm.mask.take(rows))
    return here, warm.own[np.searchsorted(warm.rows, rows[here])]


def _warm_of(ids: NDArray[Any], own_ids: NDArray[np.int64]) -> Warm:
    rows, own = in_both(ids, own_ids)
    mask = np.zeros(len(ids) if len(rows) else 0, dtype=np.bool_)
    mask[rows] = True
    return Warm(rows, own, mask)


def in_both(first: NDArray[Any], second: NDArray[Any]) -> tuple[Rows, Rows]:
    """Where the numbers that are in both lie in each; both lists rise, and name none twice."""
    if len(first) > len(second):
        here, there = in_both(second, first)
        return there, here
    if not len(first):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    at = np.minimum(np.searchsorted(second, first), len(second) - 1)
    here = np.flatnonzero(second[at] == first)
    return here, at[here]
