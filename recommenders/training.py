"""LightFM, in a subprocess of its own: pairs and features go in as arrays in a folder, plain arrays come out.

WARP learns the bias of the side that is ranked and leaves junk in the bias of the other (the anchor), which the
pairwise loss cannot see. So train for the direction you rank, and keep only the ranked side's bias. For an audience
the policy is the anchor and profiles are ranked; for a feed it is the other way round (`Pairs.swapped`).

WARP draws negatives from all rows of the ranked side, yet none that it finds among the positive pairs of the anchor.
Pairs that could not have met are put there beside them, for the looking up only.

LightFM is loaded in the child only: after a training in the parent, forked workers may hang, and serving needs none.
One thread and a seed make the arrays equal bit by bit.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import InteractionError, TrainingFailed, TrainingUnavailable
from recommenders.matrix import Csr, check
from recommenders.trainer import BROKEN, LEARNT, MISSING, PARTS

__all__ = ["Arrays", "Child", "Config", "Pairs", "TrainingFailed", "TrainingUnavailable", "available", "build", "train"]

Rows = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float32]
Told = Callable[[int, int], object]  # epochs done, epochs in all
COMMAND = (sys.executable, "-m", "recommenders.trainer")
BUILDS = ("lightfm-next", "rectools-lightfm", "lightfm")  # they share the import name and the arithmetic
_NOBODY = np.zeros(0, dtype=np.int32)
_SENTENCES = {
    MISSING: ("lightfm_missing", "LightFM is not installed here, so no model can be trained; rules still work."),
    BROKEN: ("lightfm_broken", "LightFM is installed but cannot be loaded, so no model can be trained."),
}


@dataclass(frozen=True)
class Config:
    """How to train. `epochs` is the last one; a profile with `warm` pairs or more gets a column of its own.

    With 1 of `threads` the same seed gives the same bytes; more are faster, and no two runs are the same.
    """

    seed: int = 1
    epochs: int = 10
    dim: int = 64
    rate: float = 0.05
    own_weight: float = 0.3
    warm: int = 5
    threads: int = 1


@dataclass(frozen=True)
class Pairs:
    """Positive pairs as rows of the two feature matrices: anchor[i] went with ranked[i], as much as weight[i].

    `unseen`: rows of anchors and of the ranked that could not have met, none of them positive: never negatives either.
    """

    anchor: Rows
    ranked: Rows
    weight: Floats
    unseen: tuple[Rows, Rows] | None = None

    def swapped(self) -> Pairs:
        """The same pairs for the other direction."""
        return Pairs(self.ranked, self.anchor, self.weight, None if self.unseen is None else self.unseen[::-1])


@dataclass(frozen=True)
class Arrays:
    """What was learnt: a vector and a bias per feature of each side (F × d, F). The anchors' bias is junk."""

    anchor: Floats
    ranked: Floats
    bias: Floats
    anchor_bias: Floats


@dataclass(frozen=True)
class Child:
    """What is started, with the job's folder as last argument; `told` hears of each epoch: how many done, in all."""

    told: Told = lambda done, total: None
    command: Sequence[str] = COMMAND


def joined(members: Sequence[Arrays]) -> Arrays:
    """One model whose scores are the means of the members' scores: their vectors stand side by side."""
    share = np.float32(1 / len(members))
    return Arrays(
        anchor=np.hstack([one.anchor for one in members]),
        ranked=np.hstack([one.ranked for one in members]) * share,
        bias=np.asarray(np.mean([one.bias for one in members], axis=0), dtype=np.float32),
        anchor_bias=np.asarray(np.mean([one.anchor_bias for one in members], axis=0), dtype=np.float32),
    )


@cache
def available() -> bool:
    """Whether LightFM is installed and loads here. Asked of a child once, so that this process never loads it."""
    if importlib.util.find_spec("lightfm") is None:
        return False
    return subprocess.run([sys.executable, "-c", "import lightfm"], capture_output=True, check=False).returncode == 0


@cache
def build() -> str:
    """Name and version of the build that a training loads: the first on the path. `none` where there is none."""
    found = importlib.util.find_spec("lightfm")
    if found is None or found.origin is None:
        return "none"
    folder = str(Path(found.origin).parents[1])
    held = {one.name: one.version for one in distributions(path=[folder])}
    return next((f"{name} {held[name]}" for name in BUILDS if name in held), "unknown")


def train(
    pairs: Pairs,
    anchor: Csr,
    ranked: Csr,
    *,
    config: Config,
    snapshots: Sequence[int] = (),
    child: Child = Child(),
) -> dict[int, Arrays]:
    """Arrays after each of the `snapshots` (epochs; by default only config.epochs), from one run.

    `anchor` and `ranked` are n × F feature matrices; every row of `ranked` may be drawn as a negative for every
    anchor but those it is `unseen` with. The child ends with this process; both directions may be trained at once, from
    two threads. Raises InteractionError `no_interactions`, `lengths_differ`, `bad_row`, `bad_weight`; FeatureError
    `not_finite`, `row_without_features`; TrainingUnavailable; TrainingFailed `bad_config`, or `training_failed`,
    `training_killed` when the child ends badly.
    """
    epochs = tuple(snapshots) or (config.epochs,)
    check_config(config, epochs)
    check_pairs(pairs, anchor.shape[0], ranked.shape[0])
    check(anchor, "anchor")
    check(ranked, "ranked")
    with TemporaryDirectory(prefix="recommenders-") as folder:
        for name, values in job_of(pairs, anchor, ranked, config=config, snapshots=epochs).items():
            np.save(Path(folder, f"{name}.npy"), values)
        asked, errors = [*child.command, folder], Path(folder, "errors")
        _run(asked, errors, config.threads, lambda done: child.told(done, max(epochs)))
        return {one: _arrays(Path(folder), one) for one in epochs}


def _arrays(folder: Path, epoch: int) -> Arrays:
    found = {name: np.load(folder / f"{name}-{epoch}.npy", allow_pickle=False) for name in LEARNT}
    if not all(np.isfinite(values).all() for values in found.values()):
        raise TrainingFailed("training_failed", "Training ended with numbers that are not finite.")
    return Arrays(**found)


def check_config(config: Config, snapshots: Iterable[int]) -> None:
    """Raise TrainingFailed `bad_config` where a number is out of range."""
    whole = min(config.dim, config.threads, *snapshots) >= 1 and 0 <= config.seed < 2**32
    if not whole or not 0 < config.rate < np.inf:
        raise TrainingFailed("bad_config", "Epochs, dimensions and threads are 1 or more, the rate above 0 and finite.")


def check_pairs(pairs: Pairs, anchors: int, ranked: int) -> None:
    """Raise InteractionError where there are no pairs, or they are not those of so many anchors and ranked rows."""
    if not len(pairs.anchor):
        raise InteractionError("no_interactions", "There is no interaction to learn from.")
    away = pairs.unseen or (_NOBODY, _NOBODY)
    if len({len(pairs.anchor), len(pairs.ranked), len(pairs.weight)}) != 1 or len(away[0]) != len(away[1]):
        raise InteractionError("lengths_differ", "Both rows of pairs, and their weights, must be equally many.")
    for rows, count in ((pairs.anchor, anchors), (pairs.ranked, ranked), (away[0], anchors), (away[1], ranked)):
        if ((rows < 0) | (rows >= count)).any():
            raise InteractionError("bad_row", "A pair names a row that its feature matrix does not have.")
    if not np.isfinite(pairs.weight).all() or (pairs.weight <= 0).any():
        raise InteractionError("bad_weight", "A weight must be above 0 and finite.")


def job_of(
    pairs: Pairs, anchor: Csr, ranked: Csr, *, config: Config, snapshots: Sequence[int]
) -> Mapping[str, NDArray[Any]]:
    """The arrays that `trainer.fit` reads, by name."""
    given = {"": (pairs.anchor, pairs.ranked), "unseen_": pairs.unseen or (_NOBODY, _NOBODY)}
    found: dict[str, NDArray[Any]] = {"weight": np.asarray(pairs.weight, dtype=np.float32)}
    for name, (rows, cols) in given.items():
        found |= {f"{name}rows": rows.astype(np.int32, copy=False), f"{name}cols": cols.astype(np.int32, copy=False)}
    for name, side in {"anchor": anchor, "ranked": ranked}.items():
        found |= {f"{name}_{part}": np.asarray(getattr(side, part)) for part in PARTS}
    numbers = {"seed": config.seed, "dim": config.dim, "rate": config.rate, "threads": config.threads}
    numbers |= {"epochs": max(snapshots), "parent": os.getpid()}
    return found | {name: np.array(number) for name, number in numbers.items()} | {"snapshots": np.array(snapshots)}


def _run(command: Sequence[str], errors: Path, threads: int, told: Callable[[int], object]) -> None:
    home = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))
    env = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": str(threads)}
    with (
        errors.open("wb") as written,
        subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=written, env=env
        ) as child,
    ):
        assert child.stdout is not None
        try:
            for line in child.stdout:
                if line.strip().isdigit():
                    told(int(line))
        except BaseException:  # a deadline, Ctrl-C, or what the listener raised: nothing is left behind
            child.kill()
            raise
    _judge(child.returncode, errors)


def _judge(code: int, errors: Path) -> None:
    """Raise what the exit code says."""
    if code in _SENTENCES:
        raise TrainingUnavailable(*_SENTENCES[code])
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        why = _KILLS.get(name, "its process crashed")
        raise TrainingFailed("training_killed", f"Training was ended by {name}: {why}.")
    if code:
        lines = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [f"exit code {code}"]
        raise TrainingFailed("training_failed", f"Training did not finish: {lines[-1].rstrip('.')}.")


_KILLS = {
    "SIGKILL": "the machine was probably out of memory, or somebody ended it",
    "SIGTERM": "somebody ended it",
    "SIGINT": "somebody ended it",
    "SIGILL": "this build of LightFM was made for another processor",
}
