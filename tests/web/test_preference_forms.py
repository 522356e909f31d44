"""The preference forms: two tabs, twice the same, what was typed, and the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from pushsvc.context import Context
from pushsvc.pipeline.deliver import deliver_next
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_policy, moment, prefer
from tests.pipeline.conftest import memory, runner, sender
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows, snapshot
from tests.web.test_feed import firm_of
from tests.web.test_preferences import toast_form, wish

__all__ = ["memory", "runner", "sender"]  # fixtures of the pipeline's tests
PAGE = "/m/preferences"


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A signed-in person, number 1, on their settings."""
    browser = Browser(app).sign_in(person=person(ctx))
    browser.open(PAGE)
    return browser


def undo(browser: Browser) -> str:
    """Press the toast's button."""
    (action,) = re.findall(r'<form method="post" action="([^"]+)"', browser.page.partition('class="toast"')[2])[:1]
    browser.answer = browser.client.post(action, data=toast_form(browser), follow_redirects=True)
    return browser.page


def held(ctx: Context) -> dict[str, Any]:
    """The only preferences."""
    (row,) = rows(ctx, "select * from preference")
    return {name: value for name, value in row._mapping.items() if name != "updated_at"}


def test_two_tabs_each_save_what_was_changed_in_them(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    first, second = Browser(app).sign_in(person=someone), Browser(app).sign_in(person=someone)
    for tab in (first, second):
        tab.open(PAGE)
    first.send(f"{PAGE}/choices", {"talent.sms": None, "entitled": None})
    second.send(f"{PAGE}/choices", {"elder.email": None, "talent.app": None})
    found = held(ctx)
    assert found["channels"]["talent"] == {"app": False, "sms": False, "email": True}
    assert found["channels"]["elder"]["email"] is False
    assert found["entitled"] is False


def test_the_quiet_hours_of_one_tab_do_not_undo_the_pause_of_the_other(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    first, second = Browser(app).sign_in(person=someone), Browser(app).sign_in(person=someone)
    for tab in (first, second):
        tab.open(PAGE)
    first.send(f"{PAGE}/quiet", {"paused_until": "2026-07-01"})
    second.send(f"{PAGE}/quiet", {"quiet_from": "22:00", "quiet_to": "07:00"})
    assert str(held(ctx)["paused_until"]) == "2026-07-01"


def test_the_same_form_twice_is_harmless_and_says_so(ctx: Context, me: Browser) -> None:
    form = me.form(f"{PAGE}/choices") | {"shown": me.form(f"{PAGE}/choices")["shown"]}
    form.pop("talent.sms")
    me.client.post(f"{PAGE}/choices", data=form)
    before = snapshot(ctx)
    me.answer = me.client.post(f"{PAGE}/choices", data=form, follow_redirects=True)
    assert "没有改动" in me.page
    assert snapshot(ctx) == before


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("choices", {"talent.sms": None}, "已停止“人才与就业”的短信"),
        ("choices", {"email": None}, "已关闭邮件"),
        ("choices", {"talent.app": None, "talent.sms": None, "talent.email": None}, "已保存"),
        ("recommended", {"weekly_max": "1", "cadence": "weekly"}, "已保存"),
        ("unread", {"then.sms": "1", "escalate_hours": "4"}, "已保存"),
        ("quiet", {"quiet_from": "21:00", "quiet_to": "09:30", "paused_until": "2026-09-01"}, "已保存"),
        ("quiet", {"pause": "7"}, "已保存"),
    ],
)
def test_what_was_saved_goes_back_exactly(
    ctx: Context, me: Browser, part: str, change: dict[str, object], said: str
) -> None:
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, channels={"talent": {"sms": True}}, weekly_max=5, escalate_hours=36)
    before = held(ctx)
    shown = me.open(PAGE).partition("<main")[2]
    assert said in me.send(f"{PAGE}/{part}", change)
    assert held(ctx) != before
    assert "已恢复" in undo(me)
    after = held(ctx)
    assert after | {"channels": None} == before | {"channels": None}
    fields = re.compile(r'(?:name|value)="[^"]*"(?: checked| selected)?')
    again = me.open(PAGE).partition("<main")[2]
    tokens = re.compile(r'name="csrf_token" value="[^"]+"')
    assert fields.findall(tokens.sub("", again)) == fields.findall(tokens.sub("", shown))


def test_taking_back_leaves_what_another_tab_did_meanwhile(app: Flask, ctx: Context, me: Browser) -> None:
    me.send(f"{PAGE}/choices", {"talent.sms": None})
    other = Browser(app).sign_in(person=1)
    other.open(PAGE)
    other.send(f"{PAGE}/choices", {"elder.sms": None})
    undo(me)
    assert held(ctx)["channels"]["talent"]["sms"] is True
    assert held(ctx)["channels"]["elder"]["sms"] is False


@pytest.mark.parametrize(
    ("typed", "said", "place"),
    [
        ({"quiet_from": "22:00", "quiet_to": "", "paused_until": "2026-08-01"}, "开始和结束都要填", "q1"),
        ({"quiet_from": "22:00", "quiet_to": "22:00", "paused_until": "2026-08-01"}, "不能整天都不打扰", "q1"),
        ({"quiet_from": "21:15", "quiet_to": "07:45", "paused_until": "2020-01-01"}, "这一天已过", "z"),
        ({"quiet_from": "21:15", "quiet_to": "07:45", "paused_until": "someday"}, "请检查填写的内容", "z"),
        ({"quiet_from": "21:15+08:00", "quiet_to": "07:45", "paused_until": "2026-08-01"}, "请检查填写的内容", "q1"),
    ],
)
def test_a_refusal_keeps_what_was_typed_and_says_it_at_the_field(
    ctx: Context, me: Browser, typed: dict[str, object], said: str, place: str
) -> None:
    page = me.send(f"{PAGE}/quiet", typed)
    assert me.status == 422
    assert rows(ctx, "select 1 from preference") == []
    for name, value in typed.items():
        assert re.search(rf'name="{name}"[^>]*value="{re.escape(str(value))}"', page), name
    assert f'<a href="#{place}">' in page.partition('role="alert"')[2].partition("</section>")[0]
    assert said in page
    assert re.search(rf'id="{place}"[^>]*aria-invalid="true"', page)
    me.send(f"{PAGE}/quiet", {"quiet_from": "21:00", "quiet_to": "08:00", "paused_until": ""})
    assert (me.status, str(held(ctx)["quiet_from"])) == (200, "21:00:00")


def test_a_refused_grid_keeps_its_ticks(ctx: Context, me: Browser) -> None:
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, sms=False, quiet_from="08:00", quiet_to="22:00")
    me.open(PAGE)
    page = me.send(f"{PAGE}/choices", {"sms": "1", "talent.email": None})
    assert me.status == 422
    assert 'name="sms" value="1" checked' in page
    assert 'name="talent.email" value="1">' in page
    assert "推荐短信只在北京时间 8:00–22:00 发送" in page


def test_switching_recommendations_off_is_never_held_up_by_other_choices(ctx: Context, me: Browser) -> None:
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, quiet_from="08:00", quiet_to="22:00")  # a move of zone may leave no hour for an SMS
    me.open(PAGE)
    me.send(f"{PAGE}/personalised", {"on": None})
    assert held(ctx)["personalised"] is False


def test_taking_back_the_switch_that_gave_a_consent_takes_the_consent_back_too(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx, consent=("notify",)))
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, personalised=False)
    me.open(PAGE)
    me.send(f"{PAGE}/personalised", {"on": "1"})
    undo(me)
    assert held(ctx)["personalised"] is False
    query = "select given from consent where purpose = 'recommend' order by id"
    assert [row.given for row in rows(ctx, query)] == [True, False]


def test_what_was_dropped_is_said_and_that_it_does_not_come_back(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign, [someone], "recommended")
    plan(ctx, campaign)
    me = Browser(app).sign_in(person=someone)
    me.open(PAGE)
    assert "取消1条待发推荐" in me.send(f"{PAGE}/personalised", {"on": None})
    assert "刚才取消的 1 条不再补发" in undo(me)


@pytest.mark.parametrize(
    ("hours", "now", "said"),
    [
        (("21:00", "08:00"), "2026-06-24T22:10:00+08:00", "现在有新消息的话，明天 08:00 送达"),
        (("21:00", "08:00"), "2026-06-25T01:10:00+08:00", "现在有新消息的话，今天 08:00 送达"),
        (("21:00", "08:00"), "2026-06-24T12:00:00+08:00", "现在有新消息的话，马上送达"),
        ((None, None), "2026-06-24T23:30:00+08:00", "马上送达。为您推荐的短信，明天 08:00 送达"),
    ],
)
def test_the_next_delivery_is_said_before_it_comes(
    ctx: Context, clock: Clock, me: Browser, hours: tuple[str | None, str | None], now: str, said: str
) -> None:
    clock.now = moment(now)
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, quiet_from=hours[0], quiet_to=hours[1])
    me.sign_in(person=1)
    assert said in me.open(PAGE)


def test_a_pause_says_that_nothing_comes_later_and_ends_by_one_tap(ctx: Context, clock: Clock, me: Browser) -> None:
    page = me.send(f"{PAGE}/quiet", {"pause": "7"})
    assert "暂停到 2026年7月1日：这期间的新消息不发，以后也不补发" in page
    assert "现在有新消息的话" not in page
    me.send(f"{PAGE}/quiet", {"pause": "0"})
    assert held(ctx)["paused_until"] is None
    me.send(f"{PAGE}/quiet", {"paused_until": "2026-06-25"})
    clock.forward(hours=30)
    me.sign_in(person=1)
    assert "暂停到 2026" not in me.open(PAGE)


def test_each_topic_says_how_much_it_brings(ctx: Context, me: Browser, clock: Clock) -> None:
    publish(ctx, "a", 1)
    publish(ctx, "b", 2, topic="elder")
    with transaction(ctx.engine) as conn:
        old = tables.policy.update().where(tables.policy.c.ref == "b")
        conn.execute(old.values(published_at=moment("2026-01-01T00:00:00+08:00")))
    publish(ctx, "c", 3, topic="talent", state="withdrawn")
    clock.forward(minutes=6)
    page = me.open(PAGE)
    assert re.search(r'id="t-talent">人才与就业</b><small>近90天 1 条 · 即时', page)
    assert re.search(r'id="t-elder">养老与医保</b><small>近90天 0 条', page)


def test_the_language_is_kept_for_messages_too_and_goes_back(ctx: Context, me: Browser, sender: Any) -> None:
    assert "Messages and pages are in English from now on" in me.send(f"{PAGE}/language", {"locale": "en"})
    assert 'lang="en"' in me.page
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign, [1])
    plan(ctx, campaign)
    assert deliver_next(ctx, sender, "normal")
    (message,) = [one for channel in sender.channels.values() for one in channel.sent]
    assert "Reply R to stop" in message.text
    undo(me)
    assert 'lang="zh-CN"' in me.page.partition("<body")[0]
    assert one(ctx, "select locale from profile") == "zh"


def test_no_file_changes_a_language_that_was_chosen(ctx: Context, me: Browser) -> None:
    me.send(f"{PAGE}/language", {"locale": "zh"})
    upsert_profile(ctx, {"ref": "p1", "kind": "citizen", "locale": "en"})
    assert one(ctx, "select locale from profile") == "zh"
    upsert_profile(ctx, {"ref": "p2", "kind": "citizen", "locale": "zh"})
    upsert_profile(ctx, {"ref": "p2", "kind": "citizen", "locale": "en"})
    assert one(ctx, "select locale from profile where ref = 'p2'") == "en"


@pytest.mark.parametrize("bad", [{"locale": "fr"}, {"locale": ""}, {}])
def test_a_language_we_do_not_write_is_refused(ctx: Context, me: Browser, bad: dict[str, object]) -> None:
    me.send(f"{PAGE}/language", {"locale": None, **bad})
    assert me.status == 400


@pytest.mark.parametrize("shown", ["%zz&&&=", "a=b&" * 200, "\u202e" * 50, "talent.sms=1&talent.sms=2"])
def test_whatever_a_form_says_that_it_showed_breaks_nothing(me: Browser, shown: str) -> None:
    me.send(f"{PAGE}/choices", {"shown": shown})
    assert me.status in (200, 400)


@pytest.mark.parametrize("text", ["9" * 5000, "１２", "-1", "1e3", "\u200b3", "three"])
def test_what_is_no_number_is_refused(ctx: Context, me: Browser, text: str) -> None:
    me.send(f"{PAGE}/recommended", {"weekly_max": text})
    assert (me.status, rows(ctx, "select 1 from preference where weekly_max <> 12")) == (
        200 if text == "１２" else 422,
        [],
    )


def test_a_plain_member_sees_the_firms_tags_and_changes_what_is_their_own(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    firm = firm_of(ctx, someone, role="member")
    with transaction(ctx.engine) as conn:
        conn.execute(tables.profile.update().where(tables.profile.c.id == firm).values(interests=["科技创新"]))
    number = wish(ctx, firm, keyword="企业的关键词")
    me = Browser(app).sign_in(person=someone, acting=firm)
    page = me.open(PAGE)
    assert "这里是您本人的设置" in page
    assert 'class="chip info" lang="zh-CN">科技创新' in page
    assert "企业的关键词" in page
    assert "/m/tags/delete" not in page
    assert "/m/preferences/subscriptions" not in page
    me.send(f"{PAGE}/choices", {"talent.sms": None})
    assert one(ctx, "select profile_id from preference") == someone
    token = {"csrf_token": me.form(f"{PAGE}/choices")["csrf_token"], "tag": "科技创新"}
    for path in ("/m/tags/delete", f"{PAGE}/subscriptions/{number}/stop", f"{PAGE}/subscriptions"):
        assert me.client.post(path, data=token).status_code == 403, path


def leave(ctx: Context, of: int, to: int, *scopes: str) -> None:
    """Let one person act for another."""
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        row = {"profile_id": of, "person_id": to, "scopes": list(scopes), "wording": "1", "granted_at": now}
        row |= {"accepted_at": now, "expires_at": moment("2027-01-01T00:00:00+08:00")}
        conn.execute(insert(tables.proxy).values(**row))


def test_a_proxy_with_leave_to_manage_changes_the_others_choices_and_not_their_own(app: Flask, ctx: Context) -> None:
    father, daughter = person(ctx, 1, locale="en"), person(ctx, 2)
    leave(ctx, father, daughter, "read", "manage")
    me = Browser(app).sign_in(person=daughter, acting=father)
    page = me.open(PAGE)
    assert 'value="en" checked' in page
    assert "/m/preferences/export" not in page
    me.send(f"{PAGE}/choices", {"talent.sms": None})
    me.send(f"{PAGE}/language", {"locale": "zh"})
    assert one(ctx, "select profile_id from preference") == father
    assert dict(rows(ctx, "select id, locale from profile")) == {father: "zh", daughter: "zh"}
    assert len(rows(ctx, "select 1 from proxy_act where action like 'POST preferences.%'")) == 2


def test_a_proxy_who_may_only_read_is_shown_all_and_changes_nothing(app: Flask, ctx: Context) -> None:
    father, daughter = person(ctx, 1), person(ctx, 2)
    leave(ctx, father, daughter, "read")
    me = Browser(app).sign_in(person=daughter, acting=father)
    page = me.open(PAGE)
    assert "您可以查看，不能更改" in page
    boxes = re.findall(r'<input class="(?:tick|switch)"[^>]*>', page.partition("<main")[2])
    assert boxes
    assert all(" disabled" in box for box in boxes)
    token = {"csrf_token": me.form(f"{PAGE}/choices")["csrf_token"]}
    before = snapshot(ctx, but=("proxy_act",))
    parts = ("choices", "recommended", "unread", "quiet", "personalised", "language", "stop-all", "stop-all/undo")
    for part in (*parts, "agree"):
        assert me.client.post(f"{PAGE}/{part}", data=token | {"locale": "en", "at": "x"}).status_code == 403, part
    assert snapshot(ctx, but=("proxy_act",)) == before


@pytest.mark.parametrize("query", ["", "?lang=en", "?mode=elder&size=3"])
def test_the_page_offers_everything_and_stopping_last(me: Browser, query: str) -> None:
    page = me.open(f"{PAGE}{query}").partition("<main")[2].partition("</main>")[0]
    anchors = [
        page.index(f'id="{name}"') for name in ("recommended", "grid", "unread", "wishes", "quiet", "tags", "look")
    ]
    assert anchors == sorted(anchors)
    assert page.rindex("<form") == page.index("<form", page.index('id="stop-all"'))
    assert page.count('aria-current="true"') == 1
