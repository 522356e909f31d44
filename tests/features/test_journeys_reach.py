"""Being reached as one wishes: subscribe and get the next policy, pause, quiet hours, a reminder of what is unread."""

from __future__ import annotations

import pytest

from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Wish, save_wishes
from tests.features.journeys import Home, Phone

pytestmark = pytest.mark.browser


@pytest.fixture
def mei(home: Home, phone: Phone) -> int:
    """王小梅, signed in; she has an account and no subscription."""
    someone = home.person()
    phone.sign_in(someone)
    return someone


def letters(home: Home) -> list[str]:
    """The titles in everybody's inbox, the oldest first."""
    return [title for (title,) in home.ask("select title from inbox order by id")]


def test_an_industry_is_found_by_a_word_and_its_next_policy_comes(home: Home, phone: Phone, mei: int) -> None:
    home.policy("p0", industries=["I65"], topic="enterprise", title="软件企业补贴办法")
    phone.open("/m/subscriptions/new")
    phone.press("main button[name=choose][value=industry]")
    phone.fill(q="软件和信息技术")
    phone.press("main form .btn.go")
    phone.press("main a[aria-label='选择：软件和信息技术服务业']")
    assert "近90天会收到 1 条" in phone.press("main button.go[value=preview]")
    assert "软件企业补贴办法" in phone.said()
    assert "已订阅" in phone.press("main form .btn.go")
    home.push(home.policy("p1", industries=["H62"], topic="enterprise", title="餐饮补贴办法"))
    home.push(home.policy("p2", industries=["I6513"], topic="enterprise", title="应用软件补贴办法"))
    assert letters(home) == ["应用软件补贴办法"]
    phone.open("/m/inbox")
    assert "因您订阅了软件和信息技术服务业" in phone.press("main form:has-text('查看') button")


def test_pausing_holds_back_what_is_new_and_it_goes_on_by_itself(home: Home, phone: Phone, mei: int) -> None:
    wish(home, mei)
    phone.open("/m/preferences")
    phone.press("#quiet button[name=pause][value='7']")
    assert "已暂停" in phone.said() or "暂停到" in phone.said()
    home.push(home.policy("p1"))
    assert (letters(home), home.sent()) == ([], {})
    home.clock.forward(days=8)
    home.push(home.policy("p2"))
    assert [title for title in letters(home) if "p2" in title], "after the pause she is told again"
    assert not [title for title in letters(home) if "p1" in title], "what was new in the pause is not sent later"


def test_quiet_hours_put_off_what_comes_in_them(home: Home, phone: Phone, mei: int) -> None:
    wish(home, mei)
    phone.open("/m/preferences")
    phone.fill(quiet_from="09:00", quiet_to="12:00")
    assert "12:00" in phone.press("#quiet .btn:has-text('保存时间')")
    home.push(home.policy())
    assert (letters(home), home.sent()) == ([], {}), "it is half past nine"
    home.clock.forward(hours=2, minutes=31)
    home.sent()
    assert len(letters(home)) == 1


def test_what_was_not_opened_comes_again_by_sms(home: Home, phone: Phone, mei: int) -> None:
    wish(home, mei)
    phone.open("/m/preferences")
    phone.set("[name='then.sms']")
    assert home.ask("select escalate from preference") == [(["sms"],)]
    assert home.push(home.policy("p1")) == {}
    assert len(letters(home)) == 1
    home.clock.forward(hours=25)
    assert len(home.sent()["sms"]) == 1
    home.push(home.policy("p2"))
    phone.sign_in(mei)
    phone.open("/m/inbox")
    phone.press("main li:has-text('p2') :is(a, button):has-text('查看')")
    home.clock.forward(hours=25)
    assert home.sent() == {}, "she opened the second"


def wish(home: Home, someone: int) -> None:
    """A subscription to everything about talents."""
    with transaction(home.ctx.engine) as conn:
        save_wishes(conn, [Wish(someone, "w", themes=("talent",))], home.clock())
