"""Real State Council documents go in whole; three get criteria and reach the right people of the sample city."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.ingest_policies import import_policies, set_criteria
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.pipeline.publish import publish
from pushsvc.sample import write_city
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.shared import shared_file

Row = dict[str, str]
DUTY = "测试依据：应当告知符合条件者"


def wants_guarantee(row: Row) -> bool:
    """Self-employed people and registered firms outside the dishonesty list."""
    return row["kind"] in ("self_employed", "enterprise") and row["dishonest"] == "no"


def looks_for_work(row: Row) -> bool:
    return row["kind"] == "citizen" and row["employment"] == "unemployed"


def raises_children(row: Row) -> bool:
    return row["kind"] == "citizen" and bool(row["dependants"])


CASES: list[tuple[str, dict[str, object], Callable[[Row], bool]]] = [
    (
        "gov-5365711",
        {"all": [{"fact": "kind", "in": ["self_employed", "enterprise"]}, {"fact": "dishonest", "eq": False}]},
        wants_guarantee,
    ),
    (
        "gov-5345808",
        {"all": [{"fact": "kind", "eq": "citizen"}, {"fact": "employment", "eq": "unemployed"}]},
        looks_for_work,
    ),
    (
        "gov-5351181",
        {"all": [{"fact": "kind", "eq": "citizen"}, {"any_dependant": {"fact": "age", "ge": 0}}]},
        raises_children,
    ),
]


def load(ctx: Context, tmp_path: Path, documents: Path) -> list[Row]:
    """The documents and a small city; the city's rows as the file has them."""
    report = import_policies(ctx, documents)
    assert (report.new, report.errors) == (60, ())
    assert import_policies(ctx, documents).unchanged == 60
    files = write_city(tmp_path, seed=3, profiles=400, policies=20)
    assert import_profiles(ctx, files.profiles_csv).errors == ()
    with files.profiles_csv.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def run_campaign(ctx: Context, ref: str, tree: dict[str, object]) -> int:
    """Criteria, publication by two people, a campaign through the entitled door, planned and sent."""
    assert set_criteria(ctx, ref, tree) == "changed"
    number = publish(ctx, ref, author="李萌", reviewer="周岚", basis=DUTY)
    campaigns.submit(ctx, number, "李萌")
    campaigns.approve(ctx, number, "周岚")
    campaigns.start(ctx, number, "周岚")
    advance(ctx)
    with asyncio.Runner() as loop:
        memory = {name: MemoryChannel(name) for name in ("app", "sms", "email")}
        while deliver_next(ctx, Sender(memory, loop.run, "test"), "normal"):
            pass
    return number


def chosen(ctx: Context, campaign_id: int) -> set[str]:
    """The references of the profiles selected by the entitled door."""
    query = select(tables.profile.c.ref).join(tables.selection, tables.selection.c.profile_id == tables.profile.c.id)
    where = tables.selection.c.campaign_id == campaign_id, tables.selection.c.door == "entitled"
    with transaction(ctx.engine) as conn:
        return set(conn.scalars(query.where(*where)))


@pytest.mark.filterwarnings("default::UserWarning")
def test_real_documents_reach_the_right_people(ctx: Context, tmp_path: Path) -> None:
    documents = shared_file("policies/gov_cn_2019.jsonl")
    if documents is None:
        return
    rows = load(ctx, tmp_path, documents)
    for ref, tree, fits in CASES:
        number = run_campaign(ctx, ref, tree)
        right = {row["ref"] for row in rows if fits(row)}
        assert right
        assert chosen(ctx, number) == right
        report = campaigns.report(ctx, number)
        assert sum(report["accepted"].values()) > 0
        fates = sum(report["accepted"].values()) + sum(report["refusals"].values())
        assert fates >= len(right)
