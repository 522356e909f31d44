"""Rows L1 to L4: what the law asks of recommending."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from channels.base import Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.feed import feed
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import set_choices, subscribe, switch_personalised
from pushsvc.pipeline.self_service import delete_tag
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.law.sending import PHONE, fates, release, run, suggest
from tests.making import moment
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, ask, issue, register
from tests.web.browser import Browser

Memory = dict[str, MemoryChannel]
UNKNOWN = {"fact": "owns_home", "eq": False}
PERSON = {"phone": PHONE, "consents": "notify:any|recommend:any"}
FACTS = st.fixed_dictionaries({
    "birth_date": st.none() | st.dates(date(1930, 1, 1), date(2005, 1, 1)),
    "region": st.sampled_from([None, "990101", "990105"]),
    "owns_home": st.sampled_from([None, True, False]),
    "employment": st.sampled_from([None, "employed", "retired"]),
    "interests": st.sampled_from([[], ["租房"], ["科技创新", "租房"]]),
})  # fmt: skip


def test_L01_switching_personalisation_off_drops_what_is_queued_scheduled_and_retried(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    """个人信息保护法 24(2), 网络数据安全管理条例 42, 算法推荐管理规定 17: off is off at once, also for what waits."""
    person = register(ctx, "a", **PERSON)
    set_choices(ctx, person, {"weekly_max": 0, "quiet_from": "22:00", "quiet_to": "07:30"})
    plan(ctx, suggest(ctx, person, "retried"))
    busy = MemoryChannel("sms", clock=clock, answer=lambda message: Outcome("deferred", "throttled"))
    deliver_next(ctx, replace(sender, channels={"sms": busy}), "normal")
    plan(ctx, suggest(ctx, person, "queued"))
    set_choices(ctx, person, {"cadence": "daily"})
    plan(ctx, suggest(ctx, person, "gathered"))
    set_choices(ctx, person, {"cadence": "immediate"})
    clock.now = moment("2026-06-24T23:00:00+08:00")
    plan(ctx, suggest(ctx, person, "scheduled"))
    suggest(ctx, person, "chosen")
    assert switch_personalised(ctx, person, False) == 3
    clock.now = moment("2026-06-25T09:00:00+08:00")
    release_digests(ctx)
    run(ctx, sender)
    assert memory["sms"].sent == []
    assert {code for _, code in fates(ctx)} == {"personalised_off"}
    assert len(fates(ctx)) >= 5


@pytest.fixture
def readers(ctx: Context) -> tuple[int, int]:
    """Two people who switched it off, a model that favours one, and policies that fit, do not, or ask for nothing."""
    use_model(ctx, {"interest=租房": 5.0, "region=990105": 2.0})
    issue(ctx, "old", criteria=OLD_ENOUGH)
    issue(ctx, "home", criteria=UNKNOWN)
    issue(ctx, "all", criteria={"all": []})
    issue(ctx, "here", criteria={"fact": "region", "in_region": ["990105"]})
    people = register(ctx, "a"), register(ctx, "b")
    for person in people:
        switch_personalised(ctx, person, False)
    return people


@given(first=FACTS, second=FACTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_L02_with_the_switch_off_two_different_people_see_the_same_list(
    ctx: Context, readers: tuple[int, int], first: dict[str, object], second: dict[str, object]
) -> None:
    """个人信息保护法 24(2), 算法推荐管理规定 17: an option that does not aim at personal traits: no fact moves it."""
    with transaction(ctx.engine) as conn:
        for person, facts in zip(readers, (first, second), strict=True):
            conn.execute(update(tables.profile).where(tables.profile.c.id == person).values(facts))
    lists = [[item.policy.ref for item in feed(ctx, person)] for person in readers]
    assert lists == [["here", "all", "home", "old"]] * 2


def test_L02_with_the_switch_off_the_page_and_the_digest_of_wishes_go_on(
    app: Flask, ctx: Context, sender: Sender, memory: Memory, clock: Clock, readers: tuple[int, int]
) -> None:
    """网络数据安全管理条例 42: who refuses to be profiled is served all the same."""
    register(ctx, "a", birth_date="1950-05-01", **PERSON)
    pages = [Browser(app).sign_in(person=person).open("/m/") for person in readers]
    titles = [re.findall(r'id="h(\d+)"', page) for page in pages]
    assert titles == [["4", "3", "2", "1"]] * 2
    subscribe(ctx, readers[0], {"ref": "w", "themes": "talent", "cadence": "daily"})
    release(ctx, issue(ctx, "asked", topic="talent"))
    run(ctx, sender)
    clock.now = moment("2026-06-25T08:31:00+08:00")
    release_digests(ctx)
    run(ctx, sender)
    assert [message.recipient for message in memory["sms"].sent] == [readers[0]]


def test_L03_a_tag_is_named_and_once_deleted_counts_no_more_and_is_not_imported_again(ctx: Context) -> None:
    """算法推荐管理规定 17, 网络数据安全管理条例 42: people may choose and delete the tags that describe them."""
    use_model(ctx, {"interest=租房": 5.0, "interest=托育": 1.0})
    person, other = register(ctx, "a", interests="租房|托育"), register(ctx, "b", interests="托育")
    issue(ctx, "home", criteria=UNKNOWN)
    assert "租房" in feed(ctx, person)[0].reason
    assert delete_tag(ctx, person, "租房")
    assert "租房" not in feed(ctx, person)[0].reason
    register(ctx, "a", interests="租房|托育", region="990105")
    assert ask(ctx, "select interests from profile where id = :id", id=person) == [(["托育"],)]
    audience(ctx, issue(ctx, "all", criteria={"all": []}))
    scores = ask(ctx, "select profile_id, score, why->'terms' from selection order by 1")
    assert [number for number, _, _ in scores] == [person, other]
    assert scores[0][1] == scores[1][1]
    assert "租房" not in str(scores)


def test_L04_the_public_page_is_made_from_the_model_in_use(ctx: Context, browser: Browser) -> None:
    """算法推荐管理规定 16, 个人信息保护法 48: principle, purpose and mechanism are published, of what really runs."""
    assert "现在没有启用打分模型" in browser.open("/algorithm")
    for interactions, shown in ((12345, "12,345"), (777, "777")):
        number = use_model(ctx, {"region=990105": 1.0})
        with transaction(ctx.engine) as conn:
            card = {"method": "LightFM", "interactions": interactions}
            conn.execute(update(tables.model).where(tables.model.c.id == number).values(card=card))
        page = browser.open("/algorithm")
        assert shown in page
    assert "12,345" not in page
    assert all(word in page for word in ("目的：", "原理：", "LightFM", "残疾、困难等敏感信息", "怎样关闭或申诉"))


def test_L04_every_item_says_why_it_stands_there(ctx: Context, app: Flask) -> None:
    """个人信息保护法 24(1): automated decisions are transparent: by wish, by rule or by the model, in words."""
    person = register(ctx, "a", birth_date="1950-05-01", region="990105")
    use_model(ctx, {"region=990105": 1.0})
    subscribe(ctx, person, {"ref": "w", "themes": "safety"})
    issue(ctx, "asked", topic="safety", criteria={"fact": "kind", "eq": "other"})
    issue(ctx, "fits", criteria=OLD_ENOUGH)
    issue(ctx, "all", criteria={"all": []})
    issue(ctx, "home", criteria=UNKNOWN)
    items = feed(ctx, person)
    reasons = {item.policy.ref: item.reason for item in items}
    assert reasons["asked"] == "因您订阅了安全与应急"
    assert "第三条" in reasons["fits"]
    assert reasons["all"] == "面向所有人,没有条件"
    assert reasons["home"].startswith("根据您的所在地区")
    page = Browser(app).sign_in(person=person).open("/m/")
    assert page.count('<article class="card"') == page.count('<p class="why">') == len(items)


@pytest.mark.parametrize("door", ["entitled", "subscribed", "recommended"])
def test_L04_what_spoke_for_a_message_is_stored_with_it(ctx: Context, sender: Sender, door: str) -> None:
    """个人信息保护法 24, 48: whoever asks later why they were told gets the reasons of that day."""
    person = register(ctx, "a", birth_date="1950-05-01", region="990105", **PERSON)
    model = use_model(ctx, {"region=990105": 1.0, "region=990101": 0.5})
    register(ctx, "b", birth_date="1950-05-01", region="990101")
    if door == "subscribed":
        subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    duty = "办法第十条" if door == "entitled" else None
    release(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, topic="talent", basis=duty))
    run(ctx, sender)
    query = """select d.door, s.why, c.basis from delivery d join run r on r.id = d.run_id
               join campaign c on c.id = r.campaign_id
               join selection s on s.campaign_id = c.id and s.profile_id = d.profile_id"""
    ((stored, why, basis),) = ask(ctx, query)
    assert (stored, basis) == (door, duty)
    if door == "subscribed":
        assert why == {"subscriptions": [1]}
    if door == "recommended":
        assert why["model"] == model
        assert why["terms"][0][0] == "region=990105"
