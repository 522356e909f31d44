"""The published columns choose whom the rows in the database would: over a small sample city and random criteria."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.criteria import decide, parse
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.choosing import Rule, choose
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.ingest_log import import_subscriptions
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.pipeline.published import published
from pushsvc.pipeline.ranking import DOORS
from pushsvc.pipeline.recommending import Limits, passing_score
from pushsvc.pipeline.scoring import model_in_use, tokens_of
from pushsvc.pipeline.snapshots import publish_snapshot
from pushsvc.pipeline.wishes import matching
from pushsvc.sample import write_city
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy, policy_by_ref
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import live_subscriptions
from recommenders.linear import plan_scores, snapshot_scores
from tests.modelling import use_model
from tests.profiles.criteria.strategies import trees
from tests.registering import POLICY, ask, register

WEIGHTS = {"region=990105": 1.5, "section=I": 1.2, "kind=citizen": -0.3, "age=60-69": 0.9, "interest=租房": 0.7}


@pytest.fixture
def city(ctx: Context, tmp_path: Path) -> Context:
    """400 sample profiles, half of whom changed since they were published."""
    files = write_city(tmp_path / "city", seed=7, on=city_day(ctx), profiles=400, policies=20)
    import_profiles(ctx, files.profiles_csv)
    import_subscriptions(ctx, files.subscriptions_csv)
    publish_snapshot(ctx)
    for (ref,) in ask(ctx, "select ref from profile where kind = 'citizen' order by id limit 40"):
        register(ctx, ref, region="990105", insurance_months="7")
    use_model(ctx, WEIGHTS)
    return ctx


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=trees,
    duty=st.booleans(),
    doors=st.lists(st.sampled_from(DOORS), unique=True),
    top=st.none() | st.integers(0, 40),
)
def test_columns_choose_whom_rows_would(
    city: Context, tree: Any, duty: bool, doors: list[str], top: int | None
) -> None:
    upsert_policy(city, {"ref": "p", **POLICY, "topic": "talent", "criteria": {"all": []}})
    ask(city, "update policy set criteria = cast(:tree as jsonb) where ref = 'p' returning 1", tree=json.dumps(tree))
    with transaction(city.engine) as conn:
        policy = policy_by_ref(conn, "p")
        assert policy is not None
        rule = Rule(policy, doors, duty=duty, limits=Limits(0.2, top))
        found = choose(conn, city, rule)
        expected, counts = _by_rows(city, conn, rule)
    funnel = found.funnel
    assert {name: funnel[name] for name in counts} == counts
    told = [
        (number, DOORS[door]) for number, door in zip(found.selected.profile_ids, found.selected.doors, strict=True)
    ]
    assert told == expected


def _by_rows(ctx: Context, conn: Any, rule: Rule) -> tuple[list[tuple[int, str]], dict[str, Any]]:
    """The slow way: everybody as rows of the database, one after the other through the doors."""
    on = city_day(ctx)
    frame = derive(load_frame(conn), on)
    decided = decide(parse(rule.policy.criteria), frame, on=on)
    state = dict(zip(frame.ids.tolist(), decided.state.tolist(), strict=True))
    wishes = {one.wish.profile_id for one in matching(live_subscriptions(conn), rule.policy)}
    off = {number for (number,) in ask(ctx, "select profile_id from preference where not personalised")}
    chosen = [(n, "entitled") for n in state if state[n] == 1 and rule.duty and "entitled" in rule.doors]
    told = {n for n, _ in chosen}
    chosen += [(n, "subscribed") for n in state if n in wishes and n not in told and "subscribed" in rule.doors]
    told |= {n for n, _ in chosen}
    rest = [n for n in state if state[n] == 1 and n not in told and n not in off and "recommended" in rule.doors]
    counts = {
        name: decided.state.tolist().count(value) for name, value in (("eligible", 1), ("no", 0), ("unknown", -1))
    }
    return chosen + _recommended(ctx, conn, rule, rest, told), {**counts, "missing": decided.missing}


def _recommended(ctx: Context, conn: Any, rule: Rule, rest: list[int], told: set[int]) -> list[tuple[int, str]]:
    using, snapshot = model_in_use(conn), published(ctx).snapshot
    assert using is not None
    everybody = [(segment, np.arange(len(segment))) for segment in snapshot.segments]
    plan = plan_scores(using[1], tokens_of(rule.policy), snapshot, on=city_day(ctx))
    pairs = zip((segment.rows_of(np.array(rest, dtype=np.int64)) for segment, _ in everybody), everybody, strict=True)
    score = {}
    for rows, (segment, every) in pairs:
        values = snapshot_scores(plan, [(segment, every)])
        score |= {number: float(values[row]) for number, row in zip(rest, rows.tolist(), strict=True) if row >= 0}
    held = np.array([score[number] for number in rest])
    least = passing_score(float(held.mean()), float(held.std()), rule.limits.min_z) if rest else 0.0
    best = [number for number in sorted(rest, key=lambda one: (-score[one], one)) if score[number] >= least]
    return [(n, "recommended") for n in _merged(_addresses(ctx), best, told)[: rule.limits.top_n]]


def _merged(addresses: dict[int, set[int]], ranked: list[int], told: set[int]) -> list[int]:
    """Down the ranking, without those of whom every address is taken; nothing of who shares none counts as taken."""
    taken = {one for number in told for one in addresses.get(number, ())}
    kept = []
    for number in ranked:
        own = addresses.get(number, set())
        if not own or own - taken:
            kept.append(number)
        taken |= own
    return kept


def _addresses(ctx: Context) -> dict[int, set[int]]:
    query = """
        select p.id, pa.address_id from profile p join profile_address pa on pa.profile_id = p.id
        where p.kind in ('citizen', 'self_employed')
        union select m.profile_id, pa.address_id from member m join profile_address pa on pa.profile_id = m.person_id
        join profile p on p.id = m.profile_id and p.kind not in ('citizen', 'self_employed')
        where m.wants and m.left_at is null
    """
    found: dict[int, set[int]] = {}
    for number, address in ask(ctx, query):
        found.setdefault(number, set()).add(address)
    return found


def test_the_rule_of_a_policy_for_readers_only_recommends_nobody(ctx: Context) -> None:
    register(ctx, "a")
    upsert_policy(ctx, {"ref": "p", **POLICY})
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, "p")
        assert isinstance(policy, Policy)
        assert len(choose(conn, ctx, Rule(policy, DOORS)).selected) == 0
