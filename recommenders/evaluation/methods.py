"""The methods of one task, each in the variants that val chooses from: parts of our score, and the baselines.

The variant of a baseline is chosen exactly as that of a part, for each direction anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from recommenders.evaluation import baselines
from recommenders.evaluation.judging import DIRECTIONS, Direction
from recommenders.evaluation.scorers import Scorer, Vectors
from recommenders.evaluation.tasks import Content, Task
from recommenders.evaluation.weighing import Bench
from recommenders.matrix import Csr, beside, diagonal
from recommenders.training import Arrays, Config, Pairs, joined, train

SNAPSHOTS = (5, 10, 20, 40)
NEIGHBOURS = (50, 100, 200)
PENALTIES = (1.0, 3.0, 10.0, 30.0)
MEMBERS = 3  # trainings whose mean is our part: LightFM differs from seed to seed by more than it need
WORK = 100_000_000  # features looked at in a training; more pairs, or longer rows, are trained for fewer epochs

Benches = Mapping[Direction, Bench]
Settings = Mapping[str, float | str]


@dataclass(frozen=True, eq=False)
class Variant:
    """A scorer and how it was made. `junk`: what LightFM's own `predict` adds for each user, trained for feeds."""

    scorer: Scorer
    settings: Settings = field(default_factory=dict)
    junk: NDArray[np.float32] | None = None
    arrays: Arrays | None = None


def contents(task: Task, benches: Benches) -> dict[str, dict[Direction, Variant]]:
    """The methods that need no LightFM, the best variant of each for each direction.

    Neighbours choose the weighting of the features; what is dearer to try follows them.
    """
    plain = {"random": baselines.random(seed=0), "activity": baselines.activity(task.log, len(task.truth.positive))}
    found: dict[str, dict[Direction, Variant]] = {
        name: dict.fromkeys(DIRECTIONS, Variant(scorer)) for name, scorer in plain.items()
    }
    found["popularity"] = best(benches, _each(task, baselines.popularity))
    means = (partial(baselines.centroid, unit=unit) for unit in (True, False))
    found["centroid"] = best(benches, (one for method in means for one in _each(task, method)))
    if task.declared is not None:
        found["declared"] = dict.fromkeys(DIRECTIONS, Variant(task.declared))
    found["knn"] = best(benches, _neighbours(task))
    chosen = {str(one.settings["weighting"]) for one in found["knn"].values()}
    found["ridge"] = best(benches, _ridges(task, sorted(chosen)))
    return found


def best(benches: Benches, variants: Iterable[Variant]) -> dict[Direction, Variant]:
    """For each direction the variant that its val lines like best; of equals the first."""
    found: dict[Direction, tuple[float, Variant]] = {}
    for one in variants:
        for side, held in benches.items():
            value = held.value(held.figures(one.scorer))
            if side not in found or value > found[side][0]:
                found[side] = (value, one)
    return {side: one for side, (_, one) in found.items()}


def _each(task: Task, method: Callable[[Csr, Csr, Csr], Scorer]) -> Iterator[Variant]:
    for name, held in task.contents.items():
        yield Variant(method(held.cold, held.warm, task.log), {"weighting": name})


def _neighbours(task: Task) -> Iterator[Variant]:
    for name, held in task.contents.items():
        for k in NEIGHBOURS:
            scorer = baselines.neighbours(held.cold, held.warm[task.past], task.read, k=k)
            yield Variant(scorer, {"weighting": name, "k": k})


def _ridges(task: Task, weightings: Iterable[str]) -> Iterator[Variant]:
    for name in weightings:
        held = task.contents[name]
        for penalty in PENALTIES:
            scorer = baselines.ridge(held.cold, held.warm[task.past], task.read, penalty=penalty)
            yield Variant(scorer, {"weighting": name, "penalty": penalty})


def lightfm(
    task: Task, benches: Benches, weightings: Mapping[Direction, str], config: Config
) -> dict[Direction, Variant]:
    """LightFM trained for each direction, the variant (own column, epochs) that its own val lines like best.

    Trainings run side by side, one thread each. Raises TrainingUnavailable, TrainingFailed.
    """
    jobs = [
        (side, name, own)
        for side in reversed(DIRECTIONS)  # the longest first
        for name in _worth_trying(task, weightings[side])
        for own in task.item_own
    ]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda job: list(_trained(task, job, config)), jobs))
    found: dict[Direction, Variant] = {}
    for side in DIRECTIONS:
        mine = [one for job, variants in zip(jobs, done, strict=True) if job[0] == side for one in variants]
        found |= best({side: benches[side]}, mine)
    return found


def averaged(task: Task, learnt: Mapping[Direction, Variant], config: Config) -> dict[Direction, Variant]:
    """Each direction's LightFM as the mean of MEMBERS trainings with other seeds; as it is where that takes long."""
    jobs = [(side, seed) for side in DIRECTIONS for seed in range(1, _members(task, learnt[side]))]
    with ThreadPoolExecutor(2) as pool:
        seeded = {job: replace(config, seed=config.seed + job[1]) for job in jobs}
        more = list(pool.map(lambda job: _again(task, job[0], learnt[job[0]], seeded[job]), jobs))
    found = {}
    for side, one in learnt.items():
        members = [one.arrays, *(arrays for job, arrays in zip(jobs, more, strict=True) if job[0] == side)]
        arrays = joined([member for member in members if member is not None])
        scorer = _scorer(task, task.contents[str(one.settings["weighting"])], side, arrays)
        found[side] = Variant(scorer, {**one.settings, "members": len(members)}, arrays=arrays)
    return found


def _members(task: Task, one: Variant) -> int:
    held = task.contents[str(one.settings["weighting"])]
    return MEMBERS if float(one.settings["epochs"]) * _work(task, held) <= WORK else 1


def _again(task: Task, side: Direction, one: Variant, config: Config) -> Arrays | None:
    """The variant's training with another seed."""
    job = (side, str(one.settings["weighting"]), float(one.settings["own"]))
    (again,) = _trained(task, job, config, epochs=(int(float(one.settings["epochs"])),))
    return again.arrays


def _trained(
    task: Task, job: tuple[Direction, str, float], config: Config, epochs: Sequence[int] = ()
) -> Iterator[Variant]:
    """One variant for each number of epochs; the job: direction, weighting, weight of an item's own column."""
    side, weighting, own = job
    held = task.contents[weighting]
    count = held.warm.shape[0]
    items = beside(held.warm, diagonal(np.arange(count), own, count))
    entries = task.log.tocoo()
    pairs = Pairs(entries.row.astype(np.int64), entries.col.astype(np.int64), entries.data.astype(np.float32))
    pairs = pairs if task.unseen is None else replace(pairs, unseen=task.unseen)
    wanted = epochs or [one for one in SNAPSHOTS if one * _work(task, held) <= WORK] or [SNAPSHOTS[0]]
    if side == "audience":
        learnt = train(pairs, items, task.users, config=config, snapshots=wanted)
    else:
        learnt = train(pairs.swapped(), task.users, items, config=config, snapshots=wanted)
    for done, arrays in learnt.items():
        settings: Settings = {"weighting": weighting, "epochs": done, "own": own}
        junk = None if side == "audience" else task.users @ arrays.anchor_bias
        yield Variant(_scorer(task, held, side, arrays), settings, junk, arrays)


def _worth_trying(task: Task, weighting: str) -> list[str]:
    """All weightings where training is soon done, else the one that the neighbours chose."""
    return list(task.contents) if _work(task, task.contents[weighting]) * SNAPSHOTS[-1] <= WORK / 4 else [weighting]


def _work(task: Task, held: Content) -> float:
    """Features that are looked at in an epoch, about."""
    sides = [matrix.nnz / max(matrix.shape[0], 1) for matrix in (held.warm, task.users)]
    return float(task.log.nnz * (1 + sum(sides)))


def _scorer(task: Task, held: Content, side: Direction, arrays: Arrays) -> Vectors:
    """Cold items have no column of their own: their features alone speak. The anchor's bias is left out."""
    features = slice(held.cold.shape[1])
    if side == "audience":
        items = held.cold @ task.filled(arrays.anchor[features])
        return Vectors(items, task.users @ arrays.ranked, by_user=task.users @ arrays.bias)
    items, bias = (held.cold @ task.filled(values[features]) for values in (arrays.ranked, arrays.bias))
    return Vectors(items, task.users @ arrays.anchor, by_item=bias)
