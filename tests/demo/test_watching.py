"""What the demo asks the database while it watches, and what it does before the first campaign."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pushsvc.context import Context
from pushsvc.demo.loading import city_files, suppress
from pushsvc.keyring import Keyring
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.plan import plan
from pushsvc.settings import Settings
from pushsvc.store import watching
from pushsvc.store.deliveries import cancel_recommended
from pushsvc.store.session import Engine, transaction
from tests import making
from tests.clock import Clock


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


def _sent(ctx: Context) -> tuple[int, list[int]]:
    """A planned campaign that recommends to two people."""
    with transaction(ctx.engine) as conn:
        people = [making.make_person(conn, ctx, n, consent=("recommend",)) for n in (1, 2)]
        number = making.make_campaign(conn, ctx, making.make_policy(conn, ctx))
        making.choose(conn, ctx, number, people, "recommended")
    plan(ctx, number)
    return number, people


def test_what_waits_for_a_person_is_counted_until_it_is_dropped(ctx: Context):
    _, (first, second) = _sent(ctx)
    with transaction(ctx.engine) as conn:
        assert watching.queued(conn, first, "recommended") == 1
        cancel_recommended(conn, first, now=ctx.clock())
        assert watching.queued(conn, first, "recommended") == 0
        assert watching.dropped(conn, first, "personalised_off") == 1
        assert watching.dropped(conn, second, "personalised_off") == 0


def test_drafts_are_policies_that_nobody_published(ctx: Context):
    with transaction(ctx.engine) as conn:
        making.make_policy(conn, ctx, "published")
        making.make_policy(conn, ctx, "draft", state="draft")
        assert watching.draft_refs(conn) == ["draft"]


def test_a_campaign_is_no_other_run(ctx: Context):
    _sent(ctx)
    with transaction(ctx.engine) as conn:
        assert watching.other_runs(conn) == []


def test_listed_addresses_are_suppressed_and_strangers_are_left_out(ctx: Context, tmp_path: Path):
    upsert_profile(ctx, {"ref": "one", "kind": "citizen", "phone": "13812345678"})
    listed = tmp_path / "suppressions.csv"
    listed.write_text("channel,address,reason\nsms,13812345678,bounced\nsms,13912345678,opt_out\n", encoding="utf-8")
    assert suppress(ctx, listed) == 1
    assert suppress(ctx, listed) == 0


def test_the_city_keeps_the_day_it_was_made_on(ctx: Context, clock: Clock):
    first = city_files(ctx, seed=1, profiles=200, policies=40)
    clock.now += timedelta(days=3)
    again = city_files(ctx, seed=1, profiles=200, policies=40)
    assert again.on == first.on
