"""Our methods and the baselines on published data: every split of a data set, feeds and audiences, mean and deviation.

Both directions of LightFM are trained, to show why an audience needs its own. Weighting of the items' features,
epochs and blend weights are chosen on val, for each split anew.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from recommenders import baselines, datasets, judging
from recommenders.datasets import Dataset, Rows
from recommenders.interactions import Interactions
from recommenders.judging import Cold, Figures, Progress, Scores
from recommenders.matrix import Csr, beside, diagonal, from_parts, unit_rows
from recommenders.metrics import deciles
from recommenders.training import Config, Pairs, train

SNAPSHOTS = (5, 10, 20, 40)
BLENDS = (0.3, 0.5, 0.7, 0.9)  # share of LightFM beside the neighbours
ITEM_OWN, USER_OWN = 0.3, 1.0  # weight of own columns; in these sets a user is little else than an own column
STEPS = 4  # progress steps of one split
DIRECTIONS: dict[str, Callable[..., Figures]] = {"audience": judging.audience, "feed": judging.feed}

Result = dict[str, Any]
Judged = dict[str, dict[str, Figures]]  # method -> side -> figures


@dataclass(frozen=True)
class Task:
    """One split with one weighting: training and cold items (unit rows), users, log (items × users), truth."""

    warm: Csr
    cold_items: Csr
    users: Csr
    log: Csr
    truth: Cold


@dataclass(frozen=True)
class Ways:
    """How to train, and after which epochs to look."""

    config: Config
    snapshots: tuple[int, ...]


def evaluate_dir(
    path: Path,
    *,
    config: Config = Config(),  # noqa: B008 - frozen
    snapshots: Sequence[int] = SNAPSHOTS,
    progress: Progress = judging.silent,
) -> Result:
    """Figures for the data set in `path`, or for each one in a folder below it: {"datasets": [{…}, …]}.

    Each has `name`, `users`, `items`, `pairs`, `splits`, and for `feed` and `audience` {method: {figure: {mean,
    sd}}}. `snapshots` are the numbers of epochs that val chooses from; `progress(done, total, label)` is called as
    steps end. Raises DataError, TrainingUnavailable.
    """
    found = [datasets.read(folder) for folder in datasets.find(path)]
    total = sum(len(dataset.splits) for dataset in found) * STEPS
    done = iter(range(1, total + 1))
    ways = Ways(config, tuple(snapshots))
    return {"datasets": [_dataset(one, ways, lambda label: progress(next(done), total, label)) for one in found]}


def _dataset(dataset: Dataset, ways: Ways, step: Callable[[str], None]) -> Result:
    results = []
    for name, folds in dataset.splits.items():
        label = f"{dataset.name} {name}"
        results.append(_judge(list(_tasks(dataset, folds)), ways, partial(_labelled, step, label)))
    items, users = dataset.shape
    head: Result = {"name": dataset.name, "users": users, "items": items, "pairs": len(dataset.users)}
    return head | {"splits": list(dataset.splits)} | {side: _summary(results, side) for side in DIRECTIONS}


def _labelled(step: Callable[[str], None], split: str, what: str) -> None:
    step(f"{split}: {what}")


def _tasks(dataset: Dataset, folds: Rows) -> Iterator[Task]:
    """The split twice: with the items' features as they are, and weighted by how rare they are in training."""
    warm, cold = np.flatnonzero(folds == 0), np.flatnonzero(folds > 0)
    items, users = dataset.shape
    pairs = Interactions(dataset.users, dataset.items).distinct()
    table = from_parts(pairs.policy_ids, pairs.profile_ids, pairs.strength, (items, users))
    log = table[warm]
    activity = np.bincount(log.indices, minlength=users).astype(np.float64)
    truth = Cold(np.asarray(table[cold].todense()) > 0, folds[cold] == 2, deciles(activity))
    own = diagonal(np.arange(users), USER_OWN, users)
    people = own if dataset.user_features is None else beside(unit_rows(dataset.user_features), own)
    seen = np.bincount(dataset.item_features[warm].indices, minlength=dataset.item_features.shape[1])
    for weight in (np.ones(len(seen)), np.log((1 + len(warm)) / (1 + seen)) + 1):
        weighted = dataset.item_features.copy()
        weighted.data = (weighted.data * weight[weighted.indices]).astype(np.float32)
        weighted = unit_rows(weighted)
        yield Task(weighted[warm], weighted[cold], people, log, truth)


def _judge(tasks: Sequence[Task], ways: Ways, step: Callable[[str], None]) -> Judged:
    """All methods on one split. What has variants is chosen on val, by the side that it is made for."""
    task = tasks[0]
    cold, users = task.truth.positive.shape
    found = {
        "random": baselines.random((cold, users), seed=ways.config.seed),
        "activity": baselines.activity(task.log, cold),
        "popularity": baselines.popularity(task.cold_items, task.warm, task.log),
    }
    result = {name: _figures(task.truth, scores) for name, scores in found.items()}
    found.clear()
    knn = {
        side: _best(task.truth, side, (baselines.neighbours(t.cold_items, t.warm, t.log) for t in tasks))
        for side in DIRECTIONS
    }
    result |= {f"knn_{side}": _figures(task.truth, scores) for side, scores in knn.items()}
    step("baselines")
    for axis, side in ((1, "audience"), (0, "feed")):
        ours = _best(task.truth, side, (s for t in tasks for s in _lightfm(t, side, ways)))
        result[f"lightfm_{side}"] = _figures(task.truth, ours)
        step(f"lightfm {side}")
        parts = [baselines.standardised(scores, axis=axis) for scores in (ours, knn[side])]
        mixed = _best(task.truth, side, (share * parts[0] + (1 - share) * parts[1] for share in BLENDS))
        result[f"blend_{side}"] = _figures(task.truth, mixed)
    step("blends")
    return result


def _best(truth: Cold, side: str, variants: Iterable[Scores]) -> Scores:
    """The variant that val likes best; of equals the first."""
    return max(variants, key=lambda scores: judging.choice(DIRECTIONS[side](truth, scores, test=False)))


def _figures(truth: Cold, scores: Scores) -> dict[str, Figures]:
    return {side: judge(truth, scores) for side, judge in DIRECTIONS.items()}


def _lightfm(task: Task, side: str, ways: Ways) -> Iterator[Scores]:
    """Scores of the cold items from their features alone, after each snapshot, trained for one direction."""
    count, features = task.warm.shape
    items = beside(task.warm, diagonal(np.arange(count), ITEM_OWN, count))
    rows, users = task.log.nonzero()
    weight = np.ones(len(rows), dtype=np.float32)
    rows, users = rows.astype(np.int64), users.astype(np.int64)
    if side == "audience":
        learnt = train(Pairs(rows, users, weight), items, task.users, config=ways.config, snapshots=ways.snapshots)
        for arrays in learnt.values():
            known = task.users @ arrays.ranked
            yield (task.cold_items @ arrays.anchor[:features]) @ known.T + task.users @ arrays.bias
    else:
        learnt = train(Pairs(users, rows, weight), task.users, items, config=ways.config, snapshots=ways.snapshots)
        for arrays in learnt.values():
            known = task.users @ arrays.anchor
            bias = task.cold_items @ arrays.bias[:features]
            yield (task.cold_items @ arrays.ranked[:features]) @ known.T + bias[:, None]


def _summary(results: Sequence[Judged], side: str) -> dict[str, dict[str, dict[str, float | None]]]:
    """Mean and standard deviation over the splits (sd is None for a single one)."""
    return {
        method: {name: _spread([split[method][side][name] for split in results]) for name in figures[side]}
        for method, figures in results[0].items()
    }


def _spread(values: Sequence[float | None]) -> dict[str, float | None]:
    known = np.array([value for value in values if value is not None])
    return {
        "mean": judging.plain(float(known.mean())) if len(known) else None,
        "sd": judging.plain(float(known.std(ddof=1))) if len(known) > 1 else None,
    }
