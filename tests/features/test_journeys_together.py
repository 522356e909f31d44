"""People for others: a daughter acts for her father and he reads what she did; somebody leaves an enterprise."""

from __future__ import annotations

import re

import pytest

from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Wish, save_wishes
from tests.features.journeys import Home, Phone

pytestmark = pytest.mark.browser
FATHER = {
    "name": "王建国",
    "birth_date": "1950-05-01",
    "phone": "13800001002",
    "email": "",
    "app_token": "token-of-jianguo-0002",
}
FIRM = {
    "kind": "enterprise", "name": "江澜星渡软件有限公司", "region": "990101", "industry": "I6513", "birth_date": "",
    "talent_class": "", "insurance_months": "", "interests": "", "phone": "", "email": "", "app_token": "",
    "source": "tax",
}  # fmt: skip


def become(phone: Phone, someone: int) -> None:
    """The phone changes hands."""
    phone.visitor.page.context.clear_cookies()
    phone.sign_in(someone)


def test_a_daughter_acts_for_her_father_and_he_reads_what_she_did(home: Home, phone: Phone) -> None:
    father, daughter = home.person("father", **FATHER), home.person("mei")
    become(phone, father)
    phone.open("/m/proxies")
    (code,) = re.findall(r"邀请码，只显示这一次\s+(\S+)", phone.press("#grant .btn.go"))
    become(phone, daughter)
    phone.open("/m/proxies/accept")
    phone.fill(code=code)
    assert "王" in phone.press("main form .btn.go")
    assert "已接受委托" in phone.press("main form .btn.go")
    phone.open("/m/preferences")
    phone.set("#rec")
    query = "select profile_id, personalised from preference"
    assert home.ask(query) == [(father, False)]
    assert phone.visitor.open("/m/preferences/erase") == 403, "that is his alone"
    assert "这一步只能由本人办理" in phone.said()
    become(phone, father)
    phone.open("/m/proxies")
    log = phone.press("main a:has-text('办理记录')")
    assert "改：通知设置" in log
    phone.open("/m/proxies")
    assert "委托已结束" in phone.press("main .btn.halt")
    become(phone, daughter)
    page = phone.open("/m/acting")
    assert "王" not in page.replace("王小梅", "")


def test_who_leaves_an_enterprise_hears_no_more_of_it(home: Home, phone: Phone) -> None:
    boss, member = home.person("boss", phone="13800001003", email="", app_token="token-of-boss-00000003"), home.person()
    firm = home.person("firm", **FIRM, members="boss:admin|mei:member")
    with transaction(home.ctx.engine) as conn:
        save_wishes(conn, [Wish(firm, "w", themes=("talent",))], home.clock())
    home.push(home.policy("p1"))
    assert told(home) == {boss: 1, member: 1}
    phone.sign_in(member, acting=firm)
    phone.open("/m/firms")
    phone.press("main a:has-text('退出')")
    assert "已退出这家企业" in phone.press("main .btn.halt")
    home.push(home.policy("p2"))
    assert told(home) == {boss: 2, member: 1}
    assert "江澜星渡" not in phone.open("/m/acting")


def told(home: Home) -> dict[int, int]:
    """How many letters each person has."""
    return dict(home.ask("select recipient_id, count(*)::int from inbox group by 1"))  # type: ignore[arg-type]  # pairs
