"""In a real browser, with script and without: a tag is seen, deleted after a question, brought back, and picked."""

from __future__ import annotations

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.features.test_browser import Town, phone, press, said, scripts, sign_in, town
from tests.web.making import one, publish

__all__ = ["phone", "scripts", "town"]  # fixtures, used by their names

pytestmark = pytest.mark.browser
HELD = "select interests from profile where ref = 'p1'"


def test_a_tag_is_deleted_after_a_question_and_brought_back(town: Town, phone: webdriver.Chrome) -> None:
    sign_in(phone, town)
    phone.get(f"{town.url}/m/tags/delete?tag=租房&next=/m/")
    assert "删除标签“租房”？" in said(phone)
    press(phone, phone.find_element(By.CSS_SELECTOR, "main .btn.halt"))
    assert phone.current_url == f"{town.url}/m/"
    assert one(town.ctx, HELD) == []
    press(phone, phone.find_element(By.CSS_SELECTOR, ".toast .btn"))
    assert one(town.ctx, HELD) == ["租房"]


def test_a_tag_is_picked_from_the_list(town: Town, phone: webdriver.Chrome) -> None:
    publish(town.ctx, "policy-2", 2, tags=["托育", "创业"], topic="family")
    sign_in(phone, town)
    phone.get(f"{town.url}/m/tags")
    buttons = phone.find_elements(By.CSS_SELECTOR, "main .btn, main summary")
    assert min(button.size["height"] for button in buttons if button.is_displayed()) >= 44
    press(phone, phone.find_element(By.CSS_SELECTOR, "#add .btn[value='托育']"))
    assert "您自己选的" in said(phone)
    assert one(town.ctx, HELD) == ["租房", "托育"]
    press(phone, phone.find_element(By.CSS_SELECTOR, "button[aria-label='删除标签：租房']"))
    assert one(town.ctx, HELD) == ["托育"]
