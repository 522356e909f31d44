"""The recommended door: of those whom the criteria fit and no other door took, the ones the model favours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Rows
from profiles.snapshot.segments import Segment, Snapshot
from pushsvc.pipeline.floor import above_floor
from pushsvc.pipeline.scoring import TERMS, Serving, tokens_of
from pushsvc.store.policies import Policy
from recommenders.content import knows
from recommenders.floors import Candidates
from recommenders.lifting import best_terms, snapshot_mean
from recommenders.linear import ScorePlan, plan_scores, snapshot_scores
from recommenders.merging import NO_ADDRESSES, choose_people, shared_addresses
from recommenders.selecting import RowIds, spread

Asked = Sequence[tuple[Segment, Rows]]
THREADS = 2  # share the scoring: its look-ups are long enough to run beside each other
_ROUNDING = 1e-6  # scores are float32: a mean of equal ones may lie a hair above them


@dataclass(frozen=True)
class Limits:
    """`min_z`: least score, in deviations from the mean of those scored; `top_n`: at most so many, the best.

    `floor`: of each group (district, age band, size, stage) at least this share, 0 to 1, whatever the other two say.
    """

    min_z: float = 0.0
    top_n: int | None = None
    floor: float = 0.0


@dataclass(frozen=True, eq=False)
class Recommended:
    """k profiles in order of score, each with its reasons as JSON, and the figures of what was left out."""

    profile_ids: NDArray[np.int64] = field(default_factory=lambda: NO_ADDRESSES)
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    why: Sequence[str] = ()
    figures: dict[str, object] = field(default_factory=dict)
    merged: Rows = field(default_factory=lambda: NO_ADDRESSES)  # ids of who is reached at a better one's addresses

    def __len__(self) -> int:
        return len(self.profile_ids)


def recommend(
    using: Serving | None,
    policy: Policy,
    snapshot: Snapshot,
    candidates: Sequence[Rows],
    *,
    limits: Limits,
    taken: Rows,
) -> Recommended:
    """Score the candidates (rows of each segment) and keep the best; who switched it off is not even scored.

    `taken`: addresses of those chosen through earlier doors. Who is reached nowhere else is merged into them.
    """
    pairs = zip(snapshot.segments, candidates, strict=True)
    asked = [(segment, rows[segment.personalised[rows]]) for segment, rows in pairs]
    scored = sum(len(rows) for _, rows in asked)
    off = sum(map(len, candidates)) - scored
    figures: dict[str, object] = {"personalised_off": off, "model": None, "below": 0}
    tokens = tokens_of(policy)
    if using is None or not scored or not knows(using.model.policies, tokens):
        return Recommended(figures=figures | {"no_model": scored})
    plan = plan_scores(using.model, tokens, snapshot, on=snapshot.on, readers=using.readers, policy_id=policy.id)
    best = _best(plan, asked, limits, taken, on=snapshot.on)
    why = _floored(_why(plan, using.number, snapshot, _located(asked, best.kept)), best.raised)
    figures |= {"model": using.number} | best.figures
    return Recommended(best.profile_ids, best.scores, why, figures, best.merged)


def passing_score(mean: float, deviation: float, min_z: float) -> float:
    """The least score that passes a threshold in deviations; where all are equal, all are as good as the mean."""
    return mean + min_z * deviation - _ROUNDING * max(1.0, abs(mean))


@dataclass(frozen=True, eq=False)
class _Best:
    kept: Rows  # positions among the asked rows, best first
    profile_ids: NDArray[np.int64]
    scores: NDArray[np.float32]
    figures: dict[str, object]
    merged: Rows
    raised: Mask  # of the kept: chosen for the floor alone


def _best(plan: ScorePlan, asked: Asked, limits: Limits, taken: Rows, *, on: date) -> _Best:
    """The best of the asked rows (ties in order of id), and the level they had to reach."""
    scores = snapshot_scores(plan, asked, threads=THREADS)
    ids = RowIds(asked)
    mean, deviation = spread(scores)
    least = passing_score(mean, deviation, limits.min_z)
    shared, more, raised = shared_addresses(asked), dict[str, object](), None
    found = choose_people(scores, ids, shared, taken=taken, least=least, top_n=limits.top_n)
    if limits.floor:
        given, bounds = Candidates(scores, ids, shared), (taken, least, limits.top_n)
        found, raised, more = above_floor(found, given, asked, floor=limits.floor, on=on, bounds=bounds)
    kept = found.kept
    figures: dict[str, object] = {
        "below": len(scores) - len(kept) - len(found.merged),
        "merged": len(found.merged),
        "mean": mean,
        "deviation": deviation,
        "cut": float(scores[kept[-1]]) if len(kept) else None,
    }
    raised = np.zeros(len(kept), dtype=np.bool_) if raised is None else raised
    return _Best(kept, ids[kept], scores[kept], figures | more, ids[found.merged], raised)


def _floored(why: list[str], raised: Mask) -> list[str]:
    """Who was chosen for the floor alone is told so."""
    for place in np.flatnonzero(raised).tolist():
        why[place] = f'{why[place][:-1]}, "floor": true}}'
    return why


def _located(asked: Asked, positions: Rows) -> Iterator[tuple[Segment, Rows, Rows]]:
    """For each segment: which of the positions lie in it, and their rows."""
    start = 0
    for segment, rows in asked:
        which = np.flatnonzero((positions >= start) & (positions < start + len(rows)))
        yield segment, which, rows[positions[which] - start]
        start += len(rows)


def _why(
    plan: ScorePlan, model_id: int, snapshot: Snapshot, located: Iterable[tuple[Segment, Rows, Rows]]
) -> list[str]:
    """For each kept profile the model and the features that spoke for it, as JSON."""
    mean = snapshot_mean(snapshot, plan.model.profile_vocab, on=snapshot.on)
    if plan.readers is not None and plan.readers.wishes is not None:
        mean += np.asarray(plan.readers.wishes.sum(axis=0), dtype=np.float32).reshape(-1) / np.float32(len(snapshot))
    said: dict[tuple[tuple[str, float], ...], str] = {}
    found: dict[int, str] = {}
    for segment, which, rows in located:
        for place, terms in zip(which.tolist(), best_terms(plan, segment, rows, mean, limit=TERMS), strict=True):
            if terms not in said:
                said[terms] = json.dumps({"model": model_id, "terms": terms}, ensure_ascii=False, separators=(",", ":"))
            found[place] = said[terms]
    return [found[place] for place in range(len(found))]
