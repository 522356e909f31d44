"""When residents see something: `python -m benchmarks.paint [--profiles N] [--runs R] [--json]`.

First contentful paint of each page in headless Chromium whose processor is slowed down four times, on a first visit, as
the Procfile serves the pages over HTTP: the median of so many visits, each by a browser that has kept nothing. ours is
the slowest page, baseline a page with four SELECTs and a template, limit a bare page, all as paints a minute; `pages`
has the milliseconds of each page, `over` those that take longer than `bar_ms`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from typing import Any

import httpx
from playwright.sync_api import Browser, StorageState, ViewportSize, sync_playwright
from sqlalchemy import text

from benchmarks.databases import fresh_context, own_servers
from benchmarks.faults.sinks import free_ports
from benchmarks.measuring import Measured, Peak, show, watching_memory
from benchmarks.web import served
from benchmarks.web_filling import fill_web
from pushsvc.app import create_app
from pushsvc.context import Context
from pushsvc.links import sign_in_token
from pushsvc.store.session import transaction

SLOWER = 4
BAR_MS = 800.0
_MINUTE = 60_000  # milliseconds
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
_PAINTED = "() => (performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime"


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=2_000)
    parser.add_argument("--policies", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked), as_json=asked.json)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """The object to print."""
    start, peak = time.perf_counter(), Peak()
    with own_servers() as (settings, folder), fresh_context(settings, "paint") as ctx:
        fill_web(ctx, folder, asked.profiles, asked.policies)
        ports = free_ports(2)
        with (
            served(ctx, "pushsvc.main:app", ports[0]) as ours,
            served(ctx, "benchmarks.web_bare:app", ports[1]) as bare,
            watching_memory(peak, also=lambda: [ours, bare]),
            _chromium() as browser,
        ):
            measured = _paints(ctx, browser, ports, asked.runs)
    return measured.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def _paints(ctx: Context, browser: Browser, ports: list[int], runs: int) -> Measured:
    ours, bare = (f"http://127.0.0.1:{port}" for port in ports)
    held = _sign_in(ctx, browser, ours)
    paths = _pages(ctx, ours, held)
    measured = Measured("paint", len(paths), "paints/min")
    found: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(runs):
        for path in paths:
            found[path].append(_paint(browser, ours + path, held))
        measured.baseline.append(_MINUTE / _paint(browser, f"{bare}/selects"))
        measured.limit.append(_MINUTE / _paint(browser, f"{bare}/bare"))
    medians = {path: round(statistics.median(times), 1) for path, times in found.items()}
    slowest = max(medians, key=lambda path: medians[path])
    measured.ours += [_MINUTE / one for one in found[slowest]]
    over = {path: ms for path, ms in medians.items() if ms > BAR_MS}
    measured.more |= {"slowest": slowest, "slowest_ms": medians[slowest], "bar_ms": BAR_MS, "over": over}
    measured.more |= {"slower": SLOWER, "runs": runs, "pages": medians}
    return measured


def _paint(browser: Browser, address: str, held: StorageState | None = None) -> float:
    """Milliseconds from the start of a first visit until something is seen."""
    phone = ViewportSize(width=360, height=800)
    context = browser.new_context(storage_state=held, viewport=phone, user_agent=AGENT)
    try:
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address)
        return float(page.wait_for_function(_PAINTED).json_value())
    finally:
        context.close()


def _sign_in(ctx: Context, browser: Browser, url: str) -> StorageState:
    """What a signed-in resident's browser holds."""
    with transaction(ctx.engine) as conn:
        someone = conn.scalar(text("select min(id) from profile where kind = 'citizen'"))
    context = browser.new_context(user_agent=AGENT)  # a sign-in is bound to it
    page = context.new_page()
    page.goto(f"{url}/m/enter/{sign_in_token(ctx.settings.secret_key, int(someone or 0), ctx.clock())}")
    with page.expect_navigation():
        page.click("main .btn.go")
    held = context.storage_state()
    context.close()
    return held


def _pages(ctx: Context, url: str, held: StorageState) -> list[str]:
    """The addresses of residents' pages: those that need no number, and those of one policy."""
    rules = [rule for rule in create_app(ctx).url_map.iter_rules() if "GET" in (rule.methods or ())]
    with transaction(ctx.engine) as conn:
        policy = conn.scalar(text("select max(id) from policy where state = 'published'"))
    paths = [rule.rule for rule in rules if not rule.arguments and not rule.rule.startswith(("/console", "/api"))]
    paths += [rule.rule.replace("<id:policy_id>", str(policy)) for rule in rules if rule.arguments == {"policy_id"}]
    cookies = {str(one["name"]): str(one["value"]) for one in held["cookies"]}
    with httpx.Client(base_url=url, cookies=cookies, headers={"User-Agent": AGENT}) as client:
        return [path for path in sorted(paths) if _is_page(client.get(path))]


def _is_page(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=which("chromium") or "", args=["--no-sandbox"])
        yield started
        started.close()


if __name__ == "__main__":
    main()
