"""App messages to people without a device: `python -m benchmarks.inbox [--profiles N] [--runs R] [--json]`.

ours: recipients a second from the due slices of a planned campaign to inbox rows and deliveries that say accepted, by
worker processes with the service's own sender: every gate again, words composed, addresses decrypted, written,
recorded. baseline: `benchmarks.field`, one task, one inbox row and one row update a recipient, as many workers, a
sample. limit: the very letters of ours by one COPY a slice and the two bare UPDATEs of each slice, serial.
PostgreSQL has fsync and synchronous_commit on. `peak_mb`: this process and the workers.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from typing import Any

from tqdm import tqdm

from benchmarks.bare import letters, write_and_mark
from benchmarks.campaign_filling import begin_again, fill_campaign
from benchmarks.databases import fresh_context, own_servers
from benchmarks.field import field_workers, one_by_one
from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.people_filling import everybody, fill_people
from benchmarks.sending import UNBOUND, accepted, crew
from pushsvc.context import Context
from pushsvc.pipeline.plan import plan

SAMPLE = 1_000  # recipients of the baseline
WORKERS = 3  # one waits for PostgreSQL while two compute


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked.profiles, asked.runs, workers=asked.workers), as_json=asked.json)


def measure(profiles: int, runs: int, *, workers: int = WORKERS) -> dict[str, Any]:
    """The object to print."""
    start, peak, found = time.perf_counter(), Peak(), Measured("inbox", profiles, "recipients/s")
    with own_servers() as (settings, _), fresh_context(replace(settings, rate_per_second=UNBOUND), "inbox") as ctx:
        fill_people(ctx, profiles, everybody(app=1, dumb=True))
        campaign = fill_campaign(ctx, "inbox", (0, profiles), door="subscribed")
        with crew(ctx.settings, workers) as ours:
            for run in tqdm(range(-1, runs), desc="inbox", leave=False, disable=None):  # the first warms up
                _planned(ctx, campaign)
                with watching_memory(peak, also=ours.pids):
                    pace = rate(profiles, ours.drain)
                written = letters(ctx)
                assert (len(written), accepted(ctx)) == (profiles, profiles), (len(written), accepted(ctx))
                _planned(ctx, campaign)
                bare = rate(profiles, partial(write_and_mark, ctx, written, ctx.settings.slice_size))
                assert (len(letters(ctx)), accepted(ctx)) == (profiles, profiles)
                if run >= 0:
                    found.ours.append(pace)
                    found.limit.append(bare)
        _field(ctx, campaign, found, runs=runs, workers=workers)
    found.more = {"workers": workers}
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def _planned(ctx: Context, campaign: int) -> None:
    """As it stands before each run."""
    begin_again(ctx, [campaign])
    plan(ctx, campaign)


def _field(ctx: Context, campaign: int, found: Measured, *, runs: int, workers: int) -> None:
    ids = range(1, min(SAMPLE, found.n) + 1)
    with field_workers(ctx.settings, workers):
        for run in range(-1, runs):  # the first starts the workers up
            _planned(ctx, campaign)
            pace = rate(len(ids), partial(one_by_one, ctx, ids))
            if run >= 0:
                found.baseline.append(pace)


if __name__ == "__main__":
    main()
