"""What a person decides acts at once, can be undone, and touches nobody else."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Wish, save_wishes
from tests.making import prefer
from tests.web.browser import Browser
from tests.web.making import one, person, rows


def wish(ctx: Context, profile: int, ref: str = "w", **keys: object) -> int:
    """A subscription."""
    with transaction(ctx.engine) as conn:
        save_wishes(conn, [Wish(profile, ref, **(keys or {"themes": ("talent",)}))], ctx.clock())  # type: ignore[arg-type]
    return int(one(ctx, "select max(id) from subscription"))


def toast_form(browser: Browser) -> dict[str, str]:
    """What the button of the toast sends."""
    inside = browser.page.partition('class="toast"')[2].partition("</form>")[0]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inside)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A signed-in person, number 1, on their settings."""
    browser = Browser(app).sign_in(person=person(ctx, interests=["租房", "科技创新"]))
    browser.open("/m/preferences")
    return browser


def test_switching_recommendations_off_works_at_once_and_is_undone(ctx: Context, me: Browser) -> None:
    page = me.send("/m/preferences/personalised", {"on": None})
    assert "已立即关闭，取消0条待发推荐" in page
    assert one(ctx, "select personalised from preference") is False
    me.client.post("/m/preferences/personalised", data=me.form("/m/preferences/personalised") | {"on": "1"})
    assert one(ctx, "select personalised from preference") is True


def test_taking_back_the_switch_gives_no_consent_that_was_not_there(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx, 2, consent=()))
    me.open("/m/preferences")
    me.send("/m/preferences/personalised", {"on": None})
    data = toast_form(me)
    assert data["on"] == "1"
    me.client.post("/m/preferences/personalised", data=data)
    assert one(ctx, "select personalised from preference") is True
    assert rows(ctx, "select 1 from consent where purpose = 'recommend'") == []


def test_the_grid_is_kept_as_it_was_ticked(ctx: Context, me: Browser) -> None:
    me.send("/m/preferences/choices", {"talent.sms": None, "email": None})
    me.send("/m/preferences/recommended", {"weekly_max": "5", "cadence": "weekly"})
    (row,) = rows(ctx, "select channels, email, weekly_max, cadence, sms from preference")
    assert row.channels["talent"] == {"app": True, "sms": False, "email": True}
    assert (row.email, row.weekly_max, row.cadence, row.sms) == (False, 5, "weekly", True)
    assert 'name="talent.sms" value="1">' in me.open("/m/preferences")


@pytest.mark.parametrize("bad", [{"weekly_max": "-1"}, {"weekly_max": "9999"}, {"cadence": "hourly"}, {"cadence": ""}])
def test_a_choice_that_cannot_be_kept_changes_nothing(ctx: Context, me: Browser, bad: dict[str, object]) -> None:
    me.send("/m/preferences/recommended", {"weekly_max": "5", "cadence": "daily", **bad})
    assert me.status == 422
    assert rows(ctx, "select 1 from preference") == []


def test_quiet_hours_need_both_ends(ctx: Context, me: Browser) -> None:
    me.send("/m/preferences/quiet", {"quiet_from": "22:00"})
    assert me.status == 422
    me.send("/m/preferences/quiet", {"quiet_from": "22:00", "quiet_to": "07:30"})
    assert [str(value) for value in rows(ctx, "select quiet_from, quiet_to from preference")[0]] == [
        "22:00:00",
        "07:30:00",
    ]


@pytest.mark.parametrize("day", ["2026-06-24", "2020-01-01"])
def test_a_pause_ends_in_the_future(me: Browser, day: str) -> None:
    assert "这一天已过" in me.send("/m/preferences/quiet", {"paused_until": day})
    assert me.status == 422


def test_what_is_no_date_is_refused(me: Browser) -> None:
    me.send("/m/preferences/quiet", {"paused_until": "someday"})
    assert me.status == 422


def test_a_deleted_tag_is_gone_until_undone(ctx: Context, me: Browser) -> None:
    me.send("/m/tags/delete", {"tag": "租房"})
    assert one(ctx, "select interests from profile") == ["科技创新"]
    me.send("/m/tags/restore")
    assert one(ctx, "select interests from profile") == ["科技创新", "租房"]


def test_stopping_everything_withdraws_consent_and_says_so(ctx: Context, me: Browser) -> None:
    assert "现在不会给您发通知" in me.send("/m/preferences/stop-all")
    latest = "select distinct on (purpose) purpose, given from consent order by purpose, id desc"
    assert dict(rows(ctx, latest)) == {"notify": False, "recommend": False}
    assert "现在不会给您发通知" not in me.send("/m/preferences/agree")


def test_the_export_holds_everything_and_only_ones_own(app: Flask, ctx: Context) -> None:
    person(ctx, 2)
    someone = person(ctx, 1)
    answer = Browser(app).sign_in(person=someone).client.get("/m/preferences/export")
    held = json.loads(answer.data)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert held["profile"]["ref"] == "p1"
    assert {one_["value"] for one_ in held["addresses"]} == {"+8613800000001", "person1@city.example"}
    assert '"p2"' not in answer.get_data(as_text=True)


def test_erasing_needs_a_tick_and_signs_out(ctx: Context, me: Browser) -> None:
    me.open("/m/preferences/erase")
    me.send("/m/preferences/erase")
    assert one(ctx, "select erased_at from profile") is None
    assert "已删除" in me.send("/m/preferences/erase", {"sure": "1"})
    assert one(ctx, "select erased_at from profile") is not None
    assert me.client.get("/m/").status_code == 303


def test_addresses_are_masked_on_the_page(me: Browser) -> None:
    assert "138****0001" in me.page
    assert "13800000001" not in me.page


def test_a_wish_cannot_run_a_script(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    wish(ctx, someone, keyword="<script>x</script>")
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, someone, weekly_max=5)
    assert "<script>x" not in Browser(app).sign_in(person=someone).open("/m/preferences")


def test_what_follows_an_unread_message_is_kept_as_it_was_ticked(ctx: Context, me: Browser) -> None:
    me.send("/m/preferences/unread", {"then.sms": "1", "escalate_hours": "48"})
    (row,) = rows(ctx, "select escalate, escalate_hours, channel_order from preference")
    assert tuple(row) == (["sms"], 48, [])
    page = me.open("/m/preferences")
    assert ('name="then.sms" value="1" checked' in page, 'name="then.email" value="1" checked' in page) == (True, False)
    assert '<option value="48" selected>48 小时' in page


def test_hours_that_were_set_elsewhere_are_not_changed_by_saving_the_page(ctx: Context, me: Browser) -> None:
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, escalate_hours=36)
    me.open("/m/preferences")
    me.send("/m/preferences/unread", {"then.email": "1"})
    assert one(ctx, "select escalate_hours from preference") == 36


def test_the_order_of_channels_is_offered_from_sixty_five_on(app: Flask, ctx: Context, me: Browser) -> None:
    assert "channel_order" not in me.page
    old = Browser(app).sign_in(person=person(ctx, 2, birth_date=date(1950, 1, 1)))
    old.open("/m/preferences")
    old.send("/m/preferences/unread", {"channel_order": "sms,app,email"})
    assert one(ctx, "select channel_order from preference") == ["sms", "app", "email"]
    assert 'value="sms,app,email" checked' in old.open("/m/preferences")
    form = me.form("/m/preferences/unread") | {"channel_order": "sms"}
    assert me.client.post("/m/preferences/unread", data=form).status_code == 422


def test_quiet_hours_that_leave_no_hour_for_a_suggested_sms_say_so(ctx: Context, me: Browser) -> None:
    page = me.send("/m/preferences/quiet", {"quiet_from": "08:00", "quiet_to": "22:00"})
    assert "推荐短信只在北京时间 8:00–22:00 发送" in page
    assert 'aria-describedby="q-e"' in page
    assert rows(ctx, "select 1 from preference") == []
