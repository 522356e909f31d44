"""In a real browser: a slider is dragged and the figures follow; without script a button does the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.features.test_browser import PATIENCE, Town, chromium, press, town
from tests.web.making import AUTHOR, crowd, operators, person, rows

__all__ = ["town"]  # a fixture, used by its name

pytestmark = pytest.mark.browser
PAGE = "/console/audience?policy=policy-1"
_COUNTED = """
window.calls = 0; window.flying = 0; window.most = 0;
var send = window.fetch;
window.fetch = function () {
  window.calls += 1; window.flying += 1; window.most = Math.max(window.most, window.flying);
  return send.apply(this, arguments).then(function (answer) { window.flying -= 1; return answer; });
};
var slide = document.querySelector('.slide'), age = 60;
var timer = setInterval(function () {
  age -= 1; slide.value = age; slide.dispatchEvent(new Event('input', { bubbles: true }));
  if (age === 20) { clearInterval(timer); }
}, 15);
"""
_SAID = """
window.told = [];
var place = document.querySelector('[data-said]');
new MutationObserver(function () { window.told.push(place.textContent); }).observe(place, { childList: true });
"""


def office(town: Town, *, scripts: bool = True, width: int = 1280) -> webdriver.Chrome:
    """An author, signed in; the one resident of seventy-six, who did not say whether they own a home."""
    operators(town.ctx, AUTHOR)
    driver = chromium(scripts=scripts, width=width)
    driver.get(f"{town.url}/console/sign-in")
    driver.find_element(By.ID, "n").send_keys("limeng")
    driver.find_element(By.ID, "w").send_keys("right")
    press(driver, driver.find_element(By.CSS_SELECTOR, "main .btn.go"))
    return driver


def run(driver: webdriver.Chrome, script: str, *values: object) -> Any:
    """What a script returns."""
    return driver.execute_script(script, *values)  # type: ignore[no-untyped-call]  # selenium has no types here


def seen(driver: webdriver.Chrome, text: str) -> None:
    """Wait until the page says so."""
    WebDriverWait(driver, PATIENCE).until(lambda _: text in driver.find_element(By.TAG_NAME, "main").text)


def tally(driver: webdriver.Chrome) -> str:
    """The answer in one sentence, shown or not."""
    return str(run(driver, "return document.querySelector('[data-tally]').textContent"))


def test_the_figures_follow_a_slider(town: Town) -> None:
    person(town.ctx, 2, birth_date=date(1990, 1, 1), owns_home=False)
    crowd(town.ctx, 10)
    driver = office(town)
    try:
        driver.get(town.url + PAGE)
        assert tally(driver) == "<10 份档案初步符合，10 份可能符合，10 份目前不符合"
        run(driver, _COUNTED)
        seen(driver, "年龄不少于20岁")
        assert tally(driver) == "10 份档案初步符合，10 份可能符合，<10 份目前不符合"
        calls, most = run(driver, "return [window.calls, window.most]")
        assert most == 1, "one question at a time"
        assert 1 < calls < 40, "along the way, not at every step"
        assert driver.find_element(By.CSS_SELECTOR, ".knob .field").get_property("value") == "20"
        said = "return document.querySelector('[data-said]').textContent"
        WebDriverWait(driver, PATIENCE).until(lambda _: run(driver, said).startswith("10 份档案初步符合"))
        assert '"ge": 20' in run(driver, "return document.querySelector('[data-tree]').value")
    finally:
        driver.quit()
    assert len(rows(town.ctx, "select 1 from audit where action = 'audience.count'")) == 1


def test_a_wrong_value_is_told_at_its_condition(town: Town) -> None:
    driver = office(town)
    try:
        driver.get(town.url + PAGE)
        run(driver, "var b = document.querySelector('.knob .field'); b.value = '1e300';"
            "b.dispatchEvent(new Event('input', { bubbles: true }));")  # fmt: skip
        told = (By.CSS_SELECTOR, '[data-row="all[0]"] [data-wrong]')
        WebDriverWait(driver, PATIENCE).until(lambda _: "值不在允许的范围内" in driver.find_element(*told).text)
        box = driver.find_element(By.CSS_SELECTOR, ".knob .field")
        assert box.get_attribute("aria-invalid") == "true"
        run(
            driver, "arguments[0].value = '60'; arguments[0].dispatchEvent(new Event('input', { bubbles: true }));", box
        )
        WebDriverWait(driver, PATIENCE).until(lambda _: box.get_attribute("aria-invalid") is None)
    finally:
        driver.quit()


def test_keys_turn_a_slider_and_the_answer_is_said_once(town: Town) -> None:
    crowd(town.ctx, 10)
    driver = office(town, width=360)
    try:
        driver.get(town.url + PAGE)
        run(driver, _SAID)
        slide = driver.find_element(By.CSS_SELECTOR, ".slide")
        slide.send_keys(Keys.ARROW_RIGHT * 20)
        assert driver.find_element(By.CSS_SELECTOR, ".knob .field").get_property("value") == "80"
        WebDriverWait(driver, PATIENCE).until(lambda _: run(driver, "return window.told.length") > 0)
        assert run(driver, "return window.told") == ["<10 份档案初步符合，<10 份可能符合，10 份目前不符合"]
        assert run(driver, "return document.activeElement === arguments[0]", slide)
    finally:
        driver.quit()


def test_without_a_script_a_button_counts(town: Town) -> None:
    crowd(town.ctx, 10)
    driver = office(town, scripts=False, width=360)
    try:
        driver.get(town.url + PAGE)
        box = driver.find_element(By.CSS_SELECTOR, ".knob .field")
        assert not driver.find_element(By.CSS_SELECTOR, ".slide").is_displayed()
        box.clear()
        box.send_keys("90")
        press(driver, driver.find_element(By.CSS_SELECTOR, "form[data-count] .btn.go"))
        assert "年龄不少于90岁" in driver.find_element(By.TAG_NAME, "main").text
        assert "目前不符合\n10" in driver.find_element(By.TAG_NAME, "main").text
    finally:
        driver.quit()


@pytest.mark.parametrize("width", [360, 1280])
def test_it_does_not_scroll_sideways_or_break_the_policy(town: Town, width: int) -> None:
    driver = office(town, width=width)
    try:
        for path in (f"{PAGE}&lang=zh", f"{PAGE}&lang=en", "/console/audience", f"{PAGE}&mode=elder&size=3"):
            driver.get(town.url + path)
            wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert run(driver, wide) <= 0, path
            errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
            assert errors == [], path
    finally:
        driver.quit()
