"""The recommended door: of those whom the criteria fit and no other door took, the ones the model favours."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from pushsvc.pipeline.scoring import Scored, model_in_use, score
from pushsvc.store.audience import personalised_off
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection

Rows = NDArray[np.intp]
_ROUNDING = 1e-6  # scores are float32: a mean of equal ones may lie a hair above them


@dataclass(frozen=True)
class Limits:
    """`min_z`: least score, in deviations from the mean of those scored; `top_n`: at most so many, the best."""

    min_z: float = 0.0
    top_n: int | None = None


@dataclass(frozen=True)
class Recommended:
    """Rows of the frame in order of score, each with its score and reasons, and the figures of what was left out."""

    rows: list[tuple[int, float, dict[str, object]]] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)


def recommend(conn: Connection, policy: Policy, frame: Frame, candidates: Rows, limits: Limits) -> Recommended:
    """Score the candidates (rows of the derived frame) and keep the best; who switched it off is not even scored."""
    off = np.isin(frame.ids[candidates], personalised_off(conn))
    rows = candidates[~off]
    figures: dict[str, object] = {"personalised_off": int(off.sum()), "model": None, "below": 0}
    using = model_in_use(conn) if len(rows) else None
    found = score(using[1], policy, frame, rows) if using else None
    if using is None or found is None:
        return Recommended(figures=figures | {"no_model": len(rows)})
    kept, level = _kept(found, limits)
    figures |= {"model": using[0], "below": len(rows) - len(kept), **level}
    why = [{"model": using[0], "terms": found.terms[i]} for i in kept]
    chosen = [(int(rows[i]), float(found.scores[i]), w) for i, w in zip(kept, why, strict=True)]
    return Recommended(chosen, figures)


def passing_score(mean: float, deviation: float, min_z: float) -> float:
    """The least score that passes a threshold in deviations; where all are equal, all are as good as the mean."""
    return mean + min_z * deviation - _ROUNDING * max(1.0, abs(mean))


def _kept(found: Scored, limits: Limits) -> tuple[list[int], dict[str, object]]:
    """Positions kept, best first (ties in order of id), and the level they had to reach."""
    values = found.scores.astype(np.float64)
    mean, deviation = float(values.mean()), float(values.std())
    order = np.argsort(-values, kind="stable")
    kept = order[values[order] >= passing_score(mean, deviation, limits.min_z)][: limits.top_n]
    cut = float(values[kept[-1]]) if len(kept) else None
    return kept.tolist(), {"mean": mean, "deviation": deviation, "cut": cut}
