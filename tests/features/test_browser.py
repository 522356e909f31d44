"""In a real browser: open the feed, follow "why", unsubscribe; nothing scrolls sideways and nothing breaks the CSP."""

from __future__ import annotations

import asyncio
import email
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.policy import default
from shutil import which
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as until
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

from channels.base import Message
from channels.memory import MemoryChannel
from pushsvc.app import create_app
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.links import sign_in_token, unsubscribe_token
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.settings import Settings
from pushsvc.store.session import Engine, transaction
from tests.clock import Clock
from tests.making import make_campaign, prefer
from tests.web.making import AUTHOR, REVIEWER, one, operators, person, publish, rows
from tests.web.test_preferences import wish

pytestmark = pytest.mark.browser
PATIENCE = 10.0
CRITERIA = {"all": [{"fact": "age", "ge": 60, "clause": "第二条"}, {"fact": "owns_home", "eq": False}]}


@dataclass(frozen=True)
class Town:
    """A served city: its address, a resident who subscribed, the policy they were told of."""

    ctx: Context
    url: str
    resident: int
    policy: int
    subscription: int


@pytest.fixture
def town(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Iterator[Town]:
    """The application on a port of its own."""
    ctx = Context(settings=settings, engine=engine, keyring=keyring, clock=clock)
    server = make_server("127.0.0.1", 0, create_app(ctx), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    resident = person(ctx, birth_date=date(1950, 1, 1), interests=["租房"], channels=("app", "sms", "email"))
    policy = publish(ctx, criteria=CRITERIA, amount="每人每月1500元,最长36个月", window_closes=date(2026, 6, 30))
    yield Town(ctx, f"http://127.0.0.1:{server.port}", resident, policy, wish(ctx, resident))
    server.shutdown()
    server.server_close()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """With script and without it: every page works both ways."""
    return bool(request.param)


def chromium(*, scripts: bool = True, width: int = 360) -> webdriver.Chrome:
    """A headless Chromium that looks like a phone of this width."""
    options = webdriver.ChromeOptions()
    options.binary_location = which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    wishes: dict[str, object] = {"intl.accept_languages": "zh-CN"}
    if not scripts:
        wishes["profile.managed_default_content_settings.javascript"] = 2
    options.add_experimental_option("prefs", wishes)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(which("chromedriver") or ""))
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    return driver


@pytest.fixture
def phone(scripts: bool) -> Iterator[webdriver.Chrome]:
    """A phone, 360 px wide."""
    driver = chromium(scripts=scripts)
    yield driver
    driver.quit()


def press(driver: webdriver.Chrome, element: WebElement) -> None:
    """Press it and wait for the page it leads to."""
    page = driver.find_element(By.TAG_NAME, "html")
    driver.execute_cdp_cmd("Runtime.evaluate", {"expression": "0"})
    element.click()
    WebDriverWait(driver, PATIENCE).until(lambda _: is_gone(page))
    WebDriverWait(driver, PATIENCE).until(until.presence_of_element_located((By.TAG_NAME, "footer")))


def is_gone(element: WebElement) -> bool:
    """Whether the page it stood on has been left; while pages change, the driver says so in more than one way."""
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


def sign_in(driver: webdriver.Chrome, town: Town) -> None:
    """Come in by a signed link."""
    driver.get(f"{town.url}/m/enter/{sign_in_token(town.ctx.settings.secret_key, town.resident, town.ctx.clock())}")
    press(driver, driver.find_element(By.CSS_SELECTOR, "main .btn.go"))


def said(driver: webdriver.Chrome) -> str:
    """The page's text."""
    return driver.find_element(By.TAG_NAME, "body").text


def test_a_resident_sees_why_and_unsubscribes(town: Town, phone: webdriver.Chrome) -> None:
    sign_in(phone, town)
    assert "可能符合" in said(phone)
    assert "因您订阅了" in said(phone)
    press(phone, phone.find_element(By.CSS_SELECTOR, "article h2 a"))
    assert "为什么：逐条对照" in said(phone)
    assert "年龄不少于60岁" in said(phone)
    assert "还差 1 项信息就能判断" in said(phone)
    who = {"delivery_id": None, "recipient_id": town.resident, "profile_id": town.resident, "policy_id": town.policy}
    phone.get(f"{town.url}/u/{unsubscribe_token(town.ctx.settings.secret_key, door='subscribed', **who)}")
    assert one(town.ctx, "select ended_at from subscription") is None, "opening the link stops nothing"
    press(phone, phone.find_element(By.CSS_SELECTOR, "main .btn.go"))
    assert "已停止。" in said(phone)
    assert one(town.ctx, "select ended_at from subscription") == town.ctx.clock()


def test_the_link_in_a_mail_stops_the_next_campaign(town: Town, phone: webdriver.Chrome) -> None:
    with transaction(town.ctx.engine) as conn:
        prefer(conn, town.ctx, town.resident, app=False, sms=False)
    (mail,) = run_campaign(town, town.policy)
    link = re.search(r"http\S+/u/\S+", body_of(mail))
    assert link is not None
    phone.get(town.url + urlsplit(link[0]).path)
    press(phone, phone.find_element(By.CSS_SELECTOR, "main .btn.go"))
    assert "已停止。" in said(phone)
    assert run_campaign(town, publish(town.ctx, "policy-2", 2)) == []
    press(phone, phone.find_element(By.CSS_SELECTOR, ".toast .btn, main form .btn"))
    assert len(run_campaign(town, publish(town.ctx, "policy-3", 3))) == 1


def run_campaign(town: Town, policy: int) -> list[Message]:
    """Push a policy through the subscribed door, all steps; returns the mails that left."""
    with transaction(town.ctx.engine) as conn:
        number = make_campaign(conn, town.ctx, policy)
    audience(town.ctx, number)
    plan(town.ctx, number)
    relay = MemoryChannel("email", clock=town.ctx.clock)
    with asyncio.Runner() as loop:
        while deliver_next(town.ctx, Sender({"email": relay}, loop.run, "test"), "normal"):
            pass
    return relay.sent


def body_of(mail: Message) -> str:
    """The text part of a mail."""
    part = email.message_from_bytes(mail.raw, policy=default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_the_switch_works_at_once(town: Town, phone: webdriver.Chrome, scripts: bool) -> None:
    sign_in(phone, town)
    phone.get(f"{town.url}/m/preferences")
    switch = phone.find_element(By.ID, "rec")
    if scripts:
        press(phone, switch)
    else:
        switch.click()
        press(phone, phone.find_element(By.CSS_SELECTOR, "form.row .nojs"))
    assert "已立即关闭" in said(phone)
    assert one(town.ctx, "select personalised from preference") is False
    press(phone, phone.find_element(By.CSS_SELECTOR, ".toast .btn"))
    assert one(town.ctx, "select personalised from preference") is True


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways_or_breaks_the_policy(town: Town, width: int) -> None:
    operators(town.ctx, AUTHOR, REVIEWER)
    with transaction(town.ctx.engine) as conn:
        number = make_campaign(conn, town.ctx, town.policy, state="draft", author="limeng")
    campaigns.submit(town.ctx, number, "limeng")
    driver = chromium(width=width)
    try:
        sign_in(driver, town)
        public = ["/policies/", f"/policies/{town.policy}", "/algorithm", "/m/sign-in"]
        mine = ["/m/", f"/m/policies/{town.policy}", "/m/preferences", "/m/inbox", "/m/preferences/erase", *public]
        _look(driver, town.url, [f"{path}?lang={lang}" for path in mine for lang in ("zh", "en")])
        _look(driver, town.url, [f"{path}?mode=elder&size=3" for path in mine])
        driver.get(f"{town.url}/console/sign-in?mode=standard")
        driver.find_element(By.ID, "n").send_keys("zhoulan")
        driver.find_element(By.ID, "w").send_keys("right")
        press(driver, driver.find_element(By.CSS_SELECTOR, "main .btn.go"))
        _look(
            driver,
            town.url,
            ["/console/", "/console/standing", f"/console/campaigns/{number}?lang=zh", "/console/audit?lang=en"],
        )
    finally:
        driver.quit()


def _look(driver: webdriver.Chrome, url: str, paths: list[str]) -> None:
    for path in paths:
        driver.get(url + path)
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert driver.execute_script(wide) <= 0, path  # type: ignore[no-untyped-call]  # selenium has no types here
        errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        assert errors == [], path


def test_a_live_page_shows_what_happens_elsewhere(town: Town) -> None:
    operators(town.ctx, AUTHOR, REVIEWER)
    with transaction(town.ctx.engine) as conn:
        number = make_campaign(conn, town.ctx, town.policy, state="draft", author="limeng")
    driver = chromium(width=1280)
    try:
        driver.get(f"{town.url}/console/sign-in")
        driver.find_element(By.ID, "n").send_keys("limeng")
        driver.find_element(By.ID, "w").send_keys("right")
        press(driver, driver.find_element(By.CSS_SELECTOR, "main .btn.go"))
        driver.get(f"{town.url}/console/campaigns/{number}")
        assert "草稿" in driver.find_element(By.CSS_SELECTOR, ".chip").text
        campaigns.submit(town.ctx, number, "limeng")
        chip = (By.CSS_SELECTOR, "main .chip")
        WebDriverWait(driver, PATIENCE).until(until.text_to_be_present_in_element(chip, "待审核"))
    finally:
        driver.quit()
    assert (
        rows(town.ctx, "select action from audit where actor = 'limeng' order by id")[-1].action == "campaign.in_review"
    )
