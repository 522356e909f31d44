"""One trial: everything that can rank is made ready on a task's val items, and judged once on its test items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from recommenders.evaluation.judging import DIRECTIONS, Direction, Judged, judge
from recommenders.evaluation.methods import Benches, Settings, Variant, averaged, contents, lightfm
from recommenders.evaluation.scorers import Scorer, Sum, Vectors
from recommenders.evaluation.tasks import Task
from recommenders.evaluation.weighing import THREADS, Choice, bench, choose
from recommenders.recipe import PARTS, Blend, Recipe
from recommenders.training import Config

STEPS = 4  # progress steps of one trial
OTHER: Mapping[Direction, Direction] = {"audience": "feed", "feed": "audience"}
ABLATIONS: Mapping[str, tuple[str, ...]] = {**{part: (part,) for part in PARTS}, "both_lightfm": ("lightfm", "other")}

# What served well on data of several kinds, for where val has too few items to say.
PRIOR: Mapping[Direction, Mapping[str, float]] = {
    "audience": {"lightfm": 0.5, "other": 0.15, "nearest": 0.1, "ridge": 0.25, "declared": 0.25},
    "feed": {"lightfm": 0.75, "other": 0.05, "nearest": 0.05, "ridge": 0.15, "declared": 0.25},
}

Sides = dict[Direction, Judged]
Methods = Mapping[str, Mapping[Direction, Variant]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Our score, each baseline and each ablation (the part that was taken away), judged in both directions."""

    ours: Sides
    baselines: Mapping[str, Sides]
    ablations: Mapping[str, Sides]
    recipe: Recipe
    chosen: Mapping[Direction, Mapping[str, object]]


def trial(task: Task, *, config: Config, step: Callable[[str], object]) -> Outcome:
    """Choose variants and weights on val, then look at test once. `step` is called STEPS times.

    The same task and seed give the same outcome. Raises TrainingUnavailable, TrainingFailed.
    """
    benches: Benches = {side: bench(task.truth, side, seed=config.seed) for side in DIRECTIONS}
    methods = contents(task, benches)
    step("content")
    weightings = {side: str(methods["knn"][side].settings["weighting"]) for side in DIRECTIONS}
    learnt = lightfm(task, benches, weightings, config)
    methods |= {f"lightfm_{side}": dict.fromkeys(DIRECTIONS, learnt[side]) for side in DIRECTIONS}
    methods |= _predict(learnt["feed"])
    ours = averaged(task, learnt, config)
    step("LightFM")
    parts = {side: _parts(task, side, methods, ours) for side in DIRECTIONS}
    choices = {side: _choice(benches, side, methods, parts[side], config) for side in DIRECTIONS}
    step("weights")
    shares = {side: dict(zip(parts[side], choices[side].shares().tolist(), strict=True)) for side in DIRECTIONS}
    outcome = Outcome(
        *_judged(task, methods, parts, choices),
        recipe=_recipe(methods | _named(ours), parts, choices, config.rate),
        chosen={side: {"shares": shares[side], **_settings(methods | _named(ours), side)} for side in DIRECTIONS},
    )
    step("figures")
    return outcome


def _predict(feed: Variant) -> dict[str, dict[Direction, Variant]]:
    """LightFM's own `predict`, trained for feeds: users' biases are added, though the training left them junk."""
    if feed.junk is None or not isinstance(feed.scorer, Vectors):
        return {}
    return {"predict": dict.fromkeys(DIRECTIONS, Variant(replace(feed.scorer, by_user=feed.junk), feed.settings))}


def _named(ours: Mapping[Direction, Variant]) -> dict[str, dict[Direction, Variant]]:
    return {f"lightfm_{side}": dict.fromkeys(DIRECTIONS, one) for side, one in ours.items()}


def _parts(task: Task, side: Direction, methods: Methods, ours: Mapping[Direction, Variant]) -> dict[str, Scorer]:
    """What can be added up in a direction, in the order of PARTS. Of the other LightFM only what depends on both."""
    other = ours[OTHER[side]].scorer
    assert isinstance(other, Vectors)
    found: dict[str, Scorer] = {
        "lightfm": ours[side].scorer,
        "other": replace(other, by_item=None, by_user=None),
        "nearest": methods["knn"][side].scorer,
        "ridge": methods["ridge"][side].scorer,
    }
    return found if task.declared is None else {**found, "declared": task.declared}


def _choice(benches: Benches, side: Direction, methods: Methods, parts: Mapping[str, Scorer], config: Config) -> Choice:
    held = benches[side]
    reference = [held.figures(one[side].scorer) for name, one in methods.items() if name not in ("knn", "ridge")]
    prior = np.array([PRIOR[side][name] for name in parts])
    return choose(held, list(parts.values()), reference, seed=config.seed, prior=prior)


def _judged(
    task: Task,
    methods: Methods,
    parts: Mapping[Direction, Mapping[str, Scorer]],
    choices: Mapping[Direction, Choice],
) -> tuple[Sides, dict[str, Sides], dict[str, Sides]]:
    """The look at test."""
    tables: dict[str, dict[str, dict[Direction, Scorer]]] = {"ours": {"": {}}, "baselines": {}, "ablations": {}}
    for side in DIRECTIONS:
        names = list(parts[side])
        tables["ours"][""][side] = _sum(parts[side], choices[side])
        for name, left_out in ABLATIONS.items():
            if left_out[-1] in names:
                out = [names.index(one) for one in left_out]
                tables["ablations"].setdefault(name, {})[side] = _sum(parts[side], choices[side], out)
    tables["baselines"] = {name: {side: one[side].scorer for side in DIRECTIONS} for name, one in methods.items()}
    jobs = [(kind, name, side) for kind, table in tables.items() for name in table for side in DIRECTIONS]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda job: judge(task.truth, tables[job[0]][job[1]][job[2]], job[2]), jobs))
    result: dict[str, dict[str, Sides]] = {kind: {name: {} for name in table} for kind, table in tables.items()}
    for (kind, name, side), judged in zip(jobs, found, strict=True):
        result[kind][name][side] = judged
    return result["ours"][""], result["baselines"], result["ablations"]


def _sum(parts: Mapping[str, Scorer], choice: Choice, left_out: Sequence[int] = ()) -> Scorer:
    weights = choice.weights(left_out).tolist()
    return Sum([(weight, part) for weight, part in zip(weights, parts.values(), strict=True) if weight])


def _settings(methods: Methods, side: Direction) -> dict[str, Settings]:
    """Which variants val chose for the parts."""
    names = {"lightfm": f"lightfm_{side}", "nearest": "knn", "ridge": "ridge"}
    return {part: dict(methods[name][side].settings) for part, name in names.items()}


def _recipe(
    methods: Methods, parts: Mapping[Direction, Mapping[str, Scorer]], choices: Mapping[Direction, Choice], rate: float
) -> Recipe:
    weights = {side: dict(zip(parts[side], choices[side].weights().tolist(), strict=True)) for side in DIRECTIONS}
    blends = {}
    for side in DIRECTIONS:
        if not any(weights[side].values()) and "declared" in parts[side]:
            weights[side]["declared"] = 1.0  # no part told one from another on val: as where there is no log
        trained = weights[side]["lightfm"] or weights[OTHER[side]]["other"]
        blends[side] = Blend(
            **{part: weights[side].get(part, 0.0) for part in PARTS},
            epochs=_whole(methods[f"lightfm_{side}"][side], "epochs") if trained else 0,
            k=_whole(methods["knn"][side], "k"),
            penalty=float(methods["ridge"][side].settings["penalty"]),
            members=_whole(methods[f"lightfm_{side}"][side], "members"),
            policy_own=float(methods[f"lightfm_{side}"][side].settings["own"]),
            rate=rate,
        )
    return Recipe(**blends)


def _whole(variant: Variant, name: str) -> int:
    return int(np.int64(variant.settings[name]))
