"""What stood between one person and a selection: how far the score lay below, and the terms that pulled it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiles.columns import Frame
from pushsvc.pipeline.recommending import Limits, passing_score
from pushsvc.pipeline.scoring import Serving, all_terms
from pushsvc.store.policies import Policy
from recommenders.explain import AUDIENCE, Reason, reasons

NAMED = 2  # features that pulled it down


@dataclass(frozen=True)
class Shortfall:
    """A score and what it had to reach; the features that lowered it most, worst first, by how much."""

    score: float
    bar: float
    against: tuple[Reason, ...]


def shortfall(
    using: Serving, policy: Policy, person: Frame, *, figures: Mapping[str, Any], limits: Limits
) -> Shortfall | None:
    """Exact: the score is the sum of its terms. None where another model chose, or none can score this policy.

    `figures`: those of the recommended door, of whom the score was compared with.
    """
    if figures.get("model") != using.number or figures.get("mean") is None:
        return None
    found = all_terms(using, policy, person, AUDIENCE)
    if not found:
        return None
    bar = passing_score(float(figures["mean"]), float(figures["deviation"]), limits.min_z)
    cut = figures.get("cut")
    if limits.top_n is not None and cut is not None:
        bar = max(bar, float(cut))
    score = sum(term.value for term in found)
    return Shortfall(score, bar, tuple(reasons(found, limit=NAMED, against=True)))
