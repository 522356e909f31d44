"""An urgent campaign beside a large one: `python -m benchmarks.urgent [--profiles N] [--campaigns C] [--json]`.

The Procfile's processes, the sandbox among them, on servers of their own. A bulk campaign to N people is approved;
once its first messages leave, campaigns to 1,000 others are approved one after another on the urgent lane, while it
is being planned and sent. Measured is the time from just before the approval to the moment that the sandbox wrote each
message down, by its own journal: `p50_ms`, `p99_ms` over all messages of all campaigns, `campaigns` one by one. The
audience is chosen beforehand (`benchmarks.audience` measures that); plan, gates, lanes, buckets (at their defaults),
words, calls and receipts are the service's own. `bulk_sent`: what the bulk campaign sent meanwhile, so that it is seen
to be under way. People are on app, SMS and email as `MIX` says. PostgreSQL has fsync and synchronous_commit on.
"""

from __future__ import annotations

import argparse
import shlex
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from tqdm import tqdm

from benchmarks.campaign_filling import fill_campaign
from benchmarks.databases import BUFFERS
from benchmarks.field import plain
from benchmarks.measuring import Peak, show, watching_memory
from benchmarks.people_filling import everybody, fill_people
from channels.sandbox.journal import CHANNELS, journal_path, rows
from pushsvc.cli.supervisor import running, service_lines
from pushsvc.context import Context, make_context
from pushsvc.embedded import servers, with_servers
from pushsvc.embedded.keeper import Keeper
from pushsvc.pipeline import campaigns
from pushsvc.settings import Settings, read_settings
from pushsvc.store import schema
from pushsvc.tasks import configure, hint

MIX: dict[str, Any] = {"app": 0.45, "sms": 0.45, "email": 0.1}
PATIENCE = 300.0  # seconds
BETWEEN = 4.0  # seconds between two approvals
_SENT = """
    select count(*) filter (where d.accepted_at is not null), count(*)
    from delivery d join run r on r.id = d.run_id where r.campaign_id = %s
"""
_KEYS = "select d.wire_key from delivery d join run r on r.id = d.run_id where r.campaign_id = %s"


@dataclass(frozen=True)
class Service:
    """The running service, and a connection to look at its tables by."""

    ctx: Context
    keeper: Keeper
    conn: psycopg.Connection[Any]

    def sent(self, campaign: int) -> tuple[int, int]:
        """(accepted, planned) messages of a campaign."""
        accepted, planned = self.conn.execute(_SENT, (campaign,)).fetchone() or (0, 0)
        return int(accepted), int(planned)

    def begin(self, campaign: int) -> float:
        """Approve and start it; the moment before, in seconds since the epoch."""
        at = time.time()
        campaigns.approve(self.ctx, campaign, "zhoulan")
        campaigns.start(self.ctx, campaign, "zhoulan")
        return at

    def wait(self, campaign: int, messages: int) -> None:
        """Until so many were accepted. Raises AssertionError after five minutes."""
        until = time.monotonic() + PATIENCE
        while self.sent(campaign)[0] < messages:
            assert time.monotonic() < until, f"waited {PATIENCE:.0f} s for {messages} messages of campaign {campaign}"
            time.sleep(0.1)


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000, help="who the bulk campaign goes to")
    parser.add_argument("--campaigns", type=int, default=5)
    parser.add_argument("--people", type=int, default=1_000, help="who each urgent campaign goes to")
    parser.add_argument("--runs", type=int, default=1, help="of the whole, each in a new folder")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    for _ in range(asked.runs):
        show(measure(asked.profiles, asked.campaigns, people=asked.people), as_json=asked.json)


def measure(profiles: int, count: int, *, people: int = 1_000) -> dict[str, Any]:
    """The object to print."""
    start, peak = time.perf_counter(), Peak()
    with tempfile.TemporaryDirectory(prefix="pushsvc-bench-") as folder, ExitStack() as stack:
        settings = _settings(Path(folder))
        urls = stack.enter_context(servers(settings, service=True))
        ready = with_servers(settings, urls)
        configure(ready)
        ctx = make_context(ready, nudge=hint)  # as the web process does
        stack.callback(ctx.engine.dispose)
        bulk, urgent = _filled(ctx, profiles, count, people)
        lines = {name: _line(line) for name, line in service_lines(sandbox=True).items() if name != "release"}
        with running(settings, urls, lines, say=lambda name, line: None) as keeper, _looking(ctx) as conn:
            service = Service(ctx, keeper, conn)
            with watching_memory(peak, also=lambda: list(keeper.pids().values())):
                approved, sent = _run(service, bulk, urgent, people)
            took = _latencies(service, approved, settings.var / "sandbox")
    whole = np.concatenate(took)
    assert len(whole) == people * count, len(whole)
    return {
        "name": "urgent",
        "n": profiles,
        "unit": "ms",
        **_percentiles(whole),
        "campaigns": [_percentiles(one) for one in took],
        "people": people,
        "bulk_sent": sent,
        "seconds": round(time.perf_counter() - start, 1),
        "peak_mb": round(peak.mb, 1),
    }


def _settings(folder: Path) -> Settings:
    smtp, http, web = _free_ports(3)
    return read_settings(
        {
            **BUFFERS,
            "PUSHSVC_VAR": str(folder / "var"),
            "PUSHSVC_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "PUSHSVC_SMS_URL": f"http://127.0.0.1:{http}",
            "PUSHSVC_APP_URL": f"http://127.0.0.1:{http}",
            "PUSHSVC_WEB_PORT": str(web),
        }
    )


def _free_ports(n: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _line(line: str) -> str:
    """The Procfile's line with this very Python."""
    return shlex.quote(sys.executable) + line.removeprefix("python") if line.startswith("python ") else line


def _filled(ctx: Context, profiles: int, count: int, people: int) -> tuple[int, list[int]]:
    """The bulk campaign, and the urgent ones to people of their own; all wait for approval."""
    schema.upgrade(ctx.engine)
    few = count * people
    fill_people(ctx, few + profiles, everybody(**MIX))
    spans = [(n * people, (n + 1) * people) for n in range(count)]
    urgent = [
        fill_campaign(ctx, f"urgent-{n}", span, lane="urgent", door="subscribed", state="in_review")
        for n, span in enumerate(spans)
    ]
    return fill_campaign(ctx, "bulk", (few, few + profiles), door="subscribed", state="in_review"), urgent


def _run(
    service: Service, bulk: int, urgent: Sequence[int], people: int
) -> tuple[dict[int, float], list[dict[str, int]]]:
    """When each was approved, and how far the bulk campaign was by then."""
    service.begin(bulk)
    service.wait(bulk, 1)
    approved: dict[int, float] = {}
    sent: list[dict[str, int]] = []
    for campaign in tqdm(urgent, desc="urgent", leave=False, disable=None):
        sent.append(dict(zip(("accepted", "planned"), service.sent(bulk), strict=True)))
        approved[campaign] = service.begin(campaign)
        service.wait(campaign, people)
        time.sleep(BETWEEN)
    sent.append(dict(zip(("accepted", "planned"), service.sent(bulk), strict=True)))
    return approved, sent


def _latencies(service: Service, approved: Mapping[int, float], root: Path) -> list[Any]:
    """float64 milliseconds of the messages of each campaign, by the sandbox's journals."""
    arrived: dict[str, float] = {}
    for channel in CHANNELS:
        for row in rows(journal_path(root, channel)):
            arrived.setdefault(row["key"], datetime.fromisoformat(row["at"]).timestamp())
    found = []
    for campaign, at in approved.items():
        keys = [key for (key,) in service.conn.execute(_KEYS, (campaign,))]
        found.append(np.array([1000 * (arrived[key] - at) for key in keys if key in arrived]))
    return found


def _percentiles(took: Any) -> dict[str, float]:
    return {f"p{share}_ms": round(float(np.percentile(took, share)), 1) for share in (50, 99)}


@contextmanager
def _looking(ctx: Context) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(plain(ctx.settings.database_url), autocommit=True) as conn:
        yield conn


if __name__ == "__main__":
    main()
