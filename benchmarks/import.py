# ruff: noqa: N999  # the name of the command: python -m benchmarks.import
"""Import of profiles: `python -m benchmarks.import [--profiles N] [--runs R] [--json]`.

ours: a first import of a CSV file of profiles (ten facts and more each, years, certificates, lists, family, name,
phone), from the file to committed rows. baseline: the same rows one at a time through the API's upsert. limit: a bare
COPY of the very same final rows into the same tables, over as many connections as ours. Beside these: `again` (the
unchanged file once more), `changed` (every row four months later, a third with new figures), `parquet`; and `whole`
with its own limit: the same profiles with mails, devices, consents, switches and members, three more rows a profile.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.databases import fresh_context, own_servers
from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.people import OF_PEOPLE, rows, write_csv, write_parquet
from pushsvc.context import Context
from pushsvc.pipeline.ingest_profiles import Upserted, import_profiles, upsert_profile
from pushsvc.pipeline.profile_loading import WRITERS
from pushsvc.settings import Settings

TABLES = (  # in the order in which they refer to each other
    *("profile", "address", "profile_address", "consent", "preference", "dependant", "member"),
    *("yearly_fact", "qualification", "sensitive_fact"),
)
SAMPLE = 500  # rows of the baseline


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked.profiles, asked.runs), as_json=asked.json)


def measure(profiles: int, runs: int) -> dict[str, object]:
    """All of it, `runs` times over."""
    found = Measured("import", profiles, "profiles/s")
    others: dict[str, list[float]] = {
        "again": [],
        "changed": [],
        "parquet": [],
        "whole": [],
        "whole_limit": [],
    }
    start = time.perf_counter()
    peak = Peak()
    with own_servers() as (settings, folder):
        source, later = write_csv(folder / "p.csv", profiles), write_csv(folder / "q.csv", profiles, later=True)
        typed = write_parquet(folder / "p.parquet", source)
        full = write_csv(folder / "w.csv", profiles, whole=True)
        for run in range(runs):
            with fresh_context(settings, f"ours{run}") as ctx:
                # Later runs would count the rows that the benchmark itself holds for the limit.
                with nullcontext() if run else watching_memory(peak):
                    found.ours.append(rate(profiles, _loading(ctx, source, new=profiles)))
                content = list(_copied_out(ctx))
                others["again"].append(rate(profiles, _loading(ctx, source, new=0)))
                others["changed"].append(rate(profiles, _loading(ctx, later, new=0)))
            with fresh_context(settings, f"limit{run}") as ctx:
                found.limit.append(rate(profiles, partial(_copy_in, ctx, content)))
            with fresh_context(settings, f"parquet{run}") as ctx:
                others["parquet"].append(rate(profiles, _loading(ctx, typed, new=profiles)))
            with fresh_context(settings, f"whole{run}") as ctx:
                others["whole"].append(rate(profiles, _loading(ctx, full, new=profiles)))
                more = list(_copied_out(ctx))
            with fresh_context(settings, f"whole_limit{run}") as ctx:
                others["whole_limit"].append(rate(profiles, partial(_copy_in, ctx, more)))
            found.baseline.append(_one_at_a_time(settings, run, min(SAMPLE, profiles)))
    found.more = {name: [round(min(rates), 1), round(max(rates), 1)] for name, rates in others.items()}
    found.more["rows"], found.more["whole_rows"] = _counts(content), _counts(more)
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def _counts(content: list[tuple[str, str, list[bytes]]]) -> dict[str, int]:
    return {table: sum(part.count(b"\n") for part in parts) for table, _, parts in content}


def _loading(ctx: Context, path: Path, *, new: int) -> Callable[[], None]:
    def load() -> None:
        report = import_profiles(ctx, path)
        assert (report.new, report.errors) == (new, ()), report

    return load


def _one_at_a_time(settings: Settings, run: int, count: int) -> float:
    sample = [{name: text for name, text in row.items() if name not in OF_PEOPLE} for row in rows(count)]
    with fresh_context(settings, f"baseline{run}") as ctx:

        def load() -> None:
            for row in sample:
                found = upsert_profile(ctx, row)
                assert isinstance(found, Upserted), found

        return rate(len(sample), load)


def _copied_out(ctx: Context) -> Iterator[tuple[str, str, list[bytes]]]:
    """Each table's columns and rows as COPY writes them, in as many parts as ours has writers."""
    with ctx.engine.connect() as conn:
        for table in TABLES:
            query = text("select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
                         " where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped")  # fmt: skip
            columns = str(conn.execute(query, {"table": table}).scalar_one())
            with conn.connection.cursor().copy(f"copy {table} ({columns}) to stdout") as copy:
                lines = b"".join(bytes(part) for part in copy).splitlines(keepends=True)
            half = -(-len(lines) // WRITERS) or 1
            yield table, columns, [b"".join(lines[at : at + half]) for at in range(0, len(lines), half)]


def _copy_in(ctx: Context, content: list[tuple[str, str, list[bytes]]]) -> None:
    def copy_part(table: str, columns: str, part: bytes) -> None:
        with ctx.engine.begin() as conn, conn.connection.cursor().copy(f"copy {table} ({columns}) from stdin") as copy:
            copy.write(part)

    with ThreadPoolExecutor(WRITERS) as pool:
        for table, columns, parts in content:
            list(pool.map(lambda part, table=table, columns=columns: copy_part(table, columns, part), parts))


if __name__ == "__main__":
    main()
