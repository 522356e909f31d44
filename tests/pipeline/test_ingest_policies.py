"""Policies come in as drafts; what is wrong is named with its line and field, what is published stays."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from profiles.records import RecordsError
from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import import_criteria, import_policies, set_criteria, upsert_policy
from pushsvc.store.policies import Policy, policy_by_ref
from pushsvc.store.session import transaction
from tests.registering import OLD_ENOUGH, POLICY, ask, count, issue, json_file

GOV = Path(__file__).parents[3] / "shared" / "data" / "policies" / "gov_cn_2019.jsonl"


def stored(ctx: Context, ref: str) -> Policy:
    with transaction(ctx.engine) as conn:
        found = policy_by_ref(conn, ref)
    assert found is not None
    return found


def codes(outcome: object) -> list[tuple[str, str]]:
    assert isinstance(outcome, list)
    return [(error.column, error.code) for error in outcome]


def test_real_documents_import_whole_and_again_change_nothing(ctx: Context) -> None:
    if not GOV.exists():
        warnings.warn("The real documents are not beside the repository; nothing was imported.", stacklevel=1)
        return
    first, again = import_policies(ctx, GOV), import_policies(ctx, GOV)
    assert (first.new, first.errors, count(ctx, "policy")) == (60, (), 60)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 60)
    assert dict(ask(ctx, "select region, count(*) from policy group by 1")) == {"000000": 60}


def test_defaults_follow_from_what_is_given(ctx: Context) -> None:
    assert upsert_policy(ctx, {"id": "a", **POLICY, "theme_l1": "科技、教育", "theme_l2": "教育"}) == "new"
    found = stored(ctx, "a")
    assert (found.family, found.event, found.kind, found.topic) == ("a", "new:a", "normative", "family")
    assert (found.themes, found.state, found.criteria) == (("科技、教育", "教育"), "draft", None)


def test_a_second_theme_may_be_missing(ctx: Context) -> None:
    assert upsert_policy(ctx, {"ref": "a", **POLICY, "theme_l1": "其他", "theme_l2": None}) == "new"
    assert stored(ctx, "a").themes == ("其他",)


def test_good_rows_load_beside_bad_ones(ctx: Context, tmp_path: Path) -> None:
    rows = [{"ref": "a", **POLICY}, "{oops", {"ref": "b", "title": "无文"}, "[]", {"ref": "c", **POLICY}]
    report = import_policies(ctx, json_file(tmp_path / "p.jsonl", rows))
    assert report.new == 2
    assert [(e.line, e.column, e.code) for e in report.errors] == [
        (2, "", "not_json"), (3, "agency", "missing"), (3, "body", "missing"), (4, "", "not_json"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "place", "code"),
    [
        ("region", "123456", "region", "unknown_region"),
        ("kind", "rumour", "kind", "unknown_value"),
        ("topic", "sport", "topic", "unknown_value"),
        ("industries", ["I65", "Z99"], "industries", "unknown_industry"),
        ("date_published", "2026-02-30", "date_published", "bad_date"),
        ("mandatory", "yes", "mandatory", "wrong_type"),
        ("title", "x" * 501, "title", "too_long"),
        ("themes", 7, "themes", "wrong_type"),
        ("colour", "red", "colour", "unknown_field"),
        ("title", "half \ud83d", "title", "not_text"),
        ("criteria", {"all": [OLD_ENOUGH, {"fact": "shoe", "eq": 4}]}, "criteria.all[1].fact", "unknown_fact"),
        ("criteria", {"fact": "region", "in_region": ["123456"]}, "criteria.in_region", "unknown_region"),
        ("criteria", {"fact": "age", "ge": 60, "clause": "\0"}, "criteria", "not_text"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_place(ctx: Context, field: str, value: object, place: str, code: str) -> None:
    assert codes(upsert_policy(ctx, {"ref": "a", **POLICY, field: value})) == [(place, code)]
    assert count(ctx, "policy") == 0


def test_a_window_may_not_close_before_it_opens(ctx: Context) -> None:
    outcome = upsert_policy(ctx, {"ref": "a", **POLICY, "window_opens": "2026-07-02", "window_closes": "2026-07-01"})
    assert codes(outcome) == [("window_closes", "bad_window")]


def test_a_line_over_two_megabytes_is_refused_and_the_next_one_loads(ctx: Context, tmp_path: Path) -> None:
    rows = [{"ref": "a", **POLICY, "body": "x" * 2_100_000}, {"ref": "b", **POLICY}]
    report = import_policies(ctx, json_file(tmp_path / "p.jsonl", rows))
    assert [(e.line, e.code) for e in report.errors] == [(1, "line_too_long")]
    assert report.new == 1


def test_nesting_without_end_is_one_bad_line(ctx: Context, tmp_path: Path) -> None:
    report = import_policies(ctx, json_file(tmp_path / "p.jsonl", ['{"ref": ' + "[" * 100_000, {"ref": "b", **POLICY}]))
    assert ([e.code for e in report.errors], report.new) == (["not_json"], 1)


def test_gb18030_is_read_and_other_bytes_are_refused(ctx: Context, tmp_path: Path) -> None:
    path = json_file(tmp_path / "p.jsonl", [{"ref": "a", **POLICY}])
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert import_policies(ctx, path).new == 1
    assert stored(ctx, "a").title == POLICY["title"]
    path.write_bytes(b'{"ref": "b"}\n{"ref": "\xff\xff"}\n')
    with pytest.raises(RecordsError) as caught:
        import_policies(ctx, path)
    assert (caught.value.code, caught.value.place) == ("encoding", "line 2")


def test_markup_is_taken_off_the_text(ctx: Context) -> None:
    upsert_policy(
        ctx, {"ref": "a", **POLICY, "body": "<p>第一条&nbsp;甲</p><script>x()</script><p>第二条 a &lt; b</p>"}
    )
    assert stored(ctx, "a").body == "第一条 甲\n第二条 a < b"


def test_plain_text_with_a_smaller_than_sign_stays(ctx: Context) -> None:
    upsert_policy(ctx, {"ref": "a", **POLICY, "body": "当 a<b 时\r\n\r\n\r\n\r\n适用"})
    assert stored(ctx, "a").body == "当 a<b 时\n\n适用"


def test_the_same_policy_twice_in_a_file_is_an_error_of_the_second(ctx: Context, tmp_path: Path) -> None:
    report = import_policies(ctx, json_file(tmp_path / "p.jsonl", [{"ref": "a", **POLICY}] * 2))
    assert [(e.line, e.code) for e in report.errors] == [(2, "repeated")]


def test_a_draft_may_change_and_what_is_published_may_not(ctx: Context) -> None:
    upsert_policy(ctx, {"ref": "a", **POLICY})
    assert upsert_policy(ctx, {"ref": "a", **POLICY, "amount": "2万元"}) == "changed"
    issue(ctx, "a", amount="2万元")
    assert codes(upsert_policy(ctx, {"ref": "a", **POLICY, "amount": "20万元"})) == [("ref", "published")]
    assert stored(ctx, "a").amount == "2万元"


def test_criteria_may_come_later_and_leave_the_rest_as_it_is(ctx: Context, tmp_path: Path) -> None:
    upsert_policy(ctx, {"ref": "a", **POLICY, "body": "当 a<b 时", "tags": ["租房"]})
    rows = [{"ref": "a", "criteria": OLD_ENOUGH, "kind": "fund"}, {"ref": "z", "criteria": OLD_ENOUGH}]
    report = import_criteria(ctx, json_file(tmp_path / "c.jsonl", rows))
    assert report.changed == 1
    assert [(e.line, e.code) for e in report.errors] == [(2, "unknown_policy")]
    found = stored(ctx, "a")
    assert (found.criteria, found.kind, found.tags, found.body) == (OLD_ENOUGH, "fund", ("租房",), "当 a<b 时")
    assert set_criteria(ctx, "a", OLD_ENOUGH) == "unchanged"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://[::1", "https://", "//x.cn/a", "x.cn/a", "data:text/html,x"]
)
def test_an_address_that_is_no_web_page_is_refused(ctx: Context, url: str) -> None:
    assert codes(upsert_policy(ctx, {"ref": "p", **POLICY, "url": url})) == [("url", "bad_url")]
