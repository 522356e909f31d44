"""The child that trains: `python -m recommenders.trainer FOLDER` reads a job's arrays there and writes what was learnt.

LightFM is loaded here and nowhere else. A line with the number of epochs done goes to stdout after each of them.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING, BROKEN = 3, 4  # exit codes
SIDES = ("anchor", "ranked")
PARTS = ("data", "indices", "indptr", "shape")  # of a feature matrix, as in `anchor_data`
LEARNT = {"anchor": "user_embeddings", "ranked": "item_embeddings", "bias": "item_biases", "anchor_bias": "user_biases"}
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_KILLED = 9


def fit(job: Mapping[str, NDArray[Any]]) -> Iterator[tuple[int, Any]]:
    """Train in this process; yield the number of epochs done and the LightFM model, after each up to `epochs`.

    `rows`, `cols`, `weight`: the positive pairs. `unseen_rows`, `unseen_cols`: pairs that could not have met.
    """
    from lightfm import LightFM
    from scipy.sparse import coo_matrix

    anchor, ranked = (_features(job, side) for side in SIDES)
    shape, place = (anchor.shape[0], ranked.shape[0]), (job["rows"], job["cols"])
    weights = coo_matrix((job["weight"], place), shape=shape)
    positive = coo_matrix((np.ones_like(weights.data), (weights.row, weights.col)), shape=shape)
    seed, dim, rate = int(job["seed"]), int(job["dim"]), float(job["rate"])
    model = LightFM(no_components=dim, loss="warp", learning_rate=rate, random_state=seed)
    lookup = _never_drawn(job, shape)
    # LightFM asks this at each epoch which pairs are no negatives, and would answer: the positive ones.
    model._get_positives_lookup_matrix = lambda _: lookup
    more = {"user_features": anchor, "item_features": ranked, "sample_weight": weights}
    for done in range(1, int(job["epochs"]) + 1):
        model.fit_partial(positive, **more, epochs=1, num_threads=int(job["threads"]))
        yield done, model


def main(argv: Sequence[str]) -> int:
    """Read the job, train, write the arrays. Exit codes: 0, MISSING, BROKEN, or 1 with a traceback."""
    if importlib.util.find_spec("lightfm") is None:
        return MISSING
    folder = Path(argv[0])
    job = {path.stem: np.load(path, allow_pickle=False) for path in folder.glob("*.npy")}
    die_with(int(job["parent"]))
    wanted = set(job["snapshots"].tolist())
    try:
        for done, model in fit(job):
            if done in wanted:
                for name, values in LEARNT.items():
                    np.save(folder / f"{name}-{done}.npy", getattr(model, values))
            print(done, flush=True)
    except ImportError:
        return BROKEN
    return 0


def _features(job: Mapping[str, NDArray[Any]], side: str) -> Any:
    from scipy.sparse import csr_matrix

    data, indices, indptr, shape = (job[f"{side}_{part}"] for part in PARTS)
    return csr_matrix((data, indices, indptr), shape=tuple(shape.tolist()))


def _never_drawn(job: Mapping[str, NDArray[Any]], shape: tuple[int, int]) -> Any:
    """The pairs that are positive or unseen, each row's columns rising: LightFM looks only at where entries stand."""
    from scipy.sparse import coo_matrix, csr_matrix

    rows, cols = (np.concatenate([job[name], job[f"unseen_{name}"]]) for name in ("rows", "cols"))
    given = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, cols)), shape=shape)
    given.has_canonical_format = True  # not so: but a pair that stands there twice does no harm
    found = given.tocsc().tocsr()  # two countings, much faster than sorting
    return csr_matrix((found.data.astype(np.float32), found.indices, found.indptr), shape=shape)


def die_with(parent: int) -> None:
    """Have the kernel end this process when its parent ends; end it now if the parent has gone already."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _KILLED)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
