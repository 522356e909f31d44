"""A whole audience planned: `python -m benchmarks.plan [--profiles N] [--runs R] [--json]`.

ours: recipients a second, from a campaign's selections (doors mixed, consents, preferences, quiet hours, digests,
shared and suppressed addresses as in `people_filling.REAL`) to a delivery in a slice or a named refusal for each,
committed in chunks with their watermark. limit: the very rows that this wrote (deliveries, refusals, slices, digest
items), read back and put into the emptied tables, their indexes in place, by one raw COPY each. `copy_deliveries` is
the same for the delivery rows alone. baseline: what a task for each recipient does: reads person, address, consents
and preference, decides, inserts the delivery or the refusal, a transaction each, a sample, one process, without any
broker's part. All three in recipients of the audience a second, so that ratios are those of the seconds taken.
PostgreSQL has fsync and synchronous_commit on. `peak_mb`: this process.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from tqdm import tqdm

from benchmarks.campaign_filling import begin_again, fill_campaign
from benchmarks.databases import fresh_context, own_servers
from benchmarks.field import plain
from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.people_filling import MORNING, fill_people
from benchmarks.plan_field import one_by_one
from pushsvc.context import Context
from pushsvc.pipeline.plan import plan

SAMPLE = 3_000  # recipients of the baseline
TABLES = ("run", "slice", "delivery", "delivery_item", "refusal")  # in the order in which they refer to each other
_BLOCK = 1 << 20


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked.profiles, asked.runs), as_json=asked.json)


def measure(profiles: int, runs: int) -> dict[str, Any]:
    """The object to print, with `plan_s`, the medians of the rows written, and the refusals by code."""
    start, peak, found = time.perf_counter(), Peak(), Measured("plan", profiles, "recipients/s")
    alone: list[float] = []
    with own_servers() as (settings, folder), fresh_context(settings, "plan") as real:
        ctx = replace(real, clock=lambda: MORNING)
        fill_people(ctx, profiles)
        campaign = fill_campaign(ctx, "plan", (0, profiles))
        for _ in range(runs):
            begin_again(ctx, [campaign])
            with watching_memory(peak):
                found.ours.append(rate(profiles, partial(planned, ctx, campaign, profiles)))
            written = keep_rows(ctx, folder)
            begin_again(ctx, [campaign])
            took = {table: seconds(ctx, table, file) for table, file in written.items()}
            found.limit.append(profiles / sum(took.values()))
            alone.append(profiles / took["delivery"])
            found.more = {"rows": counts(ctx, TABLES[1:]), "refusals": refusals(ctx)}
            begin_again(ctx, [campaign])
            few = min(SAMPLE, profiles)
            found.baseline.append(rate(few, partial(one_by_one, ctx, campaign, few)))
    found.more |= {"plan_s": round(profiles / median(found.ours), 2), "copy_deliveries": round(median(alone), 1)}
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def planned(ctx: Context, campaign: int, n: int) -> None:
    """Plan it, watched; what is missing raises AssertionError."""
    with tqdm(total=n, desc="plan", leave=False, disable=None) as bar:
        done = plan(ctx, campaign, progress=bar.update)
    assert done == n, done


def keep_rows(ctx: Context, folder: Path) -> dict[str, Path]:
    """The rows of each table as COPY writes them, in the order of their keys, in a file each."""
    files = {table: folder / f"{table}.rows" for table in TABLES}
    with psycopg.connect(plain(ctx.settings.database_url)) as conn:
        for table, file in files.items():
            with (
                file.open("wb") as out,
                conn.cursor().copy(f"copy (select * from {table} order by 1) to stdout") as copy,
            ):
                for block in copy:
                    out.write(block)
    return files


def seconds(ctx: Context, table: str, file: Path) -> float:
    """How long one COPY of the rows takes, its commit included; they are in memory before the clock starts."""
    rows = file.read_bytes()
    with psycopg.connect(plain(ctx.settings.database_url)) as conn:
        start = time.perf_counter()
        with conn.cursor().copy(f"copy {table} from stdin") as copy:
            for at in range(0, len(rows), _BLOCK):
                copy.write(rows[at : at + _BLOCK])
        conn.commit()
        return time.perf_counter() - start


def counts(ctx: Context, tables: tuple[str, ...]) -> dict[str, int]:
    """Rows by table."""
    with psycopg.connect(plain(ctx.settings.database_url)) as conn:
        return {table: int(conn.execute(f"select count(*) from {table}").fetchone()[0]) for table in tables}  # type: ignore[index]  # a count


def refusals(ctx: Context) -> Mapping[str, int]:
    """Refusals by code."""
    with psycopg.connect(plain(ctx.settings.database_url)) as conn:
        return dict(conn.execute("select code, count(*) from refusal group by code order by 2 desc").fetchall())


if __name__ == "__main__":
    main()
