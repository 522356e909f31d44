"""Rows L1, L2 and L4: what the law asks of recommending. Row L3 stands in `test_tags.py`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from channels.base import Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.feed import Wanted, feed, read_feed
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import set_choices, subscribe, switch_personalised
from pushsvc.store import tables
from pushsvc.store.digests import items_of
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
    "stages": st.sampled_from([[], ["养老"], ["就业", "养老"]]),
})  # fmt: skip
DEEDS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["opened", "saved", "applied", "dismissed"])), max_size=4, unique=True
)
LIVES = st.tuples(FACTS, DEEDS, st.sampled_from([None, "talent", "city"]))
Life = tuple[dict[str, object], list[tuple[int, str]], str | None]
WANTED = st.builds(Wanted, st.sampled_from(["newest", "deadline"]), st.sampled_from(["", "990105", "990101"]))


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


def live(ctx: Context, person: int, facts: dict[str, object], deeds: list[tuple[int, str]], wish: str | None) -> None:
    """Give somebody these facts, this history and this wish, and no others."""
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.profile).where(tables.profile.c.id == person).values(facts))
        conn.execute(delete(tables.feedback).where(tables.feedback.c.profile_id == person))
        conn.execute(delete(tables.subscription).where(tables.subscription.c.profile_id == person))
        for policy, kind in deeds:
            row = {"profile_id": person, "policy_id": policy, "kind": kind, "at": ctx.clock()}
            conn.execute(insert(tables.feedback).values(row))
    if wish:
        assert subscribe(ctx, person, {"ref": "w", "themes": wish}) == []


@given(first=LIVES, second=LIVES, wanted=WANTED, locale=st.sampled_from(["zh", "en"]))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_L02_with_the_switch_off_two_different_people_get_the_same_bytes(
    ctx: Context, readers: tuple[int, int], first: Life, second: Life, wanted: Wanted, locale: str
) -> None:
    """个人信息保护法 24(2), 算法推荐管理规定 17: an option that does not aim at personal traits: nothing of the person
    moves the order, and no answer, reason or question is made from it."""
    for person, facts in zip(readers, (first, second), strict=True):
        live(ctx, person, *facts)
    found = [read_feed(ctx, person, locale, wanted=wanted) for person in readers]
    assert repr(found[0]).encode() == repr(found[1]).encode()
    assert found[0].questions == []
    assert {(item.fit.state, item.fit.clauses, item.reason, item.tags) for item in found[0].items} <= {
        (None, (), "", ())
    }
    if wanted == Wanted():
        assert [item.policy.ref for item in found[0].items] == ["here", "all", "home", "old"]


@given(first=LIVES, second=LIVES, order=st.sampled_from(["newest", "deadline"]))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_L02_with_the_switch_off_the_page_too_is_the_same_but_for_what_they_did_themselves(
    app: Flask, ctx: Context, readers: tuple[int, int], first: Life, second: Life, order: str
) -> None:
    """算法推荐管理规定 17: the page says neither that a policy fits nor that it does not, before its reader asks."""
    for person, (facts, _, wish) in zip(readers, (first, second), strict=True):
        live(ctx, person, facts, [], wish)
    pages = [Browser(app).sign_in(person=person).open(f"/m/?order={order}") for person in readers]
    mains = [
        re.sub(r'((?:csrf_token|meant_for)" value=)"[^"]+"', r"\1", page[page.index("<main") : page.index("</html>")])
        for page in pages
    ]
    assert mains[0] == mains[1]
    assert not re.search("初步符合|可能符合|目前不符合|用到的标签", mains[0])
    assert mains[0].count("看我是否符合") == 4


def test_L02_the_digests_of_two_people_who_switched_it_off_and_wish_the_same_are_the_same(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    """个人信息保护法 24(2): what was asked for comes, by the date of publication; no score orders it."""
    use_model(ctx, {"interest=租房": 5.0, "region=990105": 2.0})
    first = register(ctx, "a", **PERSON, interests="租房", region="990105", birth_date="1950-05-01")
    second = register(ctx, "b", **PERSON | {"phone": "13800130218"}, region="990101", birth_date="1990-05-01")
    for person in (first, second):
        switch_personalised(ctx, person, False)
        subscribe(ctx, person, {"ref": "w", "themes": "talent", "cadence": "daily"})
    campaigns = [issue(ctx, ref, topic="talent", title=f"政策{ref}", criteria=OLD_ENOUGH) for ref in ("p", "q", "r")]
    for campaign in reversed(campaigns):  # what is sent first is not what was published first
        release(ctx, campaign)
        run(ctx, sender)
    clock.now = moment("2026-06-25T08:31:00+08:00")
    release_digests(ctx)
    run(ctx, sender)
    texts = {message.recipient: message.text for message in memory["sms"].sent}
    assert texts.keys() == {first, second}
    assert len({re.sub("核验[0-9A-F]+", "核验", str(text)) for text in texts.values()}) == 1
    query = "select distinct array_agg(policy_id order by policy_id) from delivery_item group by delivery_id"
    assert ask(ctx, query) == [([1, 2, 3],)]
    with transaction(ctx.engine) as conn:
        heads = [row[0] for row in ask(ctx, "select distinct delivery_id from delivery_item")]
        assert set(map(tuple, items_of(conn, heads).values())) == {(1, 2, 3)}


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
    assert why["proof"] == "1"  # the clauses as they stood, before anything else
    if door == "subscribed":
        assert why["subscriptions"] == [1]
    if door == "recommended":
        assert why["model"] == model
        assert why["terms"][0][0] == "region=990105"
