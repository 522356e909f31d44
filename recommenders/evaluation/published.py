"""Our score and the baselines on published data: every split of a data set, feeds and audiences.

Everything is chosen on val, for each split anew; figures are of test.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recommenders.evaluation import datasets, judging
from recommenders.evaluation.datasets import Dataset
from recommenders.evaluation.judging import Progress
from recommenders.evaluation.summary import summary
from recommenders.evaluation.tasks import published
from recommenders.evaluation.trials import STEPS, trial
from recommenders.training import Config

Result = dict[str, Any]


def evaluate_dir(
    path: Path,
    *,
    config: Config = Config(),  # noqa: B008 - frozen
    progress: Progress = judging.silent,
    clock: Callable[[], float] = time.perf_counter,
) -> Result:
    """Figures for the data set in `path`, or for each one in a folder below it: {"datasets": {name: …}, "seconds"}.

    Each has `name`, `users`, `items`, `pairs`, `splits`, `feed`, `audience` (means over the splits), their `sd` and
    95 % `interval`, `baselines`, `ablations`, `recipe`, `chosen`, `seconds`. `progress(done, total, label)` is called
    as steps end. Raises DataError, TrainingUnavailable, TrainingFailed.
    """
    start = clock()
    found = [datasets.read(folder) for folder in datasets.find(path)]
    total = sum(len(dataset.splits) for dataset in found) * STEPS
    done = iter(range(1, total + 1))
    results: dict[str, Result] = {}
    for dataset in found:
        began = clock()
        result = _dataset(dataset, config, lambda label: progress(next(done), total, label))
        results[dataset.name] = {**result, "seconds": round(clock() - began, 1)}
    if (path / "interactions.csv").is_file():
        return {**results[found[0].name], "seconds": round(clock() - start, 1)}
    return {"datasets": results, "seconds": round(clock() - start, 1)}


def _dataset(dataset: Dataset, config: Config, step: Callable[[str], object]) -> Result:
    outcomes = {}
    for name, folds in dataset.splits.items():
        task = published(dataset, folds, f"{dataset.name}/split-{name}.csv")
        label = f"{dataset.name} {name}"
        outcomes[name] = trial(task, config=config, step=lambda what, label=label: step(f"{label}: {what}"))  # type: ignore[misc]
    items, users = dataset.shape
    head: Result = {"name": dataset.name, "users": users, "items": items, "pairs": len(dataset.users)}
    return {**head, "splits": list(dataset.splits), **summary(outcomes, seed=config.seed)}
