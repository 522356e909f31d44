"""What a reader does with a policy: hidden for a reason and restored, done already, useful or not; by whose right."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.store.event_people import who_did
from pushsvc.store.session import transaction
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows, snapshot
from tests.web.test_feed import OLD, SIXTY, firm_of

HIDE: dict[str, object] = {"kind": "dismissed", "on": "1"}
RESTORE: dict[str, object] = {"kind": "dismissed", "on": "0"}


def hide(browser: Browser, policy: int, reason: str) -> str:
    browser.open("/m/")
    return browser.send(f"/m/policies/{policy}/feedback", HIDE | {"reason": reason})


def token(browser: Browser) -> object:
    browser.open("/m/preferences")
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("reason", "words"), [("not_for_me", "不适合我"), ("applied", "已经办过了"), ("not_interested", "不感兴趣")]
)
def test_what_is_hidden_stands_in_a_list_with_its_reason(app: Flask, ctx: Context, reason: str, words: str) -> None:
    policy = publish(ctx, criteria=SIXTY, title="藏起来的")
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    page = hide(browser, policy, reason)
    assert "藏起来的" not in page.split('id="l-h"')[0]
    assert "已隐藏 1 条，可恢复" in page
    listed = browser.open("/m/?view=hidden")
    assert f"您隐藏了它：{words}" in listed
    assert ("更正信息" in listed) == (reason == "not_for_me")
    browser.send(f"/m/policies/{policy}/feedback", RESTORE)
    assert "没有隐藏的政策" in browser.open("/m/?view=hidden")
    assert f'id="p{policy}"' in browser.open("/m/")


def test_undo_of_a_restored_one_hides_it_for_the_same_reason(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    hide(browser, policy, "not_interested")
    page = browser.open("/m/?view=hidden")
    assert '<input type="hidden" name="reason" value="not_interested">' in page
    browser.send(f"/m/policies/{policy}/feedback", RESTORE | {"reason": "not_interested"})
    assert one(ctx, "select count(*) from feedback") == 0
    browser.send(f"/m/policies/{policy}/feedback")  # the toast's form stands first
    assert rows(ctx, "select kind, reason from feedback") == [("dismissed", "not_interested")]


def test_another_reason_takes_the_place_of_the_first(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    hide(browser, policy, "not_interested")
    data = {"csrf_token": token(browser), **HIDE, "reason": "applied"}
    assert browser.client.post(f"/m/policies/{policy}/feedback", data=data).status_code == 303
    assert rows(ctx, "select kind, reason from feedback") == [("dismissed", "applied")]


def test_who_has_done_it_already_counts_as_having_applied(app: Flask, ctx: Context) -> None:
    """No reminder of its deadline; its result is told, as to all who applied."""
    policy, someone = publish(ctx, criteria=SIXTY), person(ctx, birth_date=OLD)
    assert "不再提醒截止日期" in hide(Browser(app).sign_in(person=someone), policy, "applied")
    with transaction(ctx.engine) as conn:
        assert [who_did(conn, [policy], kind).tolist() for kind in ("applied", "dismissed", "saved")] == [
            [someone],
            [someone],
            [],
        ]


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "dismissed", "on": "1", "reason": "because"},
        {"kind": "saved", "on": "1", "reason": "applied"},
        {"kind": "applied", "on": "1"},
        {"kind": "opened", "on": "1"},
        {"on": "1"},
    ],
)
def test_what_is_no_reaction_changes_nothing(app: Flask, ctx: Context, data: dict[str, str]) -> None:
    policy = publish(ctx, criteria=SIXTY)
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    held = {"csrf_token": token(browser), **data}
    before = snapshot(ctx)
    assert browser.client.post(f"/m/policies/{policy}/feedback", data=held).status_code == 400
    assert snapshot(ctx) == before


def test_a_draft_or_unknown_policy_is_not_there(app: Flask, ctx: Context) -> None:
    draft = publish(ctx, criteria=SIXTY, state="draft")
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    held = {"csrf_token": token(browser), "on": "1", "kind": "saved", "useful": "1"}
    for path in ("feedback", "applied", "useful", "check"):
        for policy in (draft, 999):
            assert browser.client.post(f"/m/policies/{policy}/{path}", data=held).status_code == 404


def test_one_may_say_whether_it_was_useful_and_change_ones_mind(app: Flask, ctx: Context) -> None:
    policy, someone = publish(ctx, criteria=SIXTY), person(ctx, birth_date=OLD)
    browser = Browser(app).sign_in(person=someone)
    for said in ("1", "0", "0"):
        browser.open(f"/m/policies/{policy}")
        page = browser.send(f"/m/policies/{policy}/useful", {"useful": said})
        assert "谢谢，您的意见会用来改进" in page
    assert rows(ctx, "select profile_id, useful from usefulness") == [(someone, False)]
    assert 'value="0" aria-pressed="true"' in page
    exported = export_data(ctx, someone)
    assert exported is not None
    assert [row["useful"] for row in exported["found_useful"]] == [False]
    erase(ctx, someone, actor="person")
    assert one(ctx, "select count(*) from usefulness") == 0


def test_applying_can_be_taken_back(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    browser.open(f"/m/policies/{policy}")
    assert "还没有办，取消记录" in browser.send(f"/m/policies/{policy}/applied")
    assert "去申领" in browser.send(f"/m/policies/{policy}/applied")
    assert one(ctx, "select count(*) from feedback") == 0


def test_a_plain_member_reads_for_the_firm_and_changes_nothing_of_it(app: Flask, ctx: Context) -> None:
    policy, someone = publish(ctx, criteria={"fact": "employees", "le": 9}), person(ctx)
    firm = firm_of(ctx, someone)
    browser = Browser(app).sign_in(person=someone, acting=firm)
    page = browser.open(f"/m/policies/{policy}")
    assert browser.status == 200
    assert "去申领" not in page
    assert "不想看这条" not in page
    held = {"csrf_token": token(browser), "kind": "saved", "on": "1", "useful": "1"}
    before = snapshot(ctx, but=["usefulness"])
    for path in ("feedback", "applied", "check"):
        assert browser.client.post(f"/m/policies/{policy}/{path}", data=held).status_code == 403
    assert browser.client.post(f"/m/policies/{policy}/useful", data=held).status_code == 303, "their own opinion"
    assert snapshot(ctx, but=["usefulness"]) == before
    assert rows(ctx, "select profile_id from usefulness") == [(someone,)]


def test_a_list_goes_on_on_further_pages(app: Flask, ctx: Context) -> None:
    for n in range(1, 13):
        publish(ctx, f"p{n}", n, criteria=SIXTY, title=f"第{n}条", agency=f"第{n}局")
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    for view in ("", "?view=latest"):
        first = browser.open(f"/m/{view}")
        assert first.count('<article class="card"') == 10
        second = browser.open(f"/m/{view}{'&' if view else '?'}page=2")
        assert second.count('<article class="card"') == 2
        assert browser.open(f"/m/{view}{'&' if view else '?'}page=99").count('<article class="card"') == 2
    assert "有 12 项初步符合" in first or "有 12 项初步符合" in browser.open("/m/")
