"""What is kept between two readers is what each would be told alone, and is out of date the moment anything changes."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from profiles.criteria import decide
from profiles.lifecycle import derive
from pushsvc.context import Context, Kept
from pushsvc.pipeline.compiled import compiled
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.feed import feed
from pushsvc.pipeline.fitting import criteria_of, days_of
from pushsvc.pipeline.in_force import InForce, in_force
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.publish import publish
from pushsvc.pipeline.shared_figures import bound, import_parameters
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import policies_by_id
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_policy
from tests.registering import OLD_ENOUGH, POLICY, issue, json_file, register

HOMELESS = {"fact": "owns_home", "eq": False}
PAID = {"fact": "household_income", "lt": {"param": "line"}}


def load_line(ctx: Context, tmp_path: Path, value: float) -> None:
    row = {"zh": "线", "en": "line", "unit": "元", "values": [{"value": value, "source": "x"}]}
    path = tmp_path / "figures.json"
    path.write_text(json.dumps({"line": row}), encoding="utf-8")
    import_parameters(ctx, path)


def now(ctx: Context) -> InForce:
    with transaction(ctx.engine) as conn:
        return in_force(conn, ctx, city_day(ctx))


def refs(ctx: Context) -> list[str]:
    return [policy.ref for policy in now(ctx).policies]


def same_as_anew(ctx: Context, person: int) -> InForce:
    """What is kept, after comparing it with what another process would find, and with each tree by itself."""
    kept, anew, on = now(ctx), now(replace(ctx, kept=Kept())), city_day(ctx)
    assert kept.policies == anew.policies
    with transaction(ctx.engine) as conn:
        frame = derive(load_frame(conn, profile_ids=np.array([person], dtype=np.int64)), on)
        whole = {one.id: one for one in bound(conn, policies_by_id(conn, kept.numbers.tolist()), on)}
    answers, others = kept.answer(frame), anew.answer(frame)
    for position, light in enumerate(kept.policies):
        policy = whole[light.id]
        decision = decide(criteria_of(policy), frame, on=on, **days_of(policy))
        assert answers.state[position] == others.state[position] == decision.state[0]
        assert answers.missing_of(position) == others.missing_of(position) == tuple(decision.missing)
        assert kept.matched[position] == (criteria_of(policy) is not None)
    assert kept.states(frame, on).tolist() == answers.state.tolist()
    return kept


def test_it_is_worked_out_once_until_something_changes(ctx: Context, clock: Clock) -> None:
    issue(ctx, "a")
    first = now(ctx)
    register(ctx, "somebody")
    upsert_policy(ctx, {"ref": "draft", **POLICY})
    upsert_policy(ctx, {"ref": "draft", **POLICY, "title": "改过的稿"})
    assert now(ctx) is first
    clock.forward(days=1)
    assert now(ctx) is not first


def test_what_is_published_ends_or_goes_is_seen_at_once(ctx: Context, clock: Clock) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    assert refs(ctx) == []
    issue(ctx, "a", criteria=OLD_ENOUGH, window_closes="2026-06-25")
    issue(ctx, "b", criteria={"all": [HOMELESS, {"fact": "age", "ge": 60, "on": "deadline"}]})
    assert refs(ctx) == ["b", "a"]
    same_as_anew(ctx, person)
    with transaction(ctx.engine) as conn:
        conn.execute(text("update policy set valid_to = '2026-06-20' where ref = 'b'"))
    assert refs(ctx) == ["a"]
    issue(ctx, "c", kind="plan", criteria=OLD_ENOUGH)
    issue(ctx, "d", criteria=None)
    assert same_as_anew(ctx, person).matched.tolist() == [False, False, True]
    clock.forward(days=2)
    assert refs(ctx) == ["d", "c"]
    with transaction(ctx.engine) as conn:
        conn.execute(text("update policy set state = 'withdrawn' where ref = 'd'"))
    assert refs(ctx) == ["c"]
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx, "e", visible_no=99, published_at=ctx.clock())
    assert refs(ctx) == ["e", "c"]
    with transaction(ctx.engine) as conn:
        conn.execute(text("delete from policy where ref = 'e'"))
    assert refs(ctx) == ["c"]


def test_a_policy_that_another_repeals_leaves_the_feed_at_once(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "old", doc_no="云人社〔2024〕1号", title="旧办法")
    assert [item.policy.ref for item in feed(ctx, person)] == ["old"]
    body = "第一条 给予补贴。\n第二条 本办法自2026年6月1日起施行。《旧办法》(云人社〔2024〕1号)同时废止。"
    issue(ctx, "new", body=body, title="新办法", date_effective="2026-06-01")
    assert [item.policy.ref for item in feed(ctx, person)] == ["new"]


def test_a_draft_imported_again_is_published_as_it_then_is(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    upsert_policy(ctx, {"ref": "p", **POLICY, "criteria": HOMELESS})
    assert feed(ctx, person) == []
    upsert_policy(ctx, {"ref": "p", **POLICY, "criteria": OLD_ENOUGH})
    publish(ctx, "p", author="李萌", reviewer="周岚")
    assert [item.fit.state for item in feed(ctx, person)] == [1]
    same_as_anew(ctx, person)


def test_what_is_rolled_back_is_never_kept(ctx: Context) -> None:
    issue(ctx, "a")
    with ctx.engine.connect() as conn, conn.begin() as undone:
        conn.execute(text("update policy set title = '撤回的' where ref = 'a'"))
        assert [policy.title for policy in in_force(conn, ctx, city_day(ctx)).policies] == ["撤回的"]
        undone.rollback()
    with transaction(ctx.engine) as conn:
        conn.execute(text("update policy set title = '定下的' where ref = 'a'"))
    assert [policy.title for policy in now(ctx).policies] == ["定下的"]


def test_another_shared_figure_is_another_answer_on_the_same_day(ctx: Context, tmp_path: Path) -> None:
    person = register(ctx, "a", household_income="100")
    load_line(ctx, tmp_path, 50)
    issue(ctx, "a", criteria=PAID)
    issue(ctx, "b", criteria=HOMELESS)
    states = []
    for line in (50, 500, 60):
        load_line(ctx, tmp_path, line)
        states.append([item.fit.state for item in feed(ctx, person)])
        same_as_anew(ctx, person)
    assert states == [[-1, 0], [1, -1], [-1, 0]]
    with transaction(ctx.engine) as conn:
        conn.execute(text("delete from parameter"))
    assert same_as_anew(ctx, person).matched.tolist() == [True, False]


def test_with_many_new_ones_all_are_compiled_anew(ctx: Context) -> None:
    person, known, sizes = register(ctx, "a", birth_date="1950-05-01"), None, []
    with transaction(ctx.engine) as conn:
        frame = derive(load_frame(conn, profile_ids=np.array([person], dtype=np.int64)), city_day(ctx))
    for number in range(6):
        issue(ctx, f"p{number}", criteria=[OLD_ENOUGH, HOMELESS, None][number % 3])
        kept = now(ctx)
        with transaction(ctx.engine) as conn:
            known, rows = compiled(conn, kept.policies, on=kept.on, before=known, most=2)
        found, expected = replace(kept, compiled=known, rows=rows).answer(frame), kept.answer(frame)
        assert found.state.tolist() == expected.state.tolist()
        sizes.append([len(table) for table in known.tables])
    assert sizes == [[1], [1, 1], [1, 1], [3], [3, 1], [3, 1]]


def test_a_damaged_tree_spoils_no_feed(ctx: Context, caplog: pytest.LogCaptureFixture) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "good", criteria=OLD_ENOUGH)
    issue(ctx, "bad", criteria=OLD_ENOUGH)
    with transaction(ctx.engine) as conn:
        damaged = '{"all": [{"fact": "age", "gee": 1}]}'
        conn.execute(text("update policy set criteria = cast(:c as jsonb) where ref = 'bad'"), {"c": damaged})
    with caplog.at_level(logging.ERROR):
        assert [(item.policy.ref, item.fit.state) for item in feed(ctx, person)] == [("good", 1), ("bad", None)]
    assert "bad" in caplog.text


def test_wishes_are_met_as_one_policy_at_a_time_meets_them_and_new_ones_too(ctx: Context) -> None:
    person, other = register(ctx, "a"), register(ctx, "b")
    subscribe(ctx, person, {"ref": "w", "keyword": "Ａi 补助"})
    subscribe(ctx, person, {"ref": "v", "themes": "人才", "keyword": "落户"})
    subscribe(ctx, other, {"ref": "u", "regions": "990105", "themes": "safety"})
    issue(ctx, "body", body="第一条 给予AI补助。", criteria=HOMELESS)
    issue(ctx, "tag", topic="talent", themes=["人才"], criteria=HOMELESS)
    assert [(item.policy.ref, item.subscribed) for item in feed(ctx, person)] == [("body", True), ("tag", False)]
    issue(ctx, "both", themes=["人才"], title="关于落户的通知", criteria=HOMELESS)
    issue(ctx, "safety", topic="safety", criteria=HOMELESS)
    found = [(item.policy.ref, item.subscribed) for item in feed(ctx, person)]
    assert found == [("both", True), ("body", True), ("safety", False), ("tag", False)]
    assert [item.policy.ref for item in feed(ctx, other) if item.subscribed] == ["safety"]


def test_json_of_a_file_is_published_like_one_of_the_api(ctx: Context, tmp_path: Path) -> None:
    from pushsvc.pipeline.ingest_policies import import_policies

    issue(ctx, "a")
    import_policies(ctx, json_file(tmp_path / "p.jsonl", [{"ref": "b", **POLICY, "title": "另一项"}]))
    assert refs(ctx) == ["a"]
    publish(ctx, "b", author="李萌", reviewer="周岚")
    assert refs(ctx) == ["b", "a"]
