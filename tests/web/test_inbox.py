"""The resident's inbox: unread, read, put away; figures for a page that stays open; nobody else's letters."""

from __future__ import annotations

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.devices import register
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import send_to
from tests.pipeline.test_fan_out import with_vendors
from tests.pipeline.test_letters import without_device
from tests.web.browser import Browser
from tests.web.making import one, person, rows, snapshot
from tests.web.test_english import unmarked


def letter(ctx: Context, someone: int, key: str, **columns: object) -> int:
    row = {"wire_key": key, "recipient_id": someone, "profile_id": someone, "at": ctx.clock(), "body": "正文"}
    with transaction(ctx.engine) as conn:
        made = tables.inbox.insert().values(**(row | {"title": f"消息{key}"} | columns)).returning(tables.inbox.c.id)
        return int(conn.execute(made).scalar_one())


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """Person number 1 with three letters, one of them read."""
    someone = person(ctx)
    for key in "abc":
        letter(ctx, someone, key, read_at=ctx.clock() if key == "a" else None)
    return Browser(app).sign_in(person=someone)


def test_it_says_how_many_are_unread(me: Browser) -> None:
    page = me.open("/m/inbox")
    assert '<b class="count">2</b>' in page
    assert page.count("<b>未读</b>") == 2
    assert page.index("消息c") < page.index("消息a")
    assert "消息a" not in me.open("/m/inbox?view=unread")


def test_all_are_marked_read_but_for_those_put_away(me: Browser, ctx: Context) -> None:
    me.open("/m/inbox")
    me.send("/m/inbox/2/archive")
    assert "已将 1 条标为已读" in me.send("/m/inbox/read")
    assert rows(ctx, "select id from inbox where read_at is null") == [(2,)]
    assert "count" not in me.open("/m/inbox?view=unread").split("</nav>")[1].split("<h2>")[0]
    assert "没有未读的消息" in me.page


def test_a_letter_is_put_away_and_comes_back_by_undo_and_by_button(me: Browser, ctx: Context) -> None:
    me.open("/m/inbox")
    page = me.send("/m/inbox/3/archive")
    assert "已归档" in page
    assert "消息c" not in page.split("</nav>")[-1].split("</ul>")[0]
    assert one(ctx, "select read_at from inbox where id = 3") is None, "it is not read by that"
    assert "消息c" in me.send("/m/inbox/3/archive")  # undone: the form of the toast
    me.send("/m/inbox/3/archive")
    assert "消息c" in me.open("/m/inbox?view=archived")
    me.send("/m/inbox/3/archive", {"on": "0"})
    assert "没有归档的消息" in me.page
    assert one(ctx, "select archived_at from inbox where id = 3") is None


def test_putting_away_again_keeps_its_first_moment(me: Browser, ctx: Context, clock: Clock) -> None:
    me.open("/m/inbox")
    token = me.form("/m/inbox/3/archive")["csrf_token"]
    for _ in range(2):
        me.client.post("/m/inbox/3/archive", data={"csrf_token": token})
        clock.forward(hours=1)
    assert one(ctx, "select archived_at from inbox where id = 3") < clock.now.replace(minute=0)


@pytest.mark.parametrize("path", ["/m/inbox/{}", "/m/inbox/{}/read", "/m/inbox/{}/archive"])
def test_others_letters_are_not_there(me: Browser, ctx: Context, path: str) -> None:
    theirs = letter(ctx, person(ctx, 2), "z")
    token = me.open("/m/inbox") and me.form("/m/inbox/3/archive")["csrf_token"]
    before = snapshot(ctx)
    for number in (theirs, 99, 2**63 - 1):
        assert me.client.post(path.format(number), data={"csrf_token": token}).status_code == 404
    assert me.client.post(path.format(3)).status_code == 403  # without the token
    assert snapshot(ctx) == before
    assert "消息z" not in me.open("/m/inbox")


def test_a_page_that_stays_open_is_told_of_changes_alone(me: Browser, ctx: Context, clock: Clock) -> None:
    answer = me.client.get("/m/inbox.json")
    told = answer.get_json()
    assert (told["unread"], told["archived"], told["older"]) == (2, 0, None)
    assert [one["read"] for one in told["letters"]] == [False, False, True]
    assert told["letters"][0]["title"] == "消息c"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    seen = {answer.headers["ETag"]}
    me.open("/m/inbox")
    token = me.form("/m/inbox/3/archive")["csrf_token"]
    json = {"Accept": "application/json"}
    for path, more in (
        ("/m/inbox/2/read", {}),
        ("/m/inbox/3/archive", {}),
        ("/m/inbox/3/archive", {"on": "0"}),
        ("/m/inbox/1/archive", {}),
        ("/m/inbox/read", {}),
    ):
        clock.forward(seconds=1)
        done = me.client.post(path, data={"csrf_token": token, **more}, headers=json)
        assert set(done.get_json()) == {"unread", "archived"}
        tag = me.client.get("/m/inbox.json").headers["ETag"]
        assert me.client.get("/m/inbox.json", headers={"If-None-Match": tag}).status_code == 304
        seen.add(tag)
    letter(ctx, 1, "d")
    seen.add(me.client.get("/m/inbox.json").headers["ETag"])
    assert len(seen) == 6  # put back, it is as it was


def test_the_page_names_the_tag_that_the_poll_compares(me: Browser) -> None:
    page = me.open("/m/inbox?view=archived")
    tag = page.partition('data-tag="')[2].partition('"')[0]
    live = me.client.get("/m/inbox.json?view=archived&limit=1").get_json()
    assert live["shape"] == tag == page.partition('data-shape="')[2].partition('"')[0]
    assert live["state"] == "archived"


@pytest.mark.parametrize(
    ("query", "ids", "older"),
    [
        ("limit=2", [3, 2], 2),
        ("limit=2&before=2", [1], None),
        ("view=unread", [3, 2], None),
        ("view=archived", [], None),
        ("limit=0", [3], 3),
        ("limit=x&before=y", [3, 2, 1], None),
        ("limit=999999999999", [3, 2, 1], None),
    ],
)
def test_it_is_read_page_by_page(me: Browser, query: str, ids: list[int], older: int | None) -> None:
    told = me.client.get(f"/m/inbox.json?{query}").get_json()
    assert ([one["id"] for one in told["letters"]], told["older"]) == (ids, older)


def test_a_view_there_is_not_is_404(me: Browser) -> None:
    for path in ("/m/inbox?view=spam", "/m/inbox.json?view=spam"):
        assert me.client.get(path).status_code == 404


def test_a_stranger_is_told_nothing(browser: Browser) -> None:
    assert browser.client.get("/m/inbox.json").status_code == 303


def test_in_english_what_stays_chinese_says_so(me: Browser) -> None:
    me.open("/m/inbox?lang=en")
    me.send("/m/inbox/3/archive")
    for view in ("inbox", "unread", "archived"):
        assert unmarked(me.open(f"/m/inbox?view={view}")) == [], view
    assert "Archived" in me.page


def test_what_was_read_all_at_once_is_opened_and_teaches_nobody(app: Flask, ctx: Context) -> None:
    sent = send_to(ctx, 1, channels=("app",))
    without_device(ctx, sent, *sent.people)
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, with_vendors(ctx, Sender({}, lambda call: None, "test")), "normal")
    me = Browser(app).sign_in(person=sent.people[0])
    me.open("/m/inbox")
    me.send("/m/inbox/read")
    assert one(ctx, "select state from delivery") == "opened"
    assert one(ctx, "select count(*) from feedback") == 0


def test_the_app_around_the_page_registers_its_phone(app: Flask, ctx: Context) -> None:
    me, other = (Browser(app).sign_in(person=person(ctx, n)) for n in (1, 2))
    tokens = [who.open("/m/preferences") and who.form("/m/preferences/quiet")["csrf_token"] for who in (me, other)]
    given = {"platform": "jpush", "token": "registration-id-1"}
    assert me.client.post("/m/phone", data=given).status_code == 403  # without the session's own token
    assert me.client.post("/m/phone", data=given | {"csrf_token": tokens[0]}).get_json() == {"id": 1}
    left = other.client.post("/m/phone/leave", data=given | {"csrf_token": tokens[1]})
    assert left.get_json() == {"forgotten": False}
    for bad, status in (({"platform": "wechat"}, 400), ({"token": ""}, 422), ({"token": "a" * 5000}, 413)):
        answer = me.client.post("/m/phone", data=given | bad | {"csrf_token": tokens[0]})
        assert answer.status_code == status
    assert me.client.post("/m/phone/leave", data=given | {"csrf_token": tokens[0]}).get_json() == {"forgotten": True}
    assert one(ctx, "select count(*) from device") == 0


def test_phones_are_not_registered_without_end(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    token = me.open("/m/preferences") and me.form("/m/preferences/quiet")["csrf_token"]
    given = {"csrf_token": token, "platform": "jpush"}
    answers = [me.client.post("/m/phone", data=given | {"token": f"r{n}"}).status_code for n in range(61)]
    assert answers == [200] * 60 + [429]
    register(ctx, 1, "jpush", "r")
    assert one(ctx, "select count(*) from device where dropped_at is null") == 10
