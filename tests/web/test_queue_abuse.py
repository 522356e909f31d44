"""What is tried with held drafts: publishing them by every way, scripts in crawled words, settling by others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import import_policies
from pushsvc.pipeline.publish import PublishError, publish, submit
from pushsvc.pipeline.settling import SettleError, settle
from pushsvc.store.session import transaction
from tests.documents import TITLE, document
from tests.registering import json_file
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, api_key, one, operators, rows, snapshot
from tests.web.test_queue import WAITS, number

__all__ = ["number"]  # a fixture, used by its name

SCRIPT = "<script>alert(1)</script>"
PEOPLE = {"author": "李萌", "reviewer": "周岚"}


def crawl(ctx: Context, tmp_path: Path, **fields: object) -> int:
    """One crawled document; its number."""
    import_policies(ctx, json_file(tmp_path / "more.jsonl", [document(9, **fields)]))
    return int(one(ctx, "select max(id) from policy"))


@pytest.mark.parametrize("name", ["policy", "published"])
def test_a_held_draft_is_published_by_no_way(app: Flask, ctx: Context, number: int, name: str) -> None:
    ref = one(ctx, "select ref from policy")
    submit(ctx, ref, "李萌")
    with pytest.raises(PublishError, match="queue"):
        publish(ctx, ref, **PEOPLE)
    key = api_key(ctx, "policies:write")
    for body in (PEOPLE, PEOPLE | {"basis": "第一条"}, PEOPLE | {"force": True}, PEOPLE | {"state": "published"}):
        assert app.test_client().post(f"/api/v1/policies/{ref}/publish", json=body, headers=key).status_code in (
            409,
            422,
        )
    row = {"ref": ref, "title": WAITS, "agency": "江澜市人民政府", "body": "第一条", "state": "published"}
    assert app.test_client().post("/api/v1/policies", json=row, headers=key).status_code == 422
    assert rows(ctx, "select state from policy") == [("draft",)]
    assert rows(ctx, "select 1 from campaign") == []
    browser = Browser(app)
    for path in ("/policies/", f"/policies/{number}"):
        assert WAITS not in browser.open(path)


def test_settling_one_of_two_findings_holds_the_draft_still(ctx: Context, tmp_path: Path) -> None:
    body = "404 Not Found\n您访问的页面不存在"
    crawl(ctx, tmp_path, title=WAITS, content=body)
    found = [row[0] for row in rows(ctx, "select id from policy_finding where blocking order by id")]
    ref = one(ctx, "select ref from policy")
    for finding in found[:-1]:
        settle(ctx, finding, by="周岚", reason="已核对")
    with pytest.raises(PublishError):
        publish(ctx, ref, **PEOPLE)


def test_a_settled_text_that_changes_is_held_again(ctx: Context, number: int, tmp_path: Path) -> None:
    settle(ctx, 1, by="周岚", reason="已核对")
    import_policies(ctx, json_file(tmp_path / "again.jsonl", [document(4, title=WAITS + "二", clicks=7)]))
    assert (
        one(ctx, "select count(*) from policy_finding where blocking and settled_at is null and gone_at is null") == 1
    )
    with pytest.raises(PublishError):
        publish(ctx, one(ctx, "select ref from policy"), **PEOPLE)


def test_two_settle_at_once_and_one_counts(ctx: Context, number: int) -> None:
    def press(by: str) -> str:
        try:
            settle(ctx, 1, by=by, reason=f"{by}已核对")
        except SettleError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, ("李萌", "周岚"))) == ["done", "settled"]
    assert one(ctx, "select count(*) from audit where action = 'policy.settle'") == 1


def test_crawled_words_are_shown_as_words(app: Flask, ctx: Context, tmp_path: Path) -> None:
    operators(ctx, AUTHOR, REVIEWER, AUDITOR)
    policy = crawl(
        ctx, tmp_path, title=f"{TITLE}{SCRIPT}（征求意见稿）", 发布机构=f"江澜市人民政府{SCRIPT}",
        url="javascript:alert(1)", **{SCRIPT: SCRIPT},
    )  # fmt: skip
    browser = Browser(app).sign_in(operator="zhoulan")
    for path in ("/console/queue", f"/console/queue/{policy}"):
        page = browser.open(path)
        assert browser.status == 200
        assert SCRIPT not in page
        assert 'href="javascript' not in page
    browser.send(
        f"/console/queue/{policy}/{one(ctx, 'select min(id) from policy_finding where blocking')}", {"reason": SCRIPT}
    )
    assert SCRIPT not in browser.page
    assert SCRIPT not in browser.open("/console/audit")
    with transaction(ctx.engine) as conn:
        conn.execute(
            text("update policy_finding set settled_at = now(), settled_by = 'x', reason = 'x' where blocking")
        )
    publish(ctx, one(ctx, "select ref from policy where id = :id", id=policy), **PEOPLE)
    page = Browser(app).open(f"/policies/{policy}")
    assert SCRIPT not in page
    assert "javascript:" not in page


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "//evil.example", "http://a\nb"]
)
def test_an_address_that_is_none_is_no_link(app: Flask, ctx: Context, url: str) -> None:
    key = api_key(ctx, "policies:write")
    row = {"ref": "a", "title": TITLE, "agency": "江澜市人民政府", "body": "第一条 正文。", "url": url}
    answer = app.test_client().post("/api/v1/policies", json=row, headers=key)
    if answer.status_code == 201:
        publish(ctx, "a", **PEOPLE)
        assert f'href="{url}"' not in Browser(app).open("/policies/1")
    else:
        assert answer.status_code == 422


def test_a_search_takes_marks_as_letters(app: Flask, ctx: Context) -> None:
    key = api_key(ctx, "policies:write")
    row = {"ref": "a", "title": TITLE, "agency": "江澜市人民政府", "body": "第一条 正文。"}
    app.test_client().post("/api/v1/policies", json=row, headers=key)
    publish(ctx, "a", **PEOPLE)
    browser = Browser(app)
    for marks in ("%", "_", "江%局", "\\", "'", "江_市"):
        browser.client.get("/policies/", query_string={"q": marks})
        answer = browser.client.get("/policies/", query_string={"q": marks})
        assert answer.status_code == 200
        assert TITLE not in answer.get_data(as_text=True)


def test_looking_settles_nothing(app: Flask, ctx: Context, number: int) -> None:
    browser = Browser(app).sign_in(operator="zhoulan")
    before = snapshot(ctx)
    for path in ("/console/queue", f"/console/queue/{number}", f"/console/queue/{number}/1"):
        browser.open(path)
    assert browser.status == 405
    assert snapshot(ctx) == before


def test_a_resident_is_no_operator(app: Flask, ctx: Context, number: int) -> None:
    from tests.registering import register

    browser = Browser(app).sign_in(person=register(ctx, "a"))
    for path in ("/console/queue", f"/console/queue/{number}", "/console/corrections"):
        assert WAITS not in browser.open(path)
        assert "等待答复的更正" not in browser.page


def test_a_draft_is_not_read_in_the_library_through_a_link(app: Flask, ctx: Context, tmp_path: Path) -> None:
    end = "本意见自2026年3月1日起施行，《江澜市人民政府关于扶持小微企业的意见》（江政发〔2020〕5号）同时废止。"
    crawl(ctx, tmp_path, title="江澜市人民政府关于扶持小微企业的意见", year=2020, end="本意见自2020年3月1日起施行。")
    rows(ctx, "update policy_finding set settled_at = now(), settled_by = 'x', reason = 'x' returning id")
    publish(ctx, "jl-2020-9", **PEOPLE)
    row = document(3, end=end.replace("5号", "9号"))
    row["content"] = row["content"].replace("研发投入", "创新投入")
    import_policies(ctx, json_file(tmp_path / "new.jsonl", [row]))
    page = Browser(app).open("/policies/1")
    assert TITLE not in page
    assert "已被废止" not in page
