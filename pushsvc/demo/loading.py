"""The demo's first part: make the city, import it through the pipeline's own verbs, train."""

from __future__ import annotations

import csv
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from tqdm import tqdm

from profiles.address import parse_address
from pushsvc.context import Context
from pushsvc.demo.stage import AUTHOR, REVIEWER, Stage
from pushsvc.pipeline.assessing import NewAssessment, assess
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.ingest_log import import_interactions, import_subscriptions
from pushsvc.pipeline.ingest_policies import import_policies
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.pipeline.learn import train
from pushsvc.pipeline.publish import publish
from pushsvc.pipeline.report import ImportReport, Progress
from pushsvc.pipeline.snapshots import is_due, publish_snapshot
from pushsvc.sample import CityFiles, write_city
from pushsvc.store.access import Operator, put_operator
from pushsvc.store.models import active_model
from pushsvc.store.receipts import suppress_addresses
from pushsvc.store.session import transaction
from pushsvc.store.snapshots import latest_ready
from pushsvc.store.watching import addresses_known
from recommenders.recipe import ALGORITHM
from recommenders.training import available

OPERATORS = (
    Operator(AUTHOR, "李萌", ("author", "sender")),
    Operator(REVIEWER, "周岚", ("reviewer",)),
    Operator("shenqi", "沈祺", ("auditor",)),
    Operator("luyuan", "陆远", ("administrator",)),
)
Importer = Callable[[Context, Path, Progress], ImportReport]


@dataclass(frozen=True)
class City:
    """The city as it was imported: the day it is told from, rows by file, and the model's figures."""

    on: date
    counts: dict[str, int]
    model: dict[str, Any]


def load_city(stage: Stage, *, seed: int, profiles: int, policies: int) -> City:
    """Everything up to the first campaign. Run again on the same data it changes nothing."""
    files = city_files(stage.ctx, seed=seed, profiles=profiles, policies=policies)
    now = stage.ctx.clock()
    with transaction(stage.ctx.engine) as conn:
        for who in OPERATORS:
            put_operator(conn, who, password=PasswordHasher().hash(secrets.token_urlsafe(24)), now=now)
    steps: tuple[tuple[str, Importer, Path], ...] = (
        ("policies", import_policies, files.policies_jsonl),
        ("profiles", import_profiles, files.profiles_csv),
        ("subscriptions", import_subscriptions, files.subscriptions_csv),
        ("interactions", import_interactions, files.interactions_csv),
    )
    for name, load, path in steps:
        with bar(name, files.counts[name]) as tick:
            _tell_errors(stage, name, load(stage.ctx, path, tick))
    suppress(stage.ctx, files.suppressions_csv)
    publish_columns(stage)
    return City(files.on, dict(files.counts), learn(stage))


def city_files(ctx: Context, *, seed: int, profiles: int, policies: int) -> CityFiles:
    """The city of this data directory; it keeps the day it was first made, so that a second run meets it again."""
    root = ctx.settings.var / "city"
    mark = root / f"city-{seed}-{profiles}-{policies}.json"
    on = date.fromisoformat(json.loads(mark.read_text())["on"]) if mark.exists() else city_day(ctx)
    files = write_city(root, seed=seed, on=on, profiles=profiles, policies=policies)
    mark.write_text(json.dumps({"on": on.isoformat()}))
    return files


def suppress(ctx: Context, path: Path) -> int:
    """Take over the list of addresses that must not be used; returns how many are new."""
    by_reason: dict[str, list[tuple[str, bytes]]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            address = parse_address(row["channel"], row["address"])
            key = (address.channel, ctx.keyring.lookup(address.channel, address.value))
            by_reason.setdefault(row["reason"], []).append(key)
    with transaction(ctx.engine) as conn:
        found = {reason: addresses_known(conn, keys) for reason, keys in by_reason.items()}
        return sum(suppress_addresses(conn, ids, reason, ctx.clock()) for reason, ids in found.items())


def publish_columns(stage: Stage) -> None:
    """The profiles as columns, from which audiences are chosen."""
    with transaction(stage.ctx.engine) as conn:
        if latest_ready(conn) is not None and not is_due(stage.ctx):
            return
    with tqdm(desc="columns", unit="profiles", file=sys.stderr, disable=None, leave=False) as shown:
        made = publish_snapshot(stage.ctx, shown.update)
    if made is not None:
        stage.say(f"{made.profiles:,} profiles published as columns, {made.size / 1e6:,.1f} MB")


def publish_all(stage: Stage, refs: list[str]) -> None:
    """Make the library visible: every policy but those whose publication is part of the show. Sends nothing."""
    with bar("publishing", len(refs)) as tick:
        for ref in refs:
            publish(stage.ctx, ref, author=AUTHOR, reviewer=REVIEWER)
            tick(1)


def learn(stage: Stage) -> dict[str, Any]:
    """The model's figures: of the one in use, of a new one, or why there is none."""
    with transaction(stage.ctx.engine) as conn:
        held = active_model(conn)
    if held is not None:
        return figures_of(dict(held.card), 0.0)
    if not available():
        stage.say("LightFM is not installed: rules and wishes decide alone, nothing is recommended.")
        return {"trained": False, "audience_auc_cold": None, "seconds": 0.0}
    assess(stage.ctx, invented_assessment(stage.ctx), by=REVIEWER)
    before = time.monotonic()
    with tqdm(desc="training", file=sys.stderr, disable=None, leave=False) as shown:

        def progress(done: int, total: int, what: str) -> None:
            shown.total = total
            shown.update(done - shown.n)

        found = train(stage.ctx, progress=progress)
    return figures_of(found.card, time.monotonic() - before) | {"in_use": found.active}


def invented_assessment(ctx: Context) -> NewAssessment:
    """What lets a model rank an invented city: no model serves without an impact assessment of its algorithm."""
    title = "江澜市（示例）政策推荐个人信息保护影响评估（虚构）"
    return NewAssessment(f"PIA-示例-{ALGORITHM}", ALGORITHM, title, made_on=city_day(ctx))


def figures_of(card: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The figures of a model's card that the demo shows."""
    figures = dict(card.get("evaluation", {}))
    return {
        "trained": True,
        "audience_auc_cold": figures.pop("audience_auc_cold", None),
        **figures,
        "seconds": round(seconds, 1),
    }


@contextmanager
def bar(name: str, total: int) -> Iterator[Progress]:
    """A progress bar on stderr, where that is a terminal."""
    with tqdm(total=total, desc=name, unit="rows", file=sys.stderr, disable=None, leave=False) as shown:
        yield shown.update


def _tell_errors(stage: Stage, name: str, report: ImportReport) -> None:
    if report.errors:
        first = report.errors[0]
        stage.say(f"{name}: {len(report.errors)} row errors, the first in line {first.line}: {first.sentence}")
