"""Coming in: by a code that came by SMS, by the link in a message, by a host app's ticket; each of them once."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from pushsvc.links import sign_in_token
from tests.features.journeys import Home, Phone
from tests.web.making import api_key

pytestmark = pytest.mark.browser


def test_by_a_code_that_comes_by_sms(home: Home, phone: Phone) -> None:
    home.person()
    phone.open("/m/preferences")
    assert phone.visitor.page.url.endswith("/m/sign-in?next=/m/preferences")
    phone.fill(address="138 0000 1001")
    assert "验证码" in phone.press("main form .btn.go")
    (text,) = home.sent()["sms"]
    (code,) = re.findall(r"验证码\D*(\d{6})", text)
    phone.fill(code="000000" if code != "000000" else "111111")
    assert "验证码不对" in phone.press("main form .btn.go")
    phone.fill(code=code)
    assert "确认是您本人" in phone.press("main form .btn.go"), "nobody ever proved this number"
    phone.fill(born="1991-05-01")
    assert "与登记的不一致" in phone.press("main form .btn.go")
    phone.fill(born="1990-05-01")
    assert "通知设置" in phone.press("main form .btn.go")
    assert phone.visitor.page.url == f"{home.url}/m/preferences"


def test_a_stranger_sees_the_same_and_is_sent_nothing(home: Home, phone: Phone) -> None:
    phone.open("/m/sign-in")
    phone.fill(address="13900009999")
    assert "验证码" in phone.press("main form .btn.go")
    assert home.sent() == {}


def test_by_the_link_in_a_message_once(home: Home, phone: Phone) -> None:
    link = f"/m/enter/{sign_in_token(home.ctx.settings.secret_key, home.person(), home.clock())}"
    phone.open(link)
    phone.press("main .btn.go")
    assert phone.visitor.page.url == f"{home.url}/m/"
    phone.visitor.page.context.clear_cookies()
    phone.open(link)
    assert "链接已失效" in phone.press("main .btn.go")


def test_by_a_host_apps_ticket_once(home: Home, phone: Phone) -> None:
    home.person()
    headers = api_key(home.ctx, "tickets")
    given = home.app.test_client().post("/api/v1/tickets", json={"person": "mei"}, headers=headers).get_json()
    path = urlsplit(given["url"]).path
    enter(phone, path)
    assert phone.visitor.page.url == f"{home.url}/m/"
    assert "通知设置" in phone.open("/m/preferences")
    phone.visitor.page.context.clear_cookies()
    enter(phone, path)
    assert "链接已失效" in phone.said()


def enter(phone: Phone, path: str) -> None:
    """Open a ticket's address: script presses the button by itself."""
    page = phone.visitor.page
    page.goto(phone.home.url + path, wait_until="commit")
    if phone.scripts:
        page.locator("h1:not(:text('从政务服务应用登录'))").first.wait_for(state="attached")
    else:
        phone.press("main .btn.go")
