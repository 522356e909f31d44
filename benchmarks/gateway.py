"""SMS and app push through the adapters: `python -m benchmarks.gateway [--provider NAME] [--profiles N] [--runs R]`.

ours: recipients a second from the due slices of a planned campaign to rows that say accepted, half SMS, half app (its
inbox row first), by worker processes with the service's own sender: every gate again, words composed, addresses
decrypted, signed, posted, recorded. The sink is `benchmarks.sinks`, a process that counts by key; its count must be N,
each once. Providers' rates are unbound. baseline: `benchmarks.field`, one task a recipient, by as many workers, a
sample. limit: the very bodies of ours posted bare to the same sink, and the two bare UPDATEs of each slice, serial.
PostgreSQL has fsync and synchronous_commit on. `peak_mb`: this process and the workers.

`--provider aliyun` sends all as SMS in an approved template, 100 a signed call; `jpush` all to a registered device
each, behind its inbox row. Their sinks (`benchmarks.vendor_sinks`) count by call and number or device.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from typing import Any

from tqdm import tqdm

from benchmarks.bare import post_and_mark
from benchmarks.campaign_filling import begin_again, fill_campaign
from benchmarks.databases import fresh_context, own_servers
from benchmarks.field import field_workers, one_by_one
from benchmarks.gateway_providers import PROVIDERS
from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.people_filling import fill_people
from benchmarks.sending import UNBOUND, Crew, accepted, crew
from benchmarks.sinks import Sink, counting_sink
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
    parser.add_argument("--provider", choices=sorted(PROVIDERS), default="gateway")
    asked = parser.parse_args()
    found = measure(asked.profiles, asked.runs, workers=asked.workers, provider=asked.provider)
    show(found, as_json=asked.json)


def measure(profiles: int, runs: int, *, workers: int = WORKERS, provider: str = "gateway") -> dict[str, Any]:
    """The object to print, with `received` of the last run and the `sink` that counted."""
    start, peak, found = time.perf_counter(), Peak(), Measured("gateway", profiles, "recipients/s")
    at = PROVIDERS[provider]
    with own_servers() as (settings, folder), counting_sink(folder / "sink", at.sink) as sink:
        settings = at.settings(replace(settings, rate_per_second=UNBOUND), sink.url)
        with fresh_context(settings, "gateway") as ctx:
            fill_people(ctx, profiles, at.people)
            campaign = fill_campaign(ctx, "gateway", (0, profiles), door="subscribed")
            at.prepare(ctx, campaign, profiles)
            with crew(ctx.settings, workers) as ours:
                _warm(ctx, campaign, ours, sink)
                for _ in tqdm(range(runs), desc="gateway", leave=False, disable=None):
                    _planned(ctx, campaign, sink)
                    with watching_memory(peak, also=ours.pids):
                        found.ours.append(rate(profiles, ours.drain))
                    found.more["received"] = check(ctx, sink, profiles)
                    _planned(ctx, campaign, sink)
                    found.limit.append(rate(profiles, partial(post_and_mark, ctx, sink.url, sink.bodies())))
                    check(ctx, sink, profiles)
            _field(ctx, campaign, sink, found, runs=runs, workers=workers)
    found.more |= {"workers": workers, "provider": provider, "sink": f"benchmarks.{'vendor_' * bool(at.sink)}sinks"}
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def check(ctx: Context, sink: Sink, n: int) -> int:
    """How many distinct keys arrived. Raises AssertionError unless all n did, each once, and all rows say so."""
    distinct, total = sink.arrived()
    assert (distinct, total, accepted(ctx)) == (n, n, n), (distinct, total, accepted(ctx), n)
    return distinct


def _planned(ctx: Context, campaign: int, sink: Sink) -> None:
    """As it stands before each run."""
    sink.ask("/forget")
    begin_again(ctx, [campaign])
    plan(ctx, campaign)


def _warm(ctx: Context, campaign: int, ours: Crew, sink: Sink) -> None:
    """A first run, not counted, whose bodies are kept for the limit."""
    _planned(ctx, campaign, sink)
    sink.ask("/keep")
    ours.drain()


def _field(ctx: Context, campaign: int, sink: Sink, found: Measured, *, runs: int, workers: int) -> None:
    plain = replace(ctx.settings, sms_url=sink.url, app_url=sink.url, push_urls="")
    with field_workers(plain, workers):
        for run in range(-1, runs):  # the first starts the workers up
            _planned(ctx, campaign, sink)
            ids = range(1, min(SAMPLE, found.n) + 1)
            pace = rate(len(ids), partial(one_by_one, ctx, ids))
            if run >= 0:
                found.baseline.append(pace)


if __name__ == "__main__":
    main()
