"""Push to this device: what a browser tells of itself is checked, kept for its reader alone, forgotten at a press."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from channels.signers.base64url import encode
from channels.signers.vapid import Vapid
from pushsvc.context import Context
from pushsvc.key_files import KeyFileError, vapid_key
from pushsvc.pipeline import devices
from pushsvc.pipeline.web_push import options, public_key, services
from pushsvc.settings import SettingsError, read_settings
from pushsvc.web.static_files import FOLDER
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, person, rows
from tests.web.test_english import unmarked

POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
LIVE = "select count(*) from device where dropped_at is null"


def subscription(name: str = "one", host: str = "fcm.googleapis.com", **changes: object) -> str:
    """What a browser's `PushSubscription.toJSON()` holds."""
    told: dict[str, object] = {"endpoint": f"https://{host}/wp/{name}", "expirationTime": None}
    return json.dumps(told | {"keys": {"p256dh": POINT, "auth": encode(b"0123456789abcdef")}} | changes)


class Page:
    """The page with its script, as far as the server sees it."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.browser.open("/m/devices")
        self.token = self.browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def post(self, path: str, given: str, **more: str) -> tuple[int, dict[str, object]]:
        """What the script is answered."""
        data = {"csrf_token": self.token, "subscription": given, **more}
        answer = self.browser.client.post(path, data=data)
        return answer.status_code, answer.get_json(silent=True) or {}


@pytest.fixture
def page(app: Flask, ctx: Context) -> Page:
    """The page of person number 1."""
    return Page(Browser(app).sign_in(person=person(ctx)))


def test_a_browser_joins_is_listed_and_leaves(ctx: Context, page: Page, clock: Clock) -> None:
    status, told = page.post("/m/devices", subscription())
    assert (status, list(told)) == (200, ["id"])
    assert "最近使用：" in page.browser.open("/m/devices")
    assert page.post("/m/devices/leave", subscription()) == (200, {"forgotten": True})
    assert page.post("/m/devices/leave", subscription()) == (200, {"forgotten": False})
    assert "还没有设备。" in page.browser.open("/m/devices")


def test_what_the_sender_reads_is_what_the_browser_gave(ctx: Context, page: Page) -> None:
    page.post("/m/devices", subscription())
    ((found,),) = devices.finder(ctx, ("web",))([1]).values()
    assert json.loads(found[1]) == {
        "endpoint": "https://fcm.googleapis.com/wp/one",
        "p256dh": POINT,
        "auth": encode(b"0123456789abcdef"),
    }
    assert b"fcm" not in bytes(one(ctx, "select token from device"))


def test_seen_again_it_is_one_device_of_a_later_day(ctx: Context, page: Page, clock: Clock) -> None:
    page.post("/m/devices", subscription())
    later = clock.forward(hours=1)
    page.post("/m/devices", subscription())
    assert rows(ctx, "select last_seen_at from device") == [(later,)]
    assert later - clock() == timedelta(0)


def test_the_list_removes_one_without_any_script(ctx: Context, page: Page) -> None:
    page.post("/m/devices", subscription("one"))
    page.post("/m/devices", subscription("two"))
    number = one(ctx, "select max(id) from device")
    page.browser.open("/m/devices")
    assert "已移除。这台设备不再收到推送" in page.browser.send(f"/m/devices/{number}/forget")
    assert one(ctx, LIVE) == 1


def test_nobody_removes_anothers(app: Flask, ctx: Context, page: Page) -> None:
    page.post("/m/devices", subscription())
    other = Page(Browser(app).sign_in(person=person(ctx, 2)))
    number = one(ctx, "select id from device")
    answer = other.browser.client.post(f"/m/devices/{number}/forget", data={"csrf_token": other.token})
    assert answer.status_code == 404
    assert other.post("/m/devices/leave", subscription()) == (200, {"forgotten": False})
    assert one(ctx, LIVE) == 1


def test_a_browser_that_changes_hands_tells_its_new_reader_alone(app: Flask, ctx: Context, page: Page) -> None:
    page.post("/m/devices", subscription())
    Page(Browser(app).sign_in(person=person(ctx, 2))).post("/m/devices", subscription())
    assert rows(ctx, "select recipient_id from device where dropped_at is null") == [(2,)]


def test_at_most_ten_devices_each(ctx: Context, page: Page, clock: Clock) -> None:
    for n in range(12):
        clock.forward(minutes=1)
        page.post("/m/devices", subscription(str(n)))
    assert one(ctx, LIVE) == 10
    assert page.browser.open("/m/devices").count("/forget") == 10


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "null",
        "[" * 3000,
        subscription(host="evil.example"),
        subscription(host="127.0.0.1"),
        subscription(host="169.254.169.254"),
        subscription(host="fcm.googleapis.com:22"),
        subscription(endpoint="http://fcm.googleapis.com/x"),
        subscription(endpoint="https://fcm.googleapis.com/x\r\nHost: y"),
        subscription(keys=None),
        subscription(keys={"p256dh": "x", "auth": "y"}),
    ],
)
def test_what_is_no_subscription_is_refused(ctx: Context, page: Page, given: str) -> None:
    assert page.post("/m/devices", given) == (422, {"code": "bad_token"})
    assert one(ctx, "select count(*) from device") == 0


def test_what_is_too_long_is_refused(page: Page) -> None:
    assert page.post("/m/devices", "x" * 5000)[0] == 413


def test_without_the_token_nothing_is_changed(ctx: Context, page: Page) -> None:
    for path in ("/m/devices", "/m/devices/leave"):
        assert page.post(path, subscription(), csrf_token="x")[0] == 403
        headers = {"Content-Type": "application/json"}
        assert page.browser.client.post(path, data=subscription(), headers=headers).status_code == 403
        told = {"csrf_token": page.token, "subscription": subscription()}
        elsewhere = {"Origin": "https://evil.example"}
        assert page.browser.client.post(path, data=told, headers=elsewhere).status_code == 403
    assert one(ctx, "select count(*) from device") == 0


def test_who_asks_too_often_is_told(page: Page) -> None:
    said = [page.post("/m/devices", subscription())[0] for _ in range(61)]
    assert (said[:60], said[60]) == ([200] * 60, 429)


def test_a_stranger_has_no_devices(browser: Browser, ctx: Context) -> None:
    assert browser.client.get("/m/devices").status_code == 303
    assert browser.client.post("/m/devices", data={"subscription": subscription()}).status_code in (303, 403)


def test_the_worker_comes_from_where_its_scope_is(browser: Browser) -> None:
    answer = browser.client.get("/m/service-worker.js")
    assert answer.data == (FOLDER / "service-worker.js").read_bytes()
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    etag = answer.headers["ETag"]
    assert browser.client.get("/m/service-worker.js", headers={"If-None-Match": etag}).status_code == 304


def test_the_page_gives_the_key_that_messages_are_signed_with(ctx: Context, page: Page) -> None:
    made = options(ctx.settings)
    vapid = Vapid(str(made["vapid_key"]), str(made["subject"]))
    assert f'data-key="{vapid.public}"' in page.browser.page
    assert vapid.public == public_key(ctx.settings)
    assert made["subject"] == "mailto:policy@jianglan.example"


def test_without_a_key_there_is_no_switch(make_app: Callable[..., Flask], ctx: Context) -> None:
    found = Browser(make_app(vapid_key="")).sign_in(person=person(ctx)).open("/m/devices")
    assert "push.js" not in found
    assert "data-key" not in found
    assert "这个浏览器不能接收推送" in found


def test_the_page_says_in_english_what_it_says_in_chinese(app: Flask, ctx: Context, page: Page) -> None:
    page.post("/m/devices", subscription())
    found = page.browser.open("/m/devices?lang=en")
    assert "Push messages to this device" in found
    assert unmarked(found) == []


def test_the_settings_name_further_services(ctx: Context) -> None:
    found = services(
        read_settings({"PUSHSVC_VAR": str(ctx.settings.var), "PUSHSVC_PUSH_HOSTS": "a.example *.b.example"})
    )
    assert found[-2:] == ("a.example", "*.b.example")
    assert "fcm.googleapis.com" in found


def test_the_key_is_derived_or_given(ctx: Context) -> None:
    assert vapid_key(None, b"a") == vapid_key("", b"a") != vapid_key(None, b"b")
    given = encode(b"\7" * 32)
    assert vapid_key(given, b"a") == given
    with pytest.raises(KeyFileError, match="PUSHSVC_VAPID_KEY"):
        vapid_key("x", b"a")
    with pytest.raises(SettingsError, match="PUSHSVC_VAPID_KEY"):
        read_settings({"PUSHSVC_VAR": str(ctx.settings.var), "PUSHSVC_VAPID_KEY": "x"})


def test_a_service_that_the_settings_name_may_be_joined(make_app: Callable[..., Flask], ctx: Context) -> None:
    app = make_app(push_hosts="*.push.example")
    page = Page(Browser(app).sign_in(person=person(ctx)))
    assert page.post("/m/devices", subscription(host="cn1.push.example"))[0] == 200
    assert page.post("/m/devices", subscription(host="push.example"))[0] == 422
