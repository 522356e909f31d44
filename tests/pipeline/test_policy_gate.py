"""What is found in a text holds its draft until a person settled it or a corrected text came."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import held_codes, import_policies, set_criteria, upsert_policy
from pushsvc.pipeline.publish import PublishError, publish
from pushsvc.pipeline.queue import judged, queue
from pushsvc.pipeline.settling import SettleError, settle
from pushsvc.sample.policies import city_policies
from tests.documents import TITLE, document
from tests.registering import OLD_ENOUGH, POLICY, ask, count, json_file

DRAFT = f"{TITLE}（征求意见稿）"
PEOPLE = {"author": "李萌", "reviewer": "周岚"}


def held_draft(ctx: Context, folder: Path) -> tuple[Path, int]:
    """A draft for comment, imported; its file and the number of what holds it."""
    path = json_file(folder / "crawl.jsonl", [document(4, title=DRAFT)])
    report = import_policies(ctx, path)
    assert (report.new, dict(report.held), report.passed) == (1, {"draft_as_policy": 1}, 0)
    ((number,),) = ask(ctx, "select id from policy_finding where blocking")
    return path, number


def test_a_good_document_passes(ctx: Context, tmp_path: Path) -> None:
    report = import_policies(ctx, json_file(tmp_path / "crawl.jsonl", [document(3)]))
    assert (report.read, report.new, report.passed, dict(report.held)) == (1, 1, 1, {})
    assert publish(ctx, "jl-2026-3", **PEOPLE)


def test_what_is_held_cannot_be_published_until_it_is_settled(ctx: Context, tmp_path: Path) -> None:
    _, number = held_draft(ctx, tmp_path)
    with pytest.raises(PublishError) as caught:
        publish(ctx, "jl-2026-4", **PEOPLE)
    assert caught.value.code == "draft_as_policy"
    assert count(ctx, "campaign") == 0
    settle(ctx, number, by="周岚", reason="已核对：正式文本，标题未改")
    assert publish(ctx, "jl-2026-4", **PEOPLE)


def test_settling_is_audited_with_name_and_reason(ctx: Context, tmp_path: Path) -> None:
    _, number = held_draft(ctx, tmp_path)
    settle(ctx, number, by="周岚", reason="已核对")
    rows = ask(ctx, "select actor, action, object, detail->>'code', detail->>'reason' from audit")
    assert rows == [("周岚", "policy.settle", "policy:jl-2026-4", "draft_as_policy", "已核对")]


@pytest.mark.parametrize(
    ("by", "reason", "code"),
    [(" ", "看过", "no_name"), ("周岚", "\u200b ", "no_reason"), ("周岚", "长" * 2001, "too_long")],
)
def test_settling_needs_a_name_and_a_reason(ctx: Context, tmp_path: Path, by: str, reason: str, code: str) -> None:
    _, number = held_draft(ctx, tmp_path)
    with pytest.raises(SettleError) as caught:
        settle(ctx, number, by=by, reason=reason)
    assert caught.value.code == code
    assert held_codes(ctx, "jl-2026-4") == ["draft_as_policy"]


def test_what_one_person_settled_another_does_not_settle_again(ctx: Context, tmp_path: Path) -> None:
    _, number = held_draft(ctx, tmp_path)
    settle(ctx, number, by="周岚", reason="已核对")
    settle(ctx, number, by="周岚", reason="已核对")
    with pytest.raises(SettleError, match="settled this finding before"):
        settle(ctx, number, by="李萌", reason="我也看过")
    with pytest.raises(SettleError, match="no open finding"):
        settle(ctx, number + 100, by="李萌", reason="没有这一条")
    assert count(ctx, "audit") == 1


def test_the_same_file_again_changes_nothing_even_after_settling(ctx: Context, tmp_path: Path) -> None:
    path, number = held_draft(ctx, tmp_path)
    settle(ctx, number, by="周岚", reason="已核对")
    before = ask(ctx, "select * from policy, policy_finding, policy_source")
    again = import_policies(ctx, path)
    assert (again.unchanged, again.passed) == (1, 1)
    assert ask(ctx, "select * from policy, policy_finding, policy_source") == before


def test_criteria_given_later_stay_when_the_file_comes_again(ctx: Context, tmp_path: Path) -> None:
    path, number = held_draft(ctx, tmp_path)
    settle(ctx, number, by="周岚", reason="已核对")
    assert set_criteria(ctx, "jl-2026-4", OLD_ENOUGH) == "changed"
    assert held_codes(ctx, "jl-2026-4") == []
    assert import_policies(ctx, path).unchanged == 1
    found = judged(ctx, "jl-2026-4")
    assert found is not None
    assert found.policy.criteria == OLD_ENOUGH


def test_a_corrected_text_opens_the_way(ctx: Context, tmp_path: Path) -> None:
    held_draft(ctx, tmp_path)
    corrected = json_file(tmp_path / "again.jsonl", [document(4)])
    assert dict(import_policies(ctx, corrected).held) == {}
    assert publish(ctx, "jl-2026-4", **PEOPLE)


def test_another_faulty_text_is_looked_at_anew(ctx: Context, tmp_path: Path) -> None:
    _, number = held_draft(ctx, tmp_path)
    settle(ctx, number, by="周岚", reason="已核对")
    other = document(4, title=DRAFT, end="本意见自2026年4月1日起施行。")
    assert dict(import_policies(ctx, json_file(tmp_path / "b.jsonl", [other])).held) == {"draft_as_policy": 1}


def test_the_queue_lists_who_waits_and_for_what(ctx: Context, tmp_path: Path) -> None:
    _, number = held_draft(ctx, tmp_path)
    found = queue(ctx)
    assert [(one.ref, one.codes) for one in found.held] == [("jl-2026-4", ("draft_as_policy",))]
    assert (found.total, found.by_code) == (1, {"draft_as_policy": 1})
    settle(ctx, number, by="周岚", reason="已核对")
    assert (queue(ctx).held, queue(ctx).total) == ([], 0)


def test_a_row_in_our_own_format_goes_through_the_same_gate(ctx: Context) -> None:
    assert upsert_policy(ctx, {"ref": "a", **POLICY, "title": DRAFT}) == "new"
    assert held_codes(ctx, "a") == ["draft_as_policy"]
    assert upsert_policy(ctx, {"ref": "b", **POLICY, "title": DRAFT, "kind": "consultation"}) == "new"
    assert held_codes(ctx, "b") == []


def test_a_document_without_a_title_is_refused_and_nothing_is_written(ctx: Context, tmp_path: Path) -> None:
    rows = [{"id": "x", "url": "https://www.jianglan.example/x"}, {"id": 1, "content": {"a": 1}}]
    report = import_policies(ctx, json_file(tmp_path / "crawl.jsonl", rows))
    assert [error.line for error in report.errors] == [1, 2]
    assert (report.read, report.loaded, count(ctx, "policy"), count(ctx, "policy_source")) == (2, 0, 0, 0)


def test_the_sample_city_passes_the_gate(ctx: Context, tmp_path: Path) -> None:
    rows = city_policies(date(2026, 6, 24), 120)
    report = import_policies(ctx, json_file(tmp_path / "city.jsonl", rows))
    assert (report.new, dict(report.held), report.errors) == (120, {}, ())
