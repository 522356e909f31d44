"""Small data sets in the published format, and tasks of random crowds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from recommenders.evaluation.datasets import Dataset
from recommenders.evaluation.tasks import Task, published
from recommenders.interactions import Interactions
from recommenders.matrix import from_parts


def write(folder: Path, **files: str) -> Path:
    """Files by name; two underscores stand for a dash."""
    for name, text in files.items():
        (folder / f"{name.replace('__', '-')}.csv").write_text(text, encoding="utf-8")
    return folder


def small(folder: Path) -> Path:
    """Two tastes: even users take items of feature 0, odd ones those of feature 1. Two splits."""
    pairs = [f"{u},{i}" for u in range(12) for i in range(20) if (u + i) % 2 == 0]
    features = [f"{i},{i % 2},1" for i in range(20)]
    first = ["train"] * 16 + ["val", "val", "test", "test"]
    folds = {"1": first, "2": first[::-1]}
    splits = {f"split__{n}": lines("item,fold", [f"{i},{f}" for i, f in enumerate(fold)]) for n, fold in folds.items()}
    return write(
        folder,
        interactions=lines("user,item", pairs),
        item_features=lines("item,feature,weight", features),
        **splits,
    )


def lines(head: str, rows: list[str]) -> str:
    """A CSV file."""
    return "\n".join([head, *rows])


def crowd(users: int = 80, items: int = 70, *, seed: int = 0, empty: int = 0) -> Task:
    """People of four tastes, a few of them far more active; items of one to two topics, the last ones cold.

    The first `empty` and the last `empty` items have no features.
    """
    draw = np.random.default_rng(seed)
    topic, taste = draw.integers(0, 4, (items, 2)), draw.integers(0, 4, users)
    eager = np.minimum(0.05 + draw.pareto(1.5, users) * 0.2, 0.9)
    fits = (topic[:, :1] == taste) | (topic[:, 1:] == taste)
    took = draw.random((items, users)) < np.where(fits, eager, eager / 8)
    rows, columns = np.nonzero(took)
    table = np.repeat(np.arange(items), 2), topic.ravel()
    kept = (table[0] >= empty) & (table[0] < items - empty)
    features = from_parts(table[0][kept], table[1][kept], np.ones(int(kept.sum()), np.float32), (items, 4))
    folds = np.where(np.arange(items) < items - 20, 0, 1 + np.arange(items) % 2)
    pairs = Interactions(columns, rows)
    return published(
        Dataset("crowd", pairs.profile_ids, pairs.policy_ids, features, None, {"1": folds}), folds, "crowd"
    )
