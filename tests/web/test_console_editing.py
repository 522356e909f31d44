"""A campaign's form: what its author may say of it before it begins, and what is refused at its field."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.store.session import transaction
from tests.making import make_campaign, subscribe
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, one, operators, person, publish, rows, snapshot

PATH = "/console/campaigns/1/edit"


@pytest.fixture
def author(app: Flask, ctx: Context) -> Browser:
    """李萌 before the form of a draft that reaches one person."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR)
    with transaction(ctx.engine) as conn:
        make_campaign(conn, ctx, publish(ctx), state="draft", author="limeng")
    someone = person(ctx, 1)
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, someone, "wish")
    browser = Browser(app).sign_in(operator="limeng")
    browser.open(PATH)
    return browser


def send(browser: Browser, **values: object) -> str:
    """Save the form; `_` in a name stands for the dot of a text's field."""
    return browser.send(PATH, {name.replace("__", "."): value for name, value in values.items()})


def held(ctx: Context, name: str) -> object:
    return one(ctx, f"select {name} from campaign")


def test_all_of_it_is_kept_in_the_citys_time(ctx: Context, author: Browser) -> None:
    send(
        author, starts_at="2026-06-25T09:00", expires_at="2026-06-26T18:30", lane="urgent", rate_per_second="12.5",
        escalate_after="6", basis="《条例》第八条", zh__push="{{ title }}{{ until }}",
    )  # fmt: skip
    assert author.status == 200
    assert str(one(ctx, "select starts_at at time zone 'Asia/Shanghai' from campaign")) == "2026-06-25 09:00:00"
    assert [held(ctx, name) for name in ("lane", "rate_per_second", "escalate_after", "basis", "content")] == [
        "urgent", 12.5, 6, "《条例》第八条", {"zh": {"push": "{{ title }}{{ until }}"}},
    ]  # fmt: skip
    page = author.open(PATH)
    assert 'value="2026-06-25T09:00"' in page
    assert "{{ title }}{{ until }}" in page


def test_what_is_emptied_is_gone(ctx: Context, author: Browser) -> None:
    send(author, starts_at="2026-06-25T09:00", rate_per_second="5", zh__push="x")
    author.open(PATH)
    send(author, starts_at="", rate_per_second="", zh__push="")
    assert [held(ctx, name) for name in ("starts_at", "rate_per_second", "content")] == [None, None, {}]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"starts_at": "2026-06-01T09:00"}, "starts_at", "开始时间已过"),
        ({"starts_at": "soon"}, "starts_at", "请填日期和时间"),
        ({"expires_at": "2026-06-01T09:00"}, "expires_at", "截止时间已过"),
        ({"starts_at": "2026-06-26T09:00", "expires_at": "2026-06-25T09:00"}, "starts_at", "开始要早于截止"),
        ({"rate_per_second": "0"}, "rate_per_second", "每秒"),
        ({"rate_per_second": "nan"}, "rate_per_second", "每秒"),
        ({"escalate_after": "1.5"}, "escalate_after", "整数小时"),
        ({"escalate_after": "100000"}, "escalate_after", "整数小时"),
        ({"doors": "entitled"}, "basis", "需要登记法定依据"),
        ({"doors": "all"}, "doors", "至少选一个入口"),
        ({"zh__push": "{{ nobody }}"}, "zh.push", "这段文字不能用"),
        ({"zh__sms": "看 https://x.example"}, "zh.sms", "这段文字不能用"),
        ({"zh__email_text": "{% for x in range(9) %}{% endfor %}"}, "zh.email_text", "这段文字不能用"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_changed(
    ctx: Context, author: Browser, values: dict[str, str], field: str, said: str
) -> None:
    before = snapshot(ctx)
    page = send(author, **values)
    assert author.status == 422
    assert f'id="{field}-e"' in page
    assert said in page
    for name, value in values.items():
        if name not in ("doors",) and "{" not in value:
            assert value in page
    assert snapshot(ctx) == before


def test_an_edit_voids_the_approval_and_bars_who_edited(app: Flask, ctx: Context, author: Browser) -> None:
    campaigns.submit(ctx, 1, "limeng")
    campaigns.approve(ctx, 1, "zhoulan")
    assert "要重新送审和批准" in author.open(PATH)
    send(author, basis="《条例》第九条")
    assert rows(ctx, "select state, approved_hash, reviewer from campaign") == [("draft", None, None)]


@pytest.mark.parametrize("state", ["running", "paused", "finished", "cancelled", "expired"])
def test_what_has_begun_is_not_edited(ctx: Context, author: Browser, state: str) -> None:
    form = author.form(PATH)
    with transaction(ctx.engine) as conn:
        conn.exec_driver_sql(f"update campaign set state = '{state}'")
    before = snapshot(ctx)
    assert author.client.get(PATH).status_code == 409
    assert author.client.post(PATH, data=form).status_code == 409
    assert snapshot(ctx) == before


@pytest.mark.parametrize("name", ["zhoulan", "shenqi"])
def test_only_authors_edit(app: Flask, ctx: Context, author: Browser, name: str) -> None:
    other = Browser(app).sign_in(operator=name)
    assert other.client.get(PATH).status_code == 403
    assert "修改活动" not in other.open("/console/campaigns/1")


def test_words_are_shown_as_words(author: Browser) -> None:
    page = send(author, basis="<script>alert(1)</script>", starts_at="2026-06-01T09:00")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
