"""The residents' pages: `python -m benchmarks.web [--profiles N] [--policies N] [--seconds S] [--folder F] [--json]`.

The service as the Procfile serves it, over HTTP, on a database of N profiles and as many policies in force. First an
open loop: the feed, preferences read and preferences saved, in turn, at an offered 50 requests a second, each by the
next of `--people` signed-in residents; `feed_p99_ms` and the like are its times from the moment a request was due, and
`first_feed_p99_ms` those of each resident's first feed, which nothing kept can serve. Then 32 connections that never
rest: ours is the three pages' requests a second, baseline a page with four SELECTs and a template, limit a bare Flask
page, all under the same gunicorn with the same arguments, one after the other.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
from lxml import html
from sqlalchemy import text

from benchmarks.databases import fresh_context, own_servers
from benchmarks.faults.sinks import free_ports
from benchmarks.measuring import Measured, Peak, show, watching_memory
from benchmarks.web_client import Answers, Ask, at_full_speed, get, offered, post
from benchmarks.web_filling import fill_web
from pushsvc.context import Context
from pushsvc.links import sign_in_token
from pushsvc.store.session import transaction

RATE = 50.0  # requests a second
CONNECTIONS = 32
RUNS = 5
BURST = 600  # requests of one run at full speed
SAVE = "/m/preferences/choices"
BOX = "talent.email"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PATIENCE = 120.0  # seconds until a server answers
_ARGUMENTS = re.compile(r"^web: python -m gunicorn pushsvc\.main:app --bind \S+ (.*)$", re.M)


@dataclass(frozen=True)
class Reader:
    """A signed-in resident: their cookie, and the two forms with which they switch one box of their preferences off and
    on again, so that each save changes something."""

    cookie: str
    forms: tuple[bytes, bytes]


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--policies", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--folder", help="fill the database here once, and keep it")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked), as_json=asked.json)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """The object to print."""
    start, peak = time.perf_counter(), Peak()
    measured = Measured("web", asked.profiles, "requests/s")
    with (
        own_servers(asked.folder) as (settings, folder),
        fresh_context(settings, "web", keep=bool(asked.folder)) as ctx,
    ):
        if not _holds(ctx):
            fill_web(ctx, folder, asked.profiles, asked.policies)
        ports = free_ports(2)
        with (
            served(ctx, "pushsvc.main:app", ports[0]) as ours,
            served(ctx, "benchmarks.web_bare:app", ports[1]) as bare,
            watching_memory(peak, also=lambda: [ours, bare]),
        ):
            readers, first = _sign_in(ctx, ports[0], asked.people)
            measured.more |= _latencies(ports[0], readers, asked.seconds) | first
            _throughput(measured, ports, readers)
    measured.more |= {"policies": asked.policies, "people": asked.people, "rate": RATE, "connections": CONNECTIONS}
    return measured.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def _holds(ctx: Context) -> bool:
    with transaction(ctx.engine) as conn:
        return conn.scalar(text("select 1 from policy limit 1")) is not None


@contextmanager
def served(ctx: Context, application: str, port: int) -> Iterator[int]:
    """The application under gunicorn with the Procfile's arguments; the number of its process."""
    with open("Procfile", encoding="utf-8") as file:
        (arguments,) = _ARGUMENTS.findall(file.read())
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *arguments.split()]
    process = subprocess.Popen(command, env=os.environ | _environment(ctx, port))
    try:
        _wait(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE)


def _environment(ctx: Context, port: int) -> dict[str, str]:
    import base64

    keys = ",".join(base64.urlsafe_b64encode(key).decode() for key in ctx.settings.data_keys)
    return {
        "PUSHSVC_VAR": str(ctx.settings.var),
        "PUSHSVC_DATABASE_URL": str(ctx.settings.database_url),
        "PUSHSVC_REDIS_URL": str(ctx.settings.redis_url),
        "PUSHSVC_SECRET_KEY": ctx.settings.secret_key.decode(),
        "PUSHSVC_DATA_KEYS": keys,
        "PUSHSVC_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("gunicorn ended")
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=_PATIENCE)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn did not answer")


def _sign_in(ctx: Context, port: int, people: int) -> tuple[list[Reader], dict[str, float]]:
    """Residents spread over the city, each signed in by a link; and how long each one's first feed took."""
    with transaction(ctx.engine) as conn:
        query = text("select id from profile where kind = 'citizen' order by hashint8(id) limit :people")
        ids = list(conn.scalars(query, {"people": people + 1}))
    first: list[float] = []
    readers = [_reader(ctx, port, one, first) for one in ids][1:]  # the very first feed loads the policies
    measured = {"loading_feed_ms": round(first[0], 1), "first_feed_p50_ms": _ms(first[1:], 50)}
    return readers, measured | {"first_feed_p99_ms": _ms(first[1:], 99)}


def _reader(ctx: Context, port: int, person: int, first: list[float]) -> Reader:
    agent = {"User-Agent": "benchmark", "Accept-Language": "zh-CN"}
    if ctx.redis is not None:  # all of them come from one address, which may not enter so often in an hour
        ctx.redis.delete(*ctx.redis.scan_iter("limit:*"), "limit")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE, headers=agent) as client:
        path = f"/m/enter/{sign_in_token(ctx.settings.secret_key, person, ctx.clock())}"
        fields = dict(_forms(client.get(path).text)[0].form_values())
        assert client.post(path, data=fields).status_code == 303
        start = time.perf_counter()
        assert client.get("/m/").status_code == 200
        first.append(1000 * (time.perf_counter() - start))
        off = _saved(client, lambda fields: [one for one in fields if one[0] != BOX])
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())  # without the word of a save
        assert client.post(SAVE, content=off, headers=_FORM).status_code == 303
        on = _saved(client, lambda fields: [*fields, (BOX, "1")])
        assert client.post(SAVE, content=on, headers=_FORM).status_code == 303
        return Reader(cookie, (off, on))


def _saved(client: httpx.Client, change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> bytes:
    """The form of the preferences as it stands, changed."""
    listed = (one for one in _forms(client.get("/m/preferences").text) if one.action == SAVE)
    form = next(one for one in listed if BOX in one.inputs.keys())  # noqa: SIM118  # lxml's own kind of mapping
    return urlencode(change([(name, value) for name, value in form.form_values() if value is not None])).encode()


def _forms(page: str) -> list[html.FormElement]:
    return list(html.document_fromstring(page).forms)  # type: ignore[attr-defined]  # the stubs know no HtmlElement here


def _asks(port: int, readers: Sequence[Reader], n: int) -> list[Ask]:
    """The three requests in turn, each by the next reader."""
    host, asks, whose = f"127.0.0.1:{port}", list[Ask](), itertools.cycle(readers)
    saves: Counter[str] = Counter()
    for number in range(n):
        one = next(whose)
        if number % 3 == 0:
            asks.append(Ask("feed", get(host, "/m/", one.cookie)))
        elif number % 3 == 1:
            asks.append(Ask("preferences", get(host, "/m/preferences", one.cookie)))
        else:
            asks.append(Ask("save", post(host, SAVE, one.forms[saves[one.cookie] % 2], one.cookie), 303))
            saves[one.cookie] += 1
    return asks


def _latencies(port: int, readers: Sequence[Reader], seconds: int) -> dict[str, Any]:
    answers = offered(port, _asks(port, readers, int(RATE * seconds)), RATE)
    found: dict[str, Any] = {"wrong": answers.wrong}
    for kind, took in sorted(answers.seconds.items()):
        in_ms = [1000 * one for one in took]
        found |= {f"{kind}_p50_ms": _ms(in_ms, 50), f"{kind}_p99_ms": _ms(in_ms, 99), f"{kind}_max_ms": _ms(in_ms, 100)}
    return found


def _throughput(measured: Measured, ports: Sequence[int], readers: Sequence[Reader]) -> None:
    ours = _asks(ports[0], readers, BURST)
    host = f"127.0.0.1:{ports[1]}"
    for _ in range(RUNS):
        measured.ours.append(_right(*at_full_speed(ports[0], ours, CONNECTIONS)))
        for path, rates in (("/selects", measured.baseline), ("/bare", measured.limit)):
            asks = [Ask(path, get(host, path))] * (BURST * 3)
            rates.append(_right(*at_full_speed(ports[1], asks, CONNECTIONS)))


def _right(rate: float, answers: Answers) -> float:
    if answers.wrong:
        raise RuntimeError(f"wrong answers: {answers.wrong}")
    return rate


def _ms(took: Sequence[float], percent: float) -> float:
    return round(float(np.percentile(took, percent)), 1)


if __name__ == "__main__":
    main()
