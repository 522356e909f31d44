"""Outcomes of one data set's splits as one object for JSON: means, deviations, intervals, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from recommenders.evaluation.judging import DIRECTIONS, FIGURES, Direction, Judged, plain
from recommenders.evaluation.metrics import bootstrap, group_means, mean
from recommenders.evaluation.trials import Outcome, Sides

Result = dict[str, Any]
Numbers = dict[str, Any]  # name of a figure -> number or None, and `deciles` -> a list of them


def figures(judged: Judged) -> Numbers:
    """One trial's figures of one direction. Audiences have the AUC inside each activity group, low to high, too."""
    found: Numbers = {name: mean(judged.rows[name]) for name in FIGURES} | {"coverage": judged.coverage}
    if judged.groups is not None:
        deciles = group_means(*judged.groups)
        known = [value for value in deciles if not np.isnan(value)]
        found |= {"auc_lowest_decile": min(known, default=float("nan")), "deciles": deciles}
    return found


def summary(outcomes: Mapping[str, Outcome], *, seed: int) -> Result:
    """Means over the splits; `sd` over them (None for one), `interval`: 95 % by drawing lines of all of them.

    `recipe` has each split's weights, `chosen` their shares (each part over its own deviation) and variants.
    """
    each = list(outcomes.values())
    ours = [one.ours for one in each]
    return {
        **{side: _over(ours, side, mean) for side in DIRECTIONS},
        "sd": {side: _over(ours, side, _sd) for side in DIRECTIONS},
        "interval": {side: _interval([one[side] for one in ours], seed=seed) for side in DIRECTIONS},
        "baselines": _table([one.baselines for one in each]),
        "ablations": _table([one.ablations for one in each]),
        "recipe": {name: asdict(one.recipe) for name, one in outcomes.items()},
        "chosen": {name: one.chosen for name, one in outcomes.items()},
    }


def _table(each: Sequence[Mapping[str, Sides]]) -> dict[str, dict[Direction, Numbers]]:
    """Means of each method that all splits have."""
    names = [name for name in each[0] if all(name in one for one in each)]
    return {name: {side: _over([one[name] for one in each], side, mean) for side in each[0][name]} for name in names}


def _over(sides: Sequence[Sides], side: Direction, of: Any) -> Numbers:
    """A statistic over the splits, figure by figure, group by group (as many as all of them have)."""
    each = [figures(one[side]) for one in sides]
    found: Numbers = {}
    for name, first in each[0].items():
        if isinstance(first, list):
            found[name] = [plain(of(np.array(values))) for values in zip(*(one[name] for one in each), strict=False)]
        else:
            found[name] = plain(of(np.array([one.get(name, np.nan) for one in each])))
    return found


def _sd(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else float("nan")


def _interval(each: Sequence[Judged], *, seed: int) -> dict[str, list[float | None]]:
    joined = {name: np.concatenate([one.rows[name] for one in each]) for name in FIGURES}
    return {name: [plain(end) for end in bootstrap(values, seed=seed)] for name, values in joined.items()}
