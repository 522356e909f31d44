"""LightFM, in a subprocess of its own: pairs and features go in as one .npz file, plain arrays come out as another.

WARP learns the bias of the side that is ranked and leaves junk in the bias of the other (the anchor), which the
pairwise loss cannot see. So train for the direction you rank, and keep only the ranked side's bias. For an audience
the policy is the anchor and profiles are ranked.

LightFM is loaded in the child only: after a training in the parent, forked workers may hang, and serving needs none.
One thread and a seed make the arrays equal bit by bit. `python -m recommenders.training IN.npz OUT.npz` is the child.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import InteractionError, TrainingFailed, TrainingUnavailable
from recommenders.matrix import Csr, check

__all__ = ["Arrays", "Config", "Pairs", "TrainingFailed", "TrainingUnavailable", "available", "train"]

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
COMMAND = (sys.executable, "-m", "recommenders.training")
MISSING, BROKEN = 3, 4  # exit codes of the child
_SENTENCES = {
    MISSING: ("lightfm_missing", "LightFM is not installed here, so no model can be trained; rules still work."),
    BROKEN: ("lightfm_broken", "LightFM is installed but cannot be loaded, so no model can be trained."),
}


@dataclass(frozen=True)
class Config:
    """How to train. `epochs` is the last one; a profile with `warm` pairs or more gets a column of its own."""

    seed: int = 1
    epochs: int = 10
    dim: int = 64
    rate: float = 0.05
    own_weight: float = 0.3
    warm: int = 5


@dataclass(frozen=True)
class Pairs:
    """Positive pairs as rows of the two feature matrices: anchor[i] went with ranked[i], as much as weight[i]."""

    anchor: Rows
    ranked: Rows
    weight: Floats


@dataclass(frozen=True)
class Arrays:
    """What was learnt: a vector per feature of each side (F × d), and a bias per feature of the ranked side."""

    anchor: Floats
    ranked: Floats
    bias: Floats


@cache
def available() -> bool:
    """Whether LightFM is installed and loads here. Asked of a child once, so that this process never loads it."""
    if importlib.util.find_spec("lightfm") is None:
        return False
    return subprocess.run([sys.executable, "-c", "import lightfm"], capture_output=True, check=False).returncode == 0


def train(
    pairs: Pairs,
    anchor: Csr,
    ranked: Csr,
    *,
    config: Config,
    snapshots: Sequence[int] = (),
    command: Sequence[str] = COMMAND,
) -> dict[int, Arrays]:
    """Arrays after each of the `snapshots` (epochs, ascending; by default only config.epochs), from one run.

    `anchor` and `ranked` are n × F feature matrices; every row of `ranked` may be drawn as a negative, so give
    only those that could have been chosen. Raises InteractionError `no_interactions`; FeatureError `not_finite`,
    `row_without_features`; TrainingUnavailable; TrainingFailed when the child ends badly.
    """
    if len(pairs.anchor) == 0:
        raise InteractionError("no_interactions", "There is no interaction to learn from.")
    check(anchor, "anchor")
    check(ranked, "ranked")
    epochs = tuple(snapshots) or (config.epochs,)
    with tempfile.TemporaryDirectory(prefix="recommenders-") as folder:
        source, target = Path(folder, "in.npz"), Path(folder, "out.npz")
        _write(source, pairs, {"anchor": anchor, "ranked": ranked}, config=config, epochs=epochs)
        _run([*command, str(source), str(target)])
        with np.load(target, allow_pickle=False) as found:
            return {e: Arrays(*(found[f"{name}{e}"] for name in ("anchor", "ranked", "bias"))) for e in epochs}


def _write(target: Path, pairs: Pairs, sides: dict[str, Csr], *, config: Config, epochs: Sequence[int]) -> None:
    arrays: dict[str, NDArray[Any]] = {"rows": pairs.anchor, "cols": pairs.ranked, "weight": pairs.weight}
    for name, side in sides.items():
        arrays |= {f"{name}_{part}": getattr(side, part) for part in ("data", "indices", "indptr")}
        arrays[f"{name}_shape"] = np.array(side.shape)
    arrays |= {"seed": np.array(config.seed), "dim": np.array(config.dim), "rate": np.array(config.rate)}
    np.savez(target, epochs=np.array(epochs), **arrays)  # type: ignore[arg-type]  # numpy's keyword among the names


def _run(command: Sequence[str]) -> None:
    home = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))
    env = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(list(command), capture_output=True, env=env, check=False)
    if done.returncode in _SENTENCES:
        raise TrainingUnavailable(*_SENTENCES[done.returncode])
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise TrainingFailed("training_failed", f"Training did not finish: {last}")


def fit(job: dict[str, NDArray[Any]]) -> Iterator[tuple[int, Any]]:
    """Train in this process; yield the LightFM model at each snapshot. For the child, and for tests against it."""
    from lightfm import LightFM
    from scipy.sparse import coo_matrix, csr_matrix

    sides = [
        csr_matrix((job[f"{n}_data"], job[f"{n}_indices"], job[f"{n}_indptr"]), shape=tuple(job[f"{n}_shape"]))
        for n in ("anchor", "ranked")
    ]
    shape = (sides[0].shape[0], sides[1].shape[0])
    weights = coo_matrix((job["weight"].astype(np.float32), (job["rows"], job["cols"])), shape=shape)
    seen = coo_matrix((np.ones_like(weights.data), (weights.row, weights.col)), shape=shape)
    seed, dim, rate = int(job["seed"]), int(job["dim"]), float(job["rate"])
    model = LightFM(no_components=dim, loss="warp", learning_rate=rate, random_state=seed)
    done = 0
    for epoch in job["epochs"].tolist():
        more = {"user_features": sides[0], "item_features": sides[1], "sample_weight": weights}
        model.fit_partial(seen, **more, epochs=epoch - done, num_threads=1)
        done = epoch
        yield epoch, model


def main(argv: Sequence[str]) -> int:
    """The child: read the job, train, write the arrays. Exit codes: 0, MISSING, BROKEN, or 1 with a traceback."""
    if importlib.util.find_spec("lightfm") is None:
        return MISSING
    arrays: dict[str, NDArray[Any]] = {}
    with np.load(argv[0], allow_pickle=False) as job:
        try:
            for epoch, model in fit(dict(job)):
                found = {"anchor": model.user_embeddings, "ranked": model.item_embeddings, "bias": model.item_biases}
                arrays |= {f"{name}{epoch}": values.copy() for name, values in found.items()}  # it goes on in place
        except ImportError:
            return BROKEN
    np.savez(argv[1], **arrays)  # type: ignore[arg-type]  # as above
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
