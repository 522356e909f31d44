"""Bare LightFM, for `benchmarks.train`: `python -m benchmarks.train_bare FOLDER` fits what a job's arrays hold.

Prints seconds as JSON: `fit`, the whole call, as its manual has it; `loop`, the compiled part of it alone.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.trainer import SIDES


def main() -> None:
    """Fit once."""
    folder = Path(sys.argv[1])
    print(json.dumps(fitted({path.stem: np.load(path, allow_pickle=False) for path in folder.glob("*.npy")})))


def fitted(job: dict[str, NDArray[Any]]) -> dict[str, float]:
    """Seconds of `LightFM.fit`: one thread, the same epochs, everybody a negative."""
    import lightfm.lightfm as module
    from scipy.sparse import coo_matrix, csr_matrix

    anchor, ranked = (
        csr_matrix(
            (job[f"{side}_data"], job[f"{side}_indices"], job[f"{side}_indptr"]), shape=tuple(job[f"{side}_shape"])
        )
        for side in SIDES
    )
    place, shape = (job["rows"], job["cols"]), (anchor.shape[0], ranked.shape[0])
    log = coo_matrix((np.ones(len(job["rows"]), dtype=np.float32), place), shape=shape)
    weight = coo_matrix((job["weight"], (log.row, log.col)), shape=shape)
    loop, compiled = [0.0], module.fit_warp

    def timed(*given: Any) -> None:
        start = time.perf_counter()
        compiled(*given)
        loop[0] += time.perf_counter() - start

    module.fit_warp = timed
    seed, dim, rate, epochs = (job[name].item() for name in ("seed", "dim", "rate", "epochs"))
    model = module.LightFM(no_components=dim, loss="warp", learning_rate=rate, random_state=seed)
    start = time.perf_counter()
    model.fit(log, user_features=anchor, item_features=ranked, sample_weight=weight, epochs=epochs, num_threads=1)
    return {"fit": time.perf_counter() - start, "loop": loop[0]}


if __name__ == "__main__":
    main()
