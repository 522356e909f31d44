"""The preference centre in a real browser: with script it saves itself and stays where it is, without it a button does;
two tabs, the way back, and what was typed."""

from __future__ import annotations

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.features.test_browser import Town, chromium, phone, press, said, scripts, sign_in, town
from tests.web.making import one, rows

__all__ = ["phone", "scripts", "town"]  # fixtures
pytestmark = pytest.mark.browser


@pytest.fixture
def centre(town: Town, phone: webdriver.Chrome) -> webdriver.Chrome:
    """A phone on the preferences of the town's resident."""
    sign_in(phone, town)
    phone.get(f"{town.url}/m/preferences")
    return phone


def tick(driver: webdriver.Chrome, form: str, name: str, *, scripts: bool) -> None:
    """Change a box; without script press the form's button after it."""
    box = driver.find_element(By.CSS_SELECTOR, f"#{form} [name='{name}']")
    driver.execute_cdp_cmd("Runtime.evaluate", {"expression": "scrollTo(0, 0)"})
    if scripts:
        press(driver, box)
        return
    box.click()
    press(driver, driver.find_element(By.CSS_SELECTOR, f"#{form} .nojs button"))


def undo(driver: webdriver.Chrome) -> None:
    """Press the toast's button."""
    press(driver, driver.find_element(By.CSS_SELECTOR, ".toast .btn"))


def test_a_tick_is_saved_and_taken_back(town: Town, centre: webdriver.Chrome, scripts: bool) -> None:
    tick(centre, "grid", "talent.sms", scripts=scripts)
    assert "已停止“人才与就业”的短信" in said(centre)
    assert one(town.ctx, "select channels -> 'talent' ->> 'sms' from preference") == "false"
    undo(centre)
    assert "已恢复" in said(centre)
    assert one(town.ctx, "select channels -> 'talent' ->> 'sms' from preference") == "true"


def test_the_text_says_what_holds_for_this_browser(centre: webdriver.Chrome, scripts: bool) -> None:
    buttons = [one_ for one_ in centre.find_elements(By.CSS_SELECTOR, ".nojs") if one_.is_displayed()]
    assert bool(buttons) != scripts
    assert ("勾选即保存" in said(centre)) == scripts


def test_two_tabs_keep_each_others_choices(town: Town, centre: webdriver.Chrome, scripts: bool) -> None:
    first = centre.current_window_handle
    centre.switch_to.new_window("tab")
    centre.get(f"{town.url}/m/preferences")
    tick(centre, "grid", "elder.email", scripts=scripts)
    centre.switch_to.window(first)
    tick(centre, "grid", "talent.sms", scripts=scripts)
    (row,) = rows(town.ctx, "select channels from preference")
    assert (row.channels["elder"]["email"], row.channels["talent"]["sms"]) == (False, False)


def test_two_browsers_change_different_parts_at_once(town: Town, centre: webdriver.Chrome, scripts: bool) -> None:
    other = chromium(scripts=scripts)
    try:
        sign_in(other, town)
        other.get(f"{town.url}/m/preferences")
        tick(centre, "unread", "then.sms", scripts=scripts)
        tick(other, "grid", "entitled", scripts=scripts)
        (row,) = rows(town.ctx, "select escalate, entitled from preference")
        assert tuple(row) == (["sms"], False)
    finally:
        other.quit()


def test_everything_is_stopped_by_one_tap_and_back_by_another(town: Town, centre: webdriver.Chrome) -> None:
    press(centre, centre.find_element(By.CSS_SELECTOR, "#stop-all button"))
    assert "现在不会给您发通知" in said(centre)
    assert one(town.ctx, "select ended_reason from subscription") == "stopped"
    undo(centre)
    assert "现在不会给您发通知" not in said(centre)
    assert one(town.ctx, "select ended_at from subscription") is None


def test_what_was_typed_stays_and_the_error_leads_to_it(town: Town, centre: webdriver.Chrome) -> None:
    set_value(centre, "q1", "21:30")
    press(centre, centre.find_element(By.CSS_SELECTOR, "#quiet > button"))
    assert "没有保存" in said(centre)
    assert centre.find_element(By.ID, "q1").get_attribute("value") == "21:30"
    link = centre.find_element(By.CSS_SELECTOR, "[role='alert'] a")
    assert str(link.get_attribute("href")).endswith("#q1")
    set_value(centre, "q2", "08:00")
    press(centre, centre.find_element(By.CSS_SELECTOR, "#quiet > button"))
    assert "现在有新消息的话，马上送达" in said(centre)


def set_value(driver: webdriver.Chrome, field: str, value: str) -> None:
    """What a person's picker would set, whatever the browser's language writes there."""
    expression = f"document.getElementById('{field}').value = '{value}'"
    driver.execute_cdp_cmd("Runtime.evaluate", {"expression": expression})


def test_the_page_and_the_keyboard_stay_where_they_are(town: Town) -> None:
    driver = chromium()
    try:
        sign_in(driver, town)
        driver.get(f"{town.url}/m/preferences")
        box = driver.find_element(By.NAME, "safety.email")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)  # type: ignore[no-untyped-call]
        before = driver.execute_script("return scrollY")  # type: ignore[no-untyped-call]
        press(driver, box)
        assert driver.execute_script("return scrollY") == before  # type: ignore[no-untyped-call]
        focused = driver.execute_script("return document.activeElement.name")  # type: ignore[no-untyped-call]
        assert focused == "safety.email"
        undo(driver)
        assert driver.execute_script("return scrollY") == before  # type: ignore[no-untyped-call]
    finally:
        driver.quit()
