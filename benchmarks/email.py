"""Mail from planned rows to the server's "250": `python -m benchmarks.email [--profiles N] [--runs R] [--json]`.

ours: N planned deliveries, a durable row each (PostgreSQL, fsync on), through `pushsvc.pipeline.deliver` in worker
processes as the service runs them, to Postfix's `smtp-sink` on loopback; accepted a second. baseline, as the field does
it: a task for each recipient (without a broker's share): look it up, one `EmailMessage`, one send by smtplib on a kept
connection, one UPDATE, one commit; in as many processes. limit: `smtp-source` into the same `smtp-sink` with as many
mails of our size, with the number of sessions whose median is best (`limit_sessions`: the median of each).

What the sink counted is compared each time with what was sent, of ours also with the rows; one small run keeps its
mails, and their Message-IDs are compared with the rows' keys. No DKIM signature is made.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text
from tqdm import tqdm

from benchmarks.databases import fresh_context, own_servers
from benchmarks.email_people import fill_readers, planned_campaign
from benchmarks.email_sink import Sink, keys_in, mail_size, postfix_sink, postfix_source
from benchmarks.measuring import Measured, show
from pushsvc.context import Context

WORKERS = 2
CONNECTIONS = 4  # of each worker, as the settings have it
TASKS = 2_000  # deliveries of the baseline
PATIENCE = 5.0  # seconds for the sink to write its count down
CHECKED = 1_000  # deliveries whose mails are kept and looked at
Run = tuple[float, list[dict[str, float]]]  # seconds, and what each worker says of itself


@dataclass(frozen=True)
class Outside:
    """The mail server's side: a sink (with a folder that keeps its mails, or None), and the fastest source."""

    sink: Callable[[Path, Path | None], AbstractContextManager[Sink]]
    source: Callable[[Sink, int, int, int], float]  # sink, mails, size, sessions -> mails a second


POSTFIX = Outside(
    lambda folder, keep: postfix_sink(folder, keep=keep),
    lambda sink, mails, size, sessions: postfix_source(sink, mails=mails, size=size, sessions=sessions),
)


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with own_servers() as (settings, folder), fresh_context(settings, "email") as ctx:
        show(measure(ctx, folder, asked.profiles, runs=asked.runs, workers=asked.workers), as_json=asked.json)


def measure(
    ctx: Context, folder: Path, readers: int, *, runs: int, workers: int = WORKERS, outside: Outside = POSTFIX
) -> dict[str, Any]:
    """All three, `runs` times over, after one small run whose mails are looked at."""
    found, start = Measured("email", readers, "mails/s"), time.perf_counter()
    cpu: list[float] = []
    megabytes: list[float] = []
    limits: dict[int, list[float]] = {many: [] for many in sorted({1, 2, 4, workers * CONNECTIONS, 20, 40})}
    fill_readers(ctx, readers)
    size = checked(ctx, folder, workers, outside)
    with outside.sink(folder, None) as sink:
        for number in tqdm(range(runs), desc="email", unit="run", disable=None, file=sys.stderr):
            seconds, said = counted(ctx, sink, planned_campaign(ctx, f"ours{number}"), workers, mails=readers)
            found.ours.append(readers / seconds)
            cpu.append(sum(one["cpu"] for one in said) / readers)
            megabytes.append(sum(one["peak_mb"] for one in said))
            found.baseline.append(tasks(ctx, sink, planned_campaign(ctx, f"theirs{number}"), workers))
            for many, rates in limits.items():
                rates.append(outside.source(sink, readers, size, many))
    found.limit = max(limits.values(), key=median)
    more: dict[str, Any] = {
        "bytes": size,
        "workers": workers,
        "connections": CONNECTIONS,
        "checked": min(readers, CHECKED),
        "limit_sessions": {str(many): round(median(rates), 1) for many, rates in limits.items()},
    }
    more["worker_cpu_us"] = round(1e6 * median(cpu), 1)
    return found.result(seconds=time.perf_counter() - start, peak_mb=max(megabytes)) | more


def checked(ctx: Context, folder: Path, workers: int, outside: Outside) -> int:
    """A run whose mails are kept: each row's key is in one mail. Returns the mails' mean size in bytes."""
    keep = folder / "kept"
    keep.mkdir()
    keep.chmod(0o777)
    run_id = planned_campaign(ctx, "checked")
    with ctx.engine.begin() as conn:  # the rest of the campaign is not sent
        conn.execute(text("delete from delivery where run_id = :run and id > (select min(id) from delivery where"
                          " run_id = :run) + :n - 1"), {"run": run_id, "n": CHECKED})  # fmt: skip
        keys = list(conn.scalars(text("select wire_key from delivery where run_id = :run"), {"run": run_id}))
    with outside.sink(folder, keep) as sink:
        counted(ctx, sink, run_id, workers, mails=len(keys))
    if keys_in(keep) != sorted(keys):
        raise ValueError(f"{len(keys)} mails were to arrive, {len(keys_in(keep))} did, or with other keys.")
    sizes = [mail_size(path) for path in keep.iterdir()]
    return sum(sizes) // len(sizes)


def counted(ctx: Context, sink: Sink, run_id: int, workers: int, *, mails: int, patience: float = PATIENCE) -> Run:
    """Send a run of so many; the sink counted them, and the rows say so. Raises ValueError where they do not."""
    before = sink.count()
    done = work(ctx, sink, "ours", [""] * workers)
    with ctx.engine.connect() as conn:
        states = text("select state, count(*) from delivery where run_id = :run group by state")
        found = {state: int(n) for state, n in conn.execute(states, {"run": run_id})}
    arrived = sink.settled(before + mails, patience) - before
    if arrived != mails or found != {"accepted": mails}:
        raise ValueError(f"The sink took {arrived} mails of {mails}, the rows say {found}.")
    return done


def tasks(ctx: Context, sink: Sink, run_id: int, workers: int) -> float:
    """Mails a second of the baseline, which sends some of a run."""
    with ctx.engine.connect() as conn:
        some = text("select id from delivery where run_id = :run order by id limit :n")
        ids = list(conn.scalars(some, {"run": run_id, "n": TASKS}))
    expected = sink.count() + len(ids)
    seconds, _ = work(ctx, sink, "baseline", [json.dumps(ids[number::workers]) for number in range(workers)])
    if sink.settled(expected, PATIENCE) != expected:
        raise ValueError(f"The baseline's mails came to {sink.count()} of {expected}.")
    with ctx.engine.begin() as conn:  # the rest is nobody's: ours would send it
        conn.execute(text("update slice set state = 'done' where run_id = :run"), {"run": run_id})
    return len(ids) / seconds


def work(ctx: Context, sink: Sink, what: str, told: Sequence[str]) -> Run:
    """Start a worker for each line, tell it when all are ready; seconds until the last is done."""
    command = [sys.executable, "-m", "benchmarks.email_worker", what]
    root, env = Path(__file__).parents[1], environment(ctx, sink)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, cwd=root, env=env, **pipes) for _ in told]
    for process in started:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("A worker did not start.")
    for process, line in zip(started, told, strict=True):
        assert process.stdin is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
    said = [json.loads(process.communicate()[0]) for process in started]
    return max(one["seconds"] for one in said), said


def environment(ctx: Context, sink: Sink) -> dict[str, str]:
    """A worker's settings: those of the context, and this sink."""
    keys = ",".join(base64.urlsafe_b64encode(key).decode() for key in ctx.settings.data_keys)
    return {
        **os.environ,
        "PUSHSVC_DATABASE_URL": str(ctx.settings.database_url),
        "PUSHSVC_SECRET_KEY": ctx.settings.secret_key.decode(),
        "PUSHSVC_DATA_KEYS": keys,
        "PUSHSVC_SMTP_URL": sink.url,
        "PUSHSVC_SMTP_CONNECTIONS": str(CONNECTIONS),
        "PUSHSVC_RATE_PER_SECOND": "1e9",
        "PUSHSVC_VAR": str(ctx.settings.var),
    }


if __name__ == "__main__":
    main()
