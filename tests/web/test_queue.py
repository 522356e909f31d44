"""The queue's pages: who waits, what was found, settling it by those who may; and a policy's ties in the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import import_policies
from pushsvc.pipeline.publish import publish
from tests.documents import TITLE, document
from tests.registering import json_file
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, api_key, one, operators, rows

WAITS = f"{TITLE}（征求意见稿）"


@pytest.fixture
def number(ctx: Context, tmp_path: Path) -> int:
    """A draft that waits; the number of the policy and of what was found are both 1."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR)
    import_policies(ctx, json_file(tmp_path / "crawl.jsonl", [document(4, title=WAITS, clicks=7)]))
    assert one(ctx, "select id from policy_finding where blocking") == 1
    return int(one(ctx, "select id from policy"))


def test_it_lists_who_waits_and_for_what(app: Flask, number: int) -> None:
    page = Browser(app).sign_in(operator="limeng").open("/console/queue")
    assert WAITS in page
    assert "征求意见稿，尚未施行" in page
    page = Browser(app).sign_in(operator="limeng").open("/console/queue?lang=en")
    assert "a draft for comment, not in force" in page


def test_one_page_shows_the_words_the_source_and_unknown_fields(app: Flask, number: int) -> None:
    page = Browser(app).sign_in(operator="limeng").open(f"/console/queue/{number}")
    for words in ("这是征求意见稿或草案", "crawl.jsonl", "clicks", "江政发〔2026〕4号", "不能公布"):
        assert words in page


@pytest.mark.parametrize("name", ["limeng", "zhoulan"])
def test_an_author_or_a_reviewer_settles_with_a_reason(app: Flask, ctx: Context, number: int, name: str) -> None:
    browser = Browser(app).sign_in(operator=name)
    browser.open(f"/console/queue/{number}")
    assert "请写明为什么可以放行" in browser.send(f"/console/queue/{number}/1", {"reason": "  "})
    assert "已放行" in browser.send(f"/console/queue/{number}/1", {"reason": "正式文本，标题未改"})
    assert rows(ctx, "select actor, action from audit where action = 'policy.settle'") == [(name, "policy.settle")]
    assert "没有待核的文本" in browser.open("/console/queue")


def test_an_auditor_looks_and_settles_nothing(app: Flask, ctx: Context, number: int) -> None:
    browser = Browser(app).sign_in(operator="shenqi")
    assert "放行" not in browser.open(f"/console/queue/{number}").replace("不能放行", "")
    token = browser.form("/console/sign-out")["csrf_token"]
    answer = browser.client.post(f"/console/queue/{number}/1", data={"csrf_token": token, "reason": "看过"})
    assert answer.status_code == 403
    assert one(ctx, "select settled_by from policy_finding where id = 1") is None


def test_a_form_from_elsewhere_settles_nothing(app: Flask, ctx: Context, number: int) -> None:
    browser = Browser(app).sign_in(operator="zhoulan")
    assert browser.client.post(f"/console/queue/{number}/1", data={"reason": "看过"}).status_code in (400, 403)
    assert one(ctx, "select settled_by from policy_finding where id = 1") is None


@pytest.mark.parametrize(
    "path", ["/console/queue/99", "/console/queue/0", "/console/queue?page=-1", "/console/queue/x"]
)
def test_odd_addresses_are_no_error_of_ours(app: Flask, number: int, path: str) -> None:
    browser = Browser(app).sign_in(operator="limeng")
    browser.open(path)
    assert browser.status in (200, 404)


def test_a_finding_of_another_policy_is_not_settled_here(app: Flask, ctx: Context, number: int) -> None:
    browser = Browser(app).sign_in(operator="zhoulan")
    browser.open(f"/console/queue/{number}")
    token = browser.form("/console/sign-out")["csrf_token"]
    for path in (f"/console/queue/{number}/77", f"/console/queue/{number + 1}/1"):
        assert browser.client.post(path, data={"csrf_token": token, "reason": "看过"}).status_code == 404


def test_the_library_shows_number_dates_ties_and_that_a_text_is_repealed(
    ctx: Context, app: Flask, tmp_path: Path
) -> None:
    old = document(5, year=2020, title="江澜市人民政府关于扶持小微企业的意见", end="本意见自2020年3月1日起施行。")
    new = document(
        3, end="本意见自2026年3月1日起施行，《江澜市人民政府关于扶持小微企业的意见》（江政发〔2020〕5号）同时废止。"
    )
    for name, row in (("old", old), ("new", new)):
        row["content"] = row["content"].replace("研发投入", f"{name}投入")
        import_policies(ctx, json_file(tmp_path / f"{name}.jsonl", [row]))
    with_all = (
        "update policy_finding set settled_at = now(), settled_by = 'x', reason = 'x' where blocking returning id"
    )
    rows(ctx, with_all)
    publish(ctx, "jl-2020-5", author="李萌", reviewer="周岚")
    publish(ctx, "jl-2026-3", author="李萌", reviewer="周岚")
    page = Browser(app).open(f"/policies/{one(ctx, 'select id from policy where doc_no like :n', n='%2026%')}")
    for words in ("江政发〔2026〕3号", "施行日期", "废止", "江澜市人民政府关于扶持小微企业的意见"):
        assert words in page
    page = Browser(app).open(f"/policies/{one(ctx, 'select id from policy where doc_no like :n', n='%2020%')}")
    assert "已被废止。" in page
    assert "有效期至 2026年2月28日。" in page
    assert "废止它的是：" in page
    assert "看我是否符合" not in page
    assert "被废止，由" in page


def test_the_api_says_what_holds_a_draft(ctx: Context, browser: Browser) -> None:
    key = api_key(ctx, "policies:write")
    row = {"ref": "a", "title": WAITS, "agency": "江澜市人民政府", "body": "第一条 正文。"}
    answer = browser.client.post("/api/v1/policies", json=row, headers=key)
    assert (answer.status_code, answer.json["held"]) == (201, ["draft_as_policy"])
    people = {"author": "李萌", "reviewer": "周岚"}
    refused = browser.client.post("/api/v1/policies/a/publish", json=people, headers=key)
    assert (refused.status_code, refused.json["code"]) == (409, "draft_as_policy")
