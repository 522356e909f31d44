"""What is held decides: a fact is corrected and a policy is no longer unknown; and after erasing nothing is left."""

from __future__ import annotations

import pytest

from pushsvc.pipeline.corrections import accept
from tests.features.journeys import HOUSING, MEI, Home, Phone

pytestmark = pytest.mark.browser


@pytest.fixture
def mei(home: Home, phone: Phone) -> int:
    """王小梅, signed in; whether she owns a home is not known."""
    someone = home.person()
    phone.sign_in(someone)
    return someone


def test_a_policy_moves_from_unknown_to_yes_by_a_fact_that_was_missing(home: Home, phone: Phone, mei: int) -> None:
    home.policy(criteria=HOUSING)
    assert "可能符合" in phone.open("/m/policies/1")
    phone.open("/m/facts/correct?fact=owns_home")
    choose(phone, "claimed", "no")
    phone.press("main form .btn.go")
    for (number,) in home.ask("select id from correction where state = 'open'"):
        accept(home.ctx, number, by="zhoulan", note="已核实")  # where an office has to say so
    page = phone.open("/m/policies/1")
    assert "初步符合" in page
    assert "可能符合" not in page


def test_a_wrong_fact_is_corrected_by_the_office_that_said_it(home: Home, phone: Phone, mei: int) -> None:
    home.policy(criteria={"all": [{"fact": "insurance_months", "ge": 30, "clause": "第二条"}]})
    assert "目前不符合第二条" in phone.open("/m/policies/1")
    phone.press("main a:has-text('更正')")
    choose(phone, "claimed", "32")
    phone.press("main form .btn.go")
    assert "目前不符合第二条" in phone.open("/m/policies/1"), "nothing changes until it is accepted"
    ((number,),) = home.ask("select id from correction")
    accept(home.ctx, number, by="zhoulan", note="已核实")
    assert "初步符合" in phone.open("/m/policies/1")


def test_erasing_leaves_nothing_but_a_keyed_hash(home: Home, phone: Phone, mei: int) -> None:
    home.policy()
    home.run("insert into preference (profile_id, updated_at) values (:id, now())", id=mei)
    phone.open("/m/facts/correct?fact=household_size")
    choose(phone, "claimed", "3")
    phone.press("main form .btn.go")
    phone.open("/m/preferences/erase")
    phone.visitor.page.check("main [name=sure]")
    assert "已删除" in phone.press("main form .btn.halt")
    assert "登录" in phone.open("/m/")
    assert held(home, [*(MEI[name] for name in ("name", "phone", "email", "app_token", "birth_date")), "托育"]) == {}
    assert home.ask("select channel from suppression where lookup = :key", key=key(home, "sms", "+8613800001001"))
    query = "select name, birth_date, insurance_months, interests, region from profile where id = :id"
    assert home.ask(query, id=mei) == [(None, None, None, [], None)]


def key(home: Home, channel: str, value: str) -> bytes:
    """An address's keyed hash."""
    return home.ctx.keyring.lookup(channel, value)


def held(home: Home, traces: list[str]) -> dict[str, str]:
    """Tables with a row in which one of these words stands, with the row."""
    names = [name for (name,) in home.ask("select tablename from pg_tables where schemaname = 'public'")]
    found: dict[str, str] = {}
    for name in names:
        for (row,) in home.ask(f'select t::text from "{name}" t'):
            if any(trace in row for trace in traces):
                found[name] = row
    return found


def choose(phone: Phone, name: str, value: str) -> None:
    """Give a value to a field, whatever kind of field it is."""
    field = phone.visitor.page.locator(f"main [name={name}]")
    kind = field.first.evaluate("one => one.type")
    if kind == "radio":
        phone.visitor.page.check(f"main [name={name}][value='{value}']", force=True)
    elif kind == "select-one":
        field.select_option(value)
    else:
        field.fill(value)
