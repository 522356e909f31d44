"""The tables of coverage on a campaign's page and in the API, and the form for limits and floor."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.audience import audience
from pushsvc.web.console.coverage import cover
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, issue, register
from tests.web.browser import Browser
from tests.web.making import AUTHOR, REVIEWER, api_key, one, operators, rows
from tests.web.test_english import unmarked

NEAR, FAR = "990105", "990101"
BODY = {"author": "李萌", "reviewer": "周岚"}


@pytest.fixture
def author(app: Flask, ctx: Context) -> Browser:
    """李萌, signed in; twelve old people near, eight far, one in a third district; the model likes those near."""
    operators(ctx, AUTHOR, REVIEWER)
    for n in range(21):
        region = NEAR if n < 12 else FAR if n < 20 else "990102"
        register(ctx, f"p{n}", birth_date="1950-05-01", region=region)
    use_model(ctx, {f"region={NEAR}": 1.0, f"region={FAR}": -1.0})
    return Browser(app).sign_in(operator="limeng")


def page_of(browser: Browser, number: int, query: str = "") -> str:
    return browser.open(f"/console/campaigns/{number}{query}")


def test_before_it_starts_the_page_says_how_each_group_would_fare(ctx: Context, author: Browser) -> None:
    page = page_of(author, issue(ctx, "p", criteria=OLD_ENOUGH))
    assert "每组有多少会被选中" in page
    assert '<td class="r n">12</td><td class="r n">12</td><td class="r n">100.0 %</td>' in page
    assert "其余小组合计" in page
    assert "990102" not in page
    assert "低于下限" not in page


def test_a_group_below_the_floor_is_marked_in_words(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    audience(ctx, number)
    floor = json.dumps({"share": 0.5, "raised": 2, "over": 1})
    rows(
        ctx,
        "update campaign set funnel = jsonb_set(funnel, '{recommended,floor}', cast(:f as jsonb)) returning 1",
        f=floor,
    )
    page = page_of(author, number)
    assert "低于下限" in page
    assert "每组下限 50 %" in page
    assert "因下限入选 2 份档案，超出名额上限 1 份" in page


def test_the_author_sets_a_floor_and_it_counts_at_once(app: Flask, ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    page_of(author, number)
    page = author.send(f"/console/campaigns/{number}/rule", {"floor": "62.5", "top_n": "", "min_z": "-0.5"})
    assert "已保存" in page
    assert one(ctx, "select audience from campaign") == {"floor": 0.625, "min_z": -0.5}
    assert 'name="floor" type="number" min="0" max="100" step="any" inputmode="decimal" value="62.5"' in page
    assert '<td class="r n">9</td><td class="r n">6</td><td class="r n">66.7 %</td>' in page, "far and third together"
    page = author.send(f"/console/campaigns/{number}/rule", {"floor": "", "top_n": "", "min_z": ""})
    assert one(ctx, "select audience from campaign") == {}


@pytest.mark.parametrize("wrong", [{"floor": "101"}, {"floor": "-1"}, {"floor": "nan"}, {"floor": "viel"},
                                   {"top_n": "1.5"}, {"top_n": "-1"}, {"min_z": "1e999"}])  # fmt: skip
def test_a_wrong_number_is_not_saved(ctx: Context, author: Browser, wrong: dict[str, str]) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    page_of(author, number)
    assert "没有保存" in author.send(f"/console/campaigns/{number}/rule", wrong)
    assert one(ctx, "select audience from campaign") == {}


def test_only_authors_set_it_and_only_in_a_draft(app: Flask, ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    page_of(author, number)
    token = author.form("/console/sign-out")["csrf_token"]
    rows(ctx, "update campaign set state = 'running' returning 1")
    assert "/rule" not in page_of(author, number)
    answer = author.client.post(f"/console/campaigns/{number}/rule", data={"csrf_token": token, "floor": "10"})
    assert answer.status_code == 303
    assert one(ctx, "select audience from campaign") == {}
    reviewer = Browser(app).sign_in(operator="zhoulan")
    page_of(reviewer, number)
    token = reviewer.form("/console/sign-out")["csrf_token"]
    assert reviewer.client.post(f"/console/campaigns/{number}/rule", data={"csrf_token": token}).status_code == 403


def test_where_a_sensitive_fact_is_asked_there_are_no_tables(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria={"all": [{"fact": "hardship", "eq": True}]})
    assert "各组覆盖" not in page_of(author, number)


def test_what_was_sent_breaks_between_its_numbers_alone() -> None:
    one = {"value": NEAR, "eligible": 9, "chosen": 9, "covered": 9, "share": 1.0, "below_floor": False}
    sent = one | {"planned": 9, "sent": 9, "delivered": 3}
    app = Flask(__name__)
    with app.test_request_context():
        found = cover({"groups": {"district": [sent]}, "totals": {}, "floor": None})
    assert found.tables[0].rows[0].reached == "计划\u00a09\u00a0· 已发\u00a09\u00a0· 送达\u00a0<5"


def test_a_campaign_from_before_there_were_tables_names_no_small_group(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    audience(ctx, number)
    rows(ctx, "update campaign set funnel = funnel - 'selected_by' - 'covered_by' returning 1")
    page = page_of(author, number)
    assert "各组覆盖" not in page
    assert "其余小组合计" in page
    assert "990102" not in page


def test_the_pages_english_marks_what_stays_chinese(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    page = page_of(author, number, "?lang=en")
    assert unmarked(page) == []
    assert "Coverage by group" in page


def test_a_finished_audience_stays_and_live_figures_stay_small(ctx: Context, author: Browser) -> None:
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    audience(ctx, number)
    assert "每组有多少被选中" in page_of(author, number)
    live = author.client.get(f"/console/campaigns/{number}/live.json")
    assert "selected_by" not in live.text
    assert f'data-shape="{live.json["shape"]}"' in author.page


def test_the_api_gives_the_tables_and_takes_a_floor(ctx: Context, author: Browser) -> None:
    key = api_key(ctx, "policies:write", "read")
    draft = {"ref": "q", "title": "一项", "agency": "甲局", "region": NEAR, "body": "文", "criteria": OLD_ENOUGH}
    assert author.client.post("/api/v1/policies", json=draft, headers=key).status_code == 201
    for wrong in ({"floor": 2}, {"flor": 1}, {"floor": "1"}, []):
        refused = author.client.post("/api/v1/policies/q/publish", json={**BODY, "audience": wrong}, headers=key)
        assert (refused.status_code, refused.json["code"]) == (422, "bad_rule")
    made = author.client.post("/api/v1/policies/q/publish", json={**BODY, "audience": {"floor": 0.5}}, headers=key)
    number = made.json["campaign"]
    audience(ctx, number)
    found = author.client.get(f"/api/v1/campaigns/{number}", headers=key).json["coverage"]
    assert found["floor"]["share"] == 0.5
    assert found["groups"]["district"][0]["value"] == NEAR
    assert (found["least"], found["totals"]["district"]["eligible"]) == (5, 21)
