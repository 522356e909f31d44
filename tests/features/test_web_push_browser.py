"""In a real browser: the switch is there in both languages and widths, the service worker shows each message once.

No push service is reached: joining one needs the network, so a browser's own refusal is what the page shows here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.features.test_browser import PATIENCE, Town, chromium, said, sign_in, town

__all__ = ["town"]  # a fixture, used by its name

pytestmark = pytest.mark.browser
READY = "navigator.serviceWorker.ready.then(() => true).then(arguments[0])"
STANDING = """
navigator.serviceWorker.ready.then((it) => it.getNotifications())
  .then((all) => arguments[0](all.map((one) => [one.title, one.body, one.tag, one.data.url, one.silent])))
"""
CLOSE = """
navigator.serviceWorker.ready.then((it) => it.getNotifications())
  .then((all) => { all.forEach((one) => one.close()); arguments[0](true); })
"""


@pytest.fixture
def phone() -> Iterator[webdriver.Chrome]:
    """A phone with script."""
    driver = chromium()
    yield driver
    driver.quit()


def opened(driver: webdriver.Chrome, town: Town, query: str = "") -> None:
    """The page, once its worker is at work."""
    sign_in(driver, town)
    driver.get(f"{town.url}/m/devices{query}")
    assert driver.execute_async_script(READY) is True
    WebDriverWait(driver, PATIENCE).until(lambda it: it.find_element(By.ID, "here-on").is_displayed())


def push(driver: webdriver.Chrome, town: Town, told: dict[str, str]) -> None:
    """What a push service would hand to the browser for this site, as it does when it decrypted a message."""
    grant = {"permissions": ["notifications"], "origin": town.url}
    driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    driver.execute_cdp_cmd("ServiceWorker.enable", {})
    data = {"origin": town.url, "registrationId": "0", "data": json.dumps(told)}
    driver.execute_cdp_cmd("ServiceWorker.deliverPushMessage", data)


def standing(driver: webdriver.Chrome, n: int) -> list[list[Any]]:
    """The notifications, once there are n."""
    WebDriverWait(driver, PATIENCE).until(lambda it: len(it.execute_async_script(STANDING)) == n)
    found: list[list[Any]] = driver.execute_async_script(STANDING)
    return found


def test_the_worker_shows_a_message_once(town: Town, phone: webdriver.Chrome) -> None:
    opened(phone, town)
    first = {"title": "人才安居补贴", "text": "6月30日截止", "url": "/m/inbox", "key": "a" * 32}
    push(phone, town, first)
    expected = [["人才安居补贴", "6月30日截止", "a" * 32, "/m/inbox", False]]
    assert standing(phone, 1) == expected
    push(phone, town, first)
    push(phone, town, {**first, "title": "另一条", "key": "b" * 32})
    assert sorted(row[2][0] for row in standing(phone, 2)) == ["a", "b"], "the same key stands once"
    phone.execute_async_script(CLOSE)
    push(phone, town, first)
    push(phone, town, {**first, "title": "第三条", "key": "c" * 32})
    assert [row[2][0] for row in standing(phone, 1)] == ["c"], "what was put away does not come back"


@pytest.mark.parametrize(("width", "lang"), [(360, "zh"), (360, "en"), (1280, "zh"), (1280, "en")])
def test_the_switch_fits_in_both_languages(town: Town, width: int, lang: str) -> None:
    driver = chromium(width=width)
    try:
        opened(driver, town, f"?lang={lang}")
        words = {"zh": "消息推送到此设备", "en": "Push messages to this device"}[lang]
        assert words in said(driver)
        assert "不能接收推送" not in said(driver)
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert driver.execute_script(wide) <= 0  # type: ignore[no-untyped-call]  # selenium has no types here
        assert [one["message"] for one in driver.get_log("browser") if one["level"] == "SEVERE"] == []
        box = driver.find_element(By.ID, "here-on")
        assert box.accessible_name.startswith(words)
        assert not box.is_selected()
        form = driver.find_element(By.ID, "push").rect
        assert form["x"] + form["width"] - box.rect["x"] - box.rect["width"] <= 1, "at the end of its row"
    finally:
        driver.quit()


def test_without_script_the_page_explains(town: Town) -> None:
    driver = chromium(scripts=False)
    try:
        sign_in(driver, town)
        driver.get(f"{town.url}/m/devices")
        assert "消息都在“收到的消息”里" in said(driver)
        assert not driver.find_element(By.ID, "here-on").is_displayed()
    finally:
        driver.quit()


def test_a_browser_that_refuses_is_said_so(town: Town, phone: webdriver.Chrome) -> None:
    opened(phone, town)
    phone.execute_cdp_cmd(
        "Browser.setPermission",
        {"permission": {"name": "notifications"}, "setting": "denied", "origin": town.url},
    )
    phone.find_element(By.ID, "here-on").click()
    WebDriverWait(phone, PATIENCE).until(lambda it: "浏览器不允许本站发通知" in said(it))
    box = phone.find_element(By.ID, "here-on")
    WebDriverWait(phone, PATIENCE).until(lambda _: box.is_enabled())
    assert not box.is_selected()
