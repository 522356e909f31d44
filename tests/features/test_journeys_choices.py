"""What one decides about being recommended things acts at once: a tag deleted, the switch off with messages queued."""

from __future__ import annotations

import pytest

from tests.features.journeys import Home, Phone
from tests.modelling import use_model

pytestmark = pytest.mark.browser
WAITING = "select state, code from delivery order by id"


@pytest.fixture
def mei(home: Home, phone: Phone) -> int:
    """王小梅, signed in."""
    someone = home.person()
    phone.sign_in(someone)
    return someone


def test_off_with_messages_queued_and_none_leaves(home: Home, phone: Phone, mei: int) -> None:
    home.policy("p1")
    home.policy("p2")
    home.run("insert into preference (profile_id, quiet_from, quiet_to, updated_at)"
             " values (:id, '08:00', '20:00', now())", id=mei)  # fmt: skip
    numbers = [number for (number,) in home.ask("select id from policy order by id")]
    for number in numbers:
        home.recommend(number, mei)
    assert home.ask(WAITING) == [("planned", None)] * 2
    phone.open("/m/preferences")
    assert "取消2条待发推荐" in phone.set("#rec").replace(" ", "")
    assert home.ask(WAITING) == [("refused", "personalised_off")] * 2
    home.clock.forward(hours=24)
    assert (home.sent(), home.ask("select title from inbox")) == ({}, [])


def test_a_deleted_tag_is_no_reason_any_more(home: Home, phone: Phone, mei: int) -> None:
    use_model(home.ctx, {"interest=托育": 5.0})
    home.person("other", phone="", email="", app_token="", interests="")
    home.policy(criteria={"all": [{"fact": "owns_home", "eq": False}]})
    assert "根据标签托育推荐，可删除" in phone.open("/m/")
    assert "删除标签“托育”？" in phone.press("main a.btn.tag")
    said = phone.press("main .btn.halt")
    assert "已删除标签：托育" in said
    assert "根据标签托育" not in said
    assert home.ask("select interests from profile where id = :id", id=mei) == [(["人才安居"],)]
    assert "根据标签托育推荐，可删除" in phone.press(".toast .btn")
