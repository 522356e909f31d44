"""Interactions and subscriptions come in once; what they name must exist."""

from __future__ import annotations

from pathlib import Path

from pushsvc.context import Context
from pushsvc.pipeline.ingest_log import import_interactions, import_subscriptions
from pushsvc.pipeline.preferences import end_subscription
from tests.registering import ask, count, csv_file, issue, json_file, register

OPENED = {"profile": "anna", "policy": "a", "kind": "opened", "at": "2026-06-01T08:00:00+08:00"}
WISH = {"profile": "anna", "ref": "w1", "themes": "talent", "regions": "990105", "cadence": "daily"}


def test_interactions_load_from_both_shapes_and_only_once(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "anna")
    issue(ctx, "a")
    rows = [OPENED, OPENED | {"kind": "applied"}]
    first = import_interactions(ctx, csv_file(tmp_path / "i.csv", rows))
    again = import_interactions(ctx, json_file(tmp_path / "i.jsonl", rows))
    assert (first.new, again.new, again.unchanged, count(ctx, "feedback")) == (2, 0, 2, 2)


def test_a_time_without_a_zone_is_the_citys(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "anna")
    issue(ctx, "a")
    import_interactions(ctx, csv_file(tmp_path / "i.csv", [OPENED | {"at": "2026-06-01T08:00:00"}]))
    assert ask(ctx, "select at = '2026-06-01T00:00:00Z' from feedback") == [(True,)]


def test_what_is_not_known_is_named_with_its_line(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "anna")
    issue(ctx, "a")
    bad = [{"profile": "x"}, {"policy": "x"}, {"kind": "stared"}, {"at": "yesterday"}, {"kind": ""}]
    report = import_interactions(ctx, csv_file(tmp_path / "i.csv", [OPENED, *(OPENED | row for row in bad)]))
    assert report.new == 1
    assert {(e.line, e.column, e.code) for e in report.errors} == {
        (3, "profile", "unknown_profile"), (4, "policy", "unknown_policy"), (5, "kind", "unknown_value"),
        (6, "at", "bad_time"), (7, "kind", "missing"),
    }  # fmt: skip


def test_subscriptions_load_change_and_stay(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "anna")
    path = tmp_path / "s.csv"
    first = import_subscriptions(ctx, csv_file(path, [WISH, WISH | {"profile": "ghost"}]))
    assert (first.new, [(e.line, e.code) for e in first.errors]) == (1, [(3, "unknown_profile")])
    again = import_subscriptions(ctx, csv_file(path, [WISH]))
    changed = import_subscriptions(ctx, csv_file(path, [WISH | {"cadence": "weekly"}]))
    assert (again.unchanged, changed.changed) == (1, 1)
    assert ask(ctx, "select cadence, themes from subscription") == [("weekly", ["talent"])]


def test_asking_for_all_instead_of_any_is_a_change(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "anna")
    path = tmp_path / "s.csv"
    import_subscriptions(ctx, csv_file(path, [WISH | {"themes": "租房|社保"}]))
    changed = import_subscriptions(ctx, csv_file(path, [WISH | {"themes": "租房&社保"}]))
    again = import_subscriptions(ctx, csv_file(path, [WISH | {"themes": "租房&社保"}]))
    assert (changed.changed, again.unchanged) == (1, 1)
    assert ask(ctx, "select themes, all_of from subscription") == [(["租房", "社保"], ["themes"])]


def test_a_wish_that_its_owner_ended_stays_ended(ctx: Context, tmp_path: Path) -> None:
    person = register(ctx, "anna")
    import_subscriptions(ctx, csv_file(tmp_path / "s.csv", [WISH]))
    assert end_subscription(ctx, person, 1)
    report = import_subscriptions(ctx, csv_file(tmp_path / "s.csv", [WISH | {"cadence": "weekly"}]))
    assert (report.new, report.changed) == (0, 0)
    assert ask(ctx, "select ended_reason, cadence from subscription") == [("person", "daily")]
