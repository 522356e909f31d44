"""In a real browser: the registry of SMS templates, a campaign's cost, and the public check, on phones and desks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from werkzeug.serving import make_server

from pushsvc.app import create_app
from pushsvc.context import Context
from pushsvc.pipeline import sms_templates as registry
from pushsvc.store.access import Operator
from tests.features.test_browser import chromium, press, said
from tests.making import send_to
from tests.pipeline.vendors import ALIYUN, CODE, POLICY, TENCENT, approved, filed, with_routes, write
from tests.web.making import operators, rows
from tests.web.test_check import _LEFT, _SENT, KEY

pytestmark = pytest.mark.browser
OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true })"  # every drawer of a page
WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = {
    "registry": "/console/sms-templates",
    "campaign": "/console/campaigns/1",
    "check": "/check",
    "ours": "/check?code=7A2B5C",
    "fraud": "/check?code=FFFFFF&day=2026-06-24",
}


@dataclass(frozen=True)
class Desk:
    """A served city whose operator keeps the templates."""

    ctx: Context
    url: str


@pytest.fixture
def desk(ctx: Context) -> Iterator[Desk]:
    """Two vendors; templates in every state; a campaign, and an SMS that left."""
    ctx = with_routes(ctx, aliyun=ALIYUN, tencent=TENCENT)
    operators(ctx, Operator("limeng", "李萌", ("author", "sender")))
    first = filed(ctx, approved(ctx, write(ctx), last=date(2027, 6, 30)), "tencent", title=6)
    registry.refuse(ctx, first, "tencent", by="limeng", reason="模板内容与签名主体不一致，请补充授权书后重新提交")
    filed(ctx, write(ctx, POLICY.replace("不收费", "免费")), expected=date(2026, 7, 1))
    english = "${title}: ${until}. Free; no passwords. Call 12345, quote ${check}. Reply R to stop"
    filed(ctx, write(ctx, english, locale="en"))
    write(ctx, CODE, "code", kind="code")
    send_to(ctx, 1, state="draft", author="limeng")
    rows(ctx, _LEFT)
    rows(ctx, _SENT, key=KEY, at=ctx.clock())
    server = make_server("127.0.0.1", 0, create_app(ctx), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Desk(ctx, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    server.server_close()


def enter(driver: webdriver.Chrome, desk: Desk) -> None:
    """Sign in."""
    driver.get(f"{desk.url}/console/sign-in")
    driver.find_element(By.ID, "n").send_keys("limeng")
    driver.find_element(By.ID, "w").send_keys("right")
    press(driver, driver.find_element(By.CSS_SELECTOR, "main .btn.go"))


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_scrolls_sideways_with_every_drawer_open(desk: Desk, width: int) -> None:
    driver = chromium(width=width)
    try:
        enter(driver, desk)
        for lang in ("zh", "en"):
            for path in PAGES.values():
                driver.get(f"{desk.url}{path}{'&' if '?' in path else '?'}lang={lang}")
                driver.execute_script(OPEN)  # type: ignore[no-untyped-call]  # selenium has no types here
                assert driver.execute_script(WIDE) <= 0, path  # type: ignore[no-untyped-call]  # nor here
        severe = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        assert severe == []
    finally:
        driver.quit()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_code_is_checked_and_a_template_noted_by_hand(desk: Desk, scripts: bool) -> None:
    driver = chromium(scripts=scripts)
    try:
        driver.get(f"{desk.url}/check")
        driver.find_element(By.ID, "c").send_keys("7a2b5c")
        press(driver, driver.find_element(By.CSS_SELECTOR, "main .btn.go"))
        assert "是我们发的" in said(driver)
        enter(driver, desk)
        driver.get(f"{desk.url}/console/sms-templates")
        drawers = driver.find_elements(By.CSS_SELECTOR, "main summary")
        next(one for one in drawers if "登记答复" in one.text).click()
        button = next(
            one for one in driver.find_elements(By.CSS_SELECTOR, "details[open] .btn.go") if one.is_displayed()
        )
        press(driver, button)
        assert "已完成：已批准" in said(driver)
    finally:
        driver.quit()
