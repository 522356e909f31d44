"""Snapshots from PostgreSQL: `python -m benchmarks.rebuild [--profiles N] [--changed N] [--runs R] [--json]`.

ours: profiles and wishes read, coded and written as a snapshot's folder, checksums and fsync included. baseline: the
same profiles as frames by `load_frame`, Python values a row, a sample. limit: the bare COPY of the profiles' rows,
not even parsed. Beside these: storing the snapshot, fetching and opening it, and how long a change takes to be seen.
"""

from __future__ import annotations

import argparse
import shutil
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.databases import fresh_context, own_servers
from benchmarks.filling import fill, touch
from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from pushsvc.context import Context, Kept
from pushsvc.pipeline.published import published
from pushsvc.pipeline.snapshot_files import folder_of
from pushsvc.pipeline.snapshots import publish_snapshot, write_local
from pushsvc.store.frames import load_frame

SAMPLE = 20_000  # profiles of the baseline: it takes Python objects for each


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=500_000)
    parser.add_argument("--changed", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked.profiles, asked.changed, asked.runs), as_json=asked.json)


def measure(profiles: int, changed: int, runs: int) -> dict[str, Any]:
    """The whole path over one city, `runs` times over."""
    start, peak, found = time.perf_counter(), Peak(), Measured("rebuild", profiles, "profiles/s")
    others: dict[str, list[float]] = {"store_s": [], "fetch_open_s": [], "delta_s": []}
    with own_servers() as (settings, _), fresh_context(settings, "rebuild") as ctx:
        fill(ctx, profiles)
        sample = np.arange(1, min(SAMPLE, profiles) + 1, dtype=np.int64)
        for _ in range(runs):
            with watching_memory(peak):
                found.ours.append(rate(profiles, lambda: write_local(ctx)))
            found.limit.append(rate(profiles, partial(_copied, ctx)))
            found.baseline.append(rate(len(sample), partial(_loaded, ctx, sample)))
            _path(ctx, changed, others)
            shutil.rmtree(folder_of(ctx), ignore_errors=True)
    found.more = {name: [round(min(one), 3), round(max(one), 3)] for name, one in others.items()}
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb) | {"changed": changed}


def _path(ctx: Context, changed: int, others: dict[str, list[float]]) -> None:
    """Published, fetched by another host, and a change seen there."""
    start = time.perf_counter()
    made = publish_snapshot(ctx)
    assert made is not None
    others["store_s"].append(time.perf_counter() - start)
    host = replace(ctx, kept=Kept(), settings=replace(ctx.settings, var=ctx.settings.var / "host"))
    start = time.perf_counter()
    assert published(host).base.version == made.version
    others["fetch_open_s"].append(time.perf_counter() - start)
    touch(ctx, changed)
    start = time.perf_counter()
    now = published(host)
    others["delta_s"].append(time.perf_counter() - start)
    assert len(now.changed) >= changed, len(now.changed)
    shutil.rmtree(folder_of(host))


def _copied(ctx: Context) -> None:
    with ctx.engine.connect() as conn, conn.connection.cursor().copy("copy profile to stdout") as copy:
        for _ in copy:
            pass


def _loaded(ctx: Context, ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    with ctx.engine.connect() as conn:
        load_frame(conn, profile_ids=ids)


if __name__ == "__main__":
    main()
