"""Who is this for? The console's page counts a tree, turned or typed, shows it in words, and keeps nothing of it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.counting import count
from tests.registering import OLD_ENOUGH, issue, register
from tests.web.browser import Browser
from tests.web.making import AUTHOR, REVIEWER, crowd, one, operators, publish, rows, snapshot
from tests.web.test_english import unmarked

TREE = {"all": [{"fact": "age", "ge": 60, "clause": "第三条"}, {"fact": "region", "in_region": ["990105"]}]}
PAGE = "/console/audience"
COUNT = "/console/audience/count"


@pytest.fixture
def author(app: Flask, ctx: Context) -> Browser:
    """李萌, signed in; twelve people who are over sixty, twelve who are not, and twelve who did not say."""
    operators(ctx, AUTHOR, REVIEWER)
    register(ctx, "old", birth_date="1950-05-01", region="990105")
    register(ctx, "young", birth_date="2000-05-01", region="990105")
    register(ctx, "silent", region="990105")
    crowd(ctx, 12)
    return Browser(app).sign_in(operator="limeng")


def send(browser: Browser, criteria: object, **fields: str) -> Any:
    """Count a tree as the page's script does."""
    browser.open(PAGE)
    token = browser.form("/console/sign-out")["csrf_token"]
    text = criteria if isinstance(criteria, str) else json.dumps(criteria)
    data = {"csrf_token": token, "criteria": text, **fields}
    return browser.client.post(COUNT, data=data, headers={"Accept": "application/json"})


def test_a_policy_is_shown_in_words_with_its_counts(ctx: Context, author: Browser) -> None:
    publish(ctx, criteria=TREE)
    page = author.open(f"{PAGE}?policy=policy-1")
    assert "年龄不少于60岁（第三条）" in page
    assert "所在地区在桂塘区" in page
    assert "10 <small>份档案初步符合，共 30 份" in page
    assert "出生日期" in page, "what those who may be eligible lack"
    assert '<b class="n">10<small> 100.0 %</small></b>' in page


def test_the_figures_are_the_engines_in_whole_tens(ctx: Context, author: Browser) -> None:
    answer = send(author, TREE).json
    figures = count(ctx, TREE)
    assert answer["said"] == "10 份档案初步符合，10 份可能符合，10 份目前不符合"
    assert [figures[name] for name in ("eligible", "unknown", "no")] == [12, 12, 12]
    assert set(answer["rows"]) == {node["place"] for node in figures["nodes"]}  # type: ignore[attr-defined]  # a list
    assert answer["ms"] >= 0


def test_a_turned_threshold_is_counted_and_put_in_words(author: Browser) -> None:
    answer = send(author, TREE, **{"v:all[0].ge": "20"}).json
    assert answer["said"].startswith("20 份档案初步符合")
    assert "年龄不少于20岁" in answer["rows"]["all[0]"]["words"]
    assert json.loads(answer["tree"])["all"][0]["ge"] == 20


def test_without_a_script_the_form_does_the_same(ctx: Context, author: Browser) -> None:
    publish(ctx, criteria=TREE)
    author.open(f"{PAGE}?policy=policy-1")
    page = author.send(f"{PAGE}?policy=policy-1", {"v:all[0].ge": "20"})
    assert author.status == 200
    assert "20 份档案初步符合，10 份可能符合，&lt;10 份目前不符合" in page
    assert 'value="20"' in page


def test_what_was_chosen_in_a_list_is_counted(author: Browser) -> None:
    answer = send(author, TREE, **{"v:all[1].in_region[0]": "990101"}).json
    assert answer["said"].startswith("<10 份档案初步符合")
    flag = send(author, {"fact": "owns_home", "eq": True}, **{"v:eq": "false"}).json
    assert json.loads(flag["tree"]) == {"fact": "owns_home", "eq": False}


def test_fields_of_no_knob_change_nothing(author: Browser) -> None:
    given = {"v:all[0].fact": "hardship", "v:all[9].ge": "1", "v:__class__": "x", "v:": "y"}
    assert json.loads(send(author, TREE, **given).json["tree"]) == TREE


def test_a_policy_that_is_for_subscribers_only_says_so(ctx: Context, author: Browser) -> None:
    publish(ctx, criteria=None)
    assert "这类政策不作资格匹配" in author.open(f"{PAGE}?policy=policy-1")
    publish(ctx, "draft", 2, kind="consultation", criteria=TREE)
    page = author.open(f"{PAGE}?policy=draft")
    assert "下面的数字只供参考" in page
    assert "10 份档案初步符合，10 份可能符合" in page


def test_an_unknown_policy_is_named(author: Browser) -> None:
    assert "没有这份政策" in author.open(f"{PAGE}?policy=nothing")
    assert author.status == 404


def test_every_knob_has_a_name_and_every_bar_a_number(ctx: Context, author: Browser) -> None:
    publish(ctx, criteria=TREE)
    page = author.open(f"{PAGE}?policy=policy-1")
    assert 'aria-label="年龄，滑动调整"' in page
    assert '<label for="k-all-0-ge">年龄' in page
    assert 'role="status"' in page
    assert page.count('<svg class="track"') == page.count('<svg class="track" aria-hidden="true"')


def test_counting_changes_nothing_but_the_audit_log(ctx: Context, author: Browser) -> None:
    before = snapshot(ctx, but=("audit",))
    send(author, TREE)
    assert snapshot(ctx, but=("audit",)) == before


def test_the_audit_log_has_who_counted_what_once(app: Flask, ctx: Context, author: Browser) -> None:
    for age in ("60", "61", "62"):
        send(author, TREE, **{"v:all[0].ge": age})
    send(author, {"fact": "age", "ge": 60})
    send(Browser(app).sign_in(operator="zhoulan"), TREE)
    found = rows(ctx, "select actor, detail from audit where action = 'audience.count' order by id")
    assert [row.actor for row in found] == ["limeng", "limeng", "zhoulan"]
    assert found[0].detail == {"criteria": TREE}


def test_other_values_than_numbers_are_another_question(ctx: Context, author: Browser) -> None:
    for region in ("990101", "990105"):
        send(author, TREE, **{"v:all[1].in_region[0]": region})
    assert one(ctx, "select count(*) from audit where action = 'audience.count'") == 2


def test_the_pages_english_marks_what_stays_chinese(ctx: Context, author: Browser) -> None:
    publish(ctx, criteria=TREE)
    page = author.open(f"{PAGE}?policy=policy-1&lang=en")
    assert unmarked(page) == []
    assert "at least 60 years" in page
    assert unmarked(author.open(PAGE)) == []


def test_a_campaign_shows_its_conditions_and_whom_they_fit(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=TREE, basis="某条例")
    page = author.open(f"/console/campaigns/{number}")
    assert "年龄不少于60岁" in page
    assert f'href="{PAGE}?policy=p"' in page
    assert 'data-n="people">12<' in page
    audience(ctx, number)
    assert author.open(f"/console/campaigns/{number}").count("data-row=") == 3


def test_the_live_figures_stay_small_and_name_another_audience(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=TREE, basis="某条例")
    live = author.client.get(f"/console/campaigns/{number}/live.json")
    assert "eligible_by" not in live.text
    register(ctx, "older", birth_date="1940-05-01", region="990105")
    again = author.client.get(f"/console/campaigns/{number}/live.json")
    assert live.json["shape"] != again.json["shape"], "the page loads anew"


def test_where_a_sensitive_fact_is_asked_a_campaign_breaks_nothing_down(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria={"all": [{"fact": "hardship", "eq": True}]})
    page = author.open(f"/console/campaigns/{number}")
    assert "含敏感信息：不逐条列数" in page
    assert "是 <b>" not in page


def test_an_old_funnel_without_these_figures_is_still_shown(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    old = json.dumps({"profiles": 3, "eligible": 1, "unknown": 1, "no": 1, "missing": {}, "selected": {}})
    rows(ctx, "update campaign set funnel = cast(:old as jsonb), selected_at = now() returning 1", old=old)
    assert "年龄不少于60岁" in author.open(f"/console/campaigns/{number}")
    assert author.client.get(f"/console/campaigns/{number}/live.json").status_code == 200


def test_days_of_the_policy_hold_for_its_tree(ctx: Context, author: Browser) -> None:
    tree = {"fact": "age", "ge": 77, "on": "deadline"}
    publish(ctx, criteria=tree, window_closes=date(2027, 5, 1))
    assert send(author, tree, policy="policy-1").json["said"].startswith("10 份")
