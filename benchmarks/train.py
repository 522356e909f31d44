"""Training: `python -m benchmarks.train [--profiles N] [--policies N] [--pairs N] [--runs R] [--full] [--json]`.

ours: the whole of `recommenders.training.train` for one direction, from matrices to arrays: the checks, the child, its
imports, its files. baseline: nothing but `LightFM.fit` on the same matrices in a fresh process that has loaded all.
limit: the compiled loop inside that fit. One thread each. `feed` has the same figures for the other direction.

--full: a model of 200,000 profiles, 2,000 policies and 1,000,000 pairs, features and both directions included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.measuring import Measured, Peak, show, watching_memory
from benchmarks.readers import Readers, readers
from recommenders.content import fit_space, policy_features
from recommenders.exposure import OPEN, Spans, unseen
from recommenders.features import profile_features, profile_vocabulary
from recommenders.interactions import activity, positions
from recommenders.matrix import Csr, beside, diagonal
from recommenders.training import Config, Pairs, job_of, train

FULL = (200_000, 2_000, 1_000_000)
UNIT = "pairs/s"
Direction = tuple[Pairs, Csr, Csr]  # pairs, anchors, ranked


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=50_000)
    parser.add_argument("--policies", type=int, default=1_000)
    parser.add_argument("--pairs", type=int, default=250_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--full", action="store_true", help="the whole model of a large city, too")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    config = Config(epochs=asked.epochs)
    result = measure(readers(asked.profiles, asked.policies, asked.pairs), asked.runs, config)
    if asked.full:
        result |= whole(readers(*FULL))
    show(result, as_json=asked.json)


def measure(town: Readers, runs: int, config: Config) -> dict[str, Any]:
    """Both directions one after the other, `runs` times over."""
    start, peak, pairs = time.perf_counter(), Peak(), len(town.log)
    found = Measured("train", pairs, UNIT), Measured("train", pairs, UNIT)
    audience = matrices(town, config)
    feed = (audience[0].swapped(), audience[2], audience[1])
    apart = marked(audience, len(town.policies), len(town.frame))
    others: list[float] = []
    with watching_memory(peak):
        for _ in range(runs):
            for rates, direction in zip(found, (audience, feed), strict=True):
                rates.ours.append(pairs / ours(direction, config))
                bare = bare_fit(direction, config)
                rates.baseline.append(pairs / bare["fit"])
                rates.limit.append(pairs / bare["loop"])
            others.append(ours(apart, config))
    mine, other = (one.result(seconds=time.perf_counter() - start, peak_mb=peak.mb) for one in found)
    more: dict[str, Any] = {"profiles": len(town.frame), "policies": len(town.policies), "epochs": config.epochs}
    more |= {"feed": {name: other[name] for name in ("ours", "baseline", "limit", "to_baseline", "to_limit", "spread")}}
    more |= {"with_unseen_s": [round(min(others), 2), round(max(others), 2)], "unseen": _count(apart[0])}
    return mine | more | {"child_peak_mb": _children_mb()}


def matrices(town: Readers, config: Config) -> Direction:
    """For audiences: policies as anchors, profiles ranked; features and own columns, as a model has them."""
    ids = np.array([one.id for one in town.policies], dtype=np.int64)
    space, vocabulary = fit_space(town.policies), profile_vocabulary(town.frame)
    own = town.frame.ids[activity(town.log, town.frame.ids) >= config.warm]
    pairs = Pairs(
        positions(town.log.policy_ids, ids), positions(town.log.profile_ids, town.frame.ids), town.log.strength
    )
    policies = policy_features([one.tokens for one in town.policies], space)
    profiles = profile_features(town.frame, vocabulary)
    return (
        pairs,
        beside(policies, diagonal(np.arange(len(ids)), config.own_weight, len(ids))),
        beside(profiles, diagonal(positions(town.frame.ids, own), config.own_weight, len(own))),
    )


def marked(direction: Direction, policies: int, profiles: int) -> Direction:
    """The same with spans of days: two profiles in five came later than the first day, policies are open for months."""
    draw, (pairs, anchor, ranked) = np.random.default_rng(4), direction
    came = np.where(draw.random(profiles) < 0.6, 0, draw.integers(0, 700, profiles))
    begun = draw.integers(0, 600, policies)
    spans = Spans(begun, begun + draw.integers(20, 200, policies)), Spans(came, np.full(profiles, OPEN))
    away = unseen(*spans, met=(np.asarray(pairs.anchor), np.asarray(pairs.ranked)))
    return Pairs(pairs.anchor, pairs.ranked, pairs.weight, (away.policies, away.profiles)), anchor, ranked


def ours(direction: Direction, config: Config) -> float:
    """Seconds of the whole training."""
    start = time.perf_counter()
    train(*direction, config=config)
    return time.perf_counter() - start


def bare_fit(direction: Direction, config: Config) -> dict[str, float]:
    """Seconds of LightFM's own `fit`, and of its compiled loop."""
    with TemporaryDirectory(prefix="train-bare-") as folder:
        for name, values in job_of(*direction, config=config, snapshots=(config.epochs,)).items():
            np.save(Path(folder, f"{name}.npy"), values)
        asked = [sys.executable, "-m", "benchmarks.train_bare", folder]
        env = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(asked, capture_output=True, check=True, env=env, cwd=Path(__file__).parents[1])
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def whole(town: Readers) -> dict[str, Any]:
    """A model of this size from its frame, its policies and its log: both directions at once, one thread each."""
    from recommenders.learning import learn

    start = time.perf_counter()
    learn(town.frame, town.policies, town.log)
    seconds = time.perf_counter() - start
    size = {"profiles": len(town.frame), "policies": len(town.policies), "pairs": len(town.log)}
    return {"full_s": round(seconds, 1), "full": size, "child_peak_mb": _children_mb()}


def _count(pairs: Pairs) -> int:
    return 0 if pairs.unseen is None else len(pairs.unseen[0])


def _children_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    main()
