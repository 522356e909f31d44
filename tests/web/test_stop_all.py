"""Stopping everything, and taking that back: what stood before, no more and no less, by the person's own act."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.consent import latest, ledger
from profiles.gates import CHANNELS
from pushsvc.context import Context
from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.stopping import TOLD_BY, resume_all, stop_all
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.databases import empty
from tests.making import choose, give, make_campaign, make_person, make_policy, prefer
from tests.web.browser import Browser
from tests.web.making import one, person, rows, snapshot
from tests.web.test_preference_forms import PAGE, undo
from tests.web.test_preferences import toast_form, wish

SAID = st.lists(
    st.tuples(st.sampled_from([*TOLD_BY, "sensitive"]), st.sampled_from([*CHANNELS, "any"]), st.booleans()), max_size=8
)


def stands(ctx: Context, person_id: int) -> dict[str, list[bool]]:
    """What the ledger says of each purpose and channel."""
    said = rows(ctx, "select purpose, channel, given from consent where profile_id = :id order by id", id=person_id)
    told = ledger((0, *row) for row in said)
    return {purpose: latest(told, n=1, purpose=purpose)[0].tolist() for purpose in (*TOLD_BY, "sensitive")}


def told_of(ctx: Context, person_id: int) -> list[tuple[object, ...]]:
    """The switches and the subscriptions that live."""
    found = rows(ctx, "select personalised, entitled from preference where profile_id = :id", id=person_id)
    live = rows(ctx, "select ref from subscription where ended_at is null order by 1")
    return [tuple(row) for row in [*found, *live]]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=SAID, switches=st.tuples(st.booleans(), st.booleans()), tick=st.booleans())
def test_what_stood_stands_again_and_the_rest_does_not(
    ctx: Context, clock: Clock, said: list[tuple[str, str, bool]], switches: tuple[bool, bool], tick: bool
) -> None:
    empty(ctx.engine)
    with transaction(ctx.engine) as conn:
        someone = make_person(conn, ctx, 1)
        for purpose, channel, given_ in said:
            give(conn, ctx, someone, purpose, channel=channel, given=given_)
        prefer(conn, ctx, someone, personalised=switches[0], entitled=switches[1])
    gone, live = wish(ctx, someone, "gone"), wish(ctx, someone, "live")
    with transaction(ctx.engine) as conn:
        conn.exec_driver_sql(f"update subscription set ended_at = now(), ended_reason = 'stopped' where id = {gone}")
    before = stands(ctx, someone), told_of(ctx, someone)
    ended = stop_all(ctx, someone)
    assert not any(any(stands(ctx, someone)[purpose]) for purpose in TOLD_BY)
    assert stands(ctx, someone)["sensitive"] == before[0]["sensitive"], "notices are one thing, facts another"
    assert told_of(ctx, someone) == [(False, False)]
    if tick:
        clock.forward(minutes=3)
    for _ in range(2):  # pressed twice, it is the same
        resume_all(ctx, someone, ended)
        assert (stands(ctx, someone), told_of(ctx, someone)) == before
    assert live


def test_what_the_person_said_since_is_not_spoken_over(ctx: Context) -> None:
    someone = person(ctx)
    ended = stop_all(ctx, someone)
    with transaction(ctx.engine) as conn:
        give(conn, ctx, someone, "notify", channel="sms", given=False)
    resume_all(ctx, someone, ended)
    assert stands(ctx, someone)["notify"] == [False, False, False]
    assert stands(ctx, someone)["recommend"] == [True, True, True]


def test_a_switch_that_was_decided_on_since_stays_as_it_is(ctx: Context) -> None:
    someone = person(ctx)
    ended = stop_all(ctx, someone)
    choices_of.consent_anew(ctx, someone, "recommend")
    choices_of.switch_personalised(ctx, someone, True)
    choices_of.switch_personalised(ctx, someone, False)
    resume_all(ctx, someone, ended)
    assert told_of(ctx, someone) == [(False, True)]


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A signed-in person, number 1, with a subscription and a queued recommendation, on their settings."""
    someone = person(ctx)
    wish(ctx, someone)
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign, [someone], "recommended")
    plan(ctx, campaign)
    browser = Browser(app).sign_in(person=someone)
    browser.open(PAGE)
    return browser


def test_one_tap_stops_all_and_one_brings_it_back(ctx: Context, me: Browser) -> None:
    page = me.send(f"{PAGE}/stop-all")
    assert "已停止全部通知。必要告知照常" in page
    assert "现在不会给您发通知" in page
    assert one(ctx, "select state from delivery") == "refused"
    page = undo(me)
    assert "刚才取消的 1 条推荐不再补发" in page
    assert "现在不会给您发通知" not in page
    assert told_of(ctx, 1) == [(True, True), ("w",)]
    assert one(ctx, "select state from delivery") == "refused"
    assert one(ctx, "select count(*) from consent where given and source = 'web'") == 2, "given anew, by their own act"


def test_a_second_tap_says_so_and_hides_no_way_back(ctx: Context, me: Browser) -> None:
    form = me.form(f"{PAGE}/stop-all")
    me.client.post(f"{PAGE}/stop-all", data=form)
    me.open(PAGE)
    slip = toast_form(me)
    me.answer = me.client.post(f"{PAGE}/stop-all", data=form, follow_redirects=True)
    assert "此前已停止全部通知，没有改动" in me.page
    me.client.post(f"{PAGE}/stop-all/undo", data=slip)
    assert told_of(ctx, 1) == [(True, True), ("w",)]
    assert stands(ctx, 1)["notify"] == [True, True, True]


@pytest.mark.parametrize(
    "bad",
    [{"at": ""}, {"at": "2026-06-24"}, {"at": "x" * 9999}, {"before": "-1"}, {"after": str(2**64)}, {"dropped": ""}],
)
def test_a_slip_that_says_nothing_is_refused(ctx: Context, me: Browser, bad: dict[str, str]) -> None:
    me.send(f"{PAGE}/stop-all")
    slip = toast_form(me) | bad
    before = snapshot(ctx)
    assert me.client.post(f"{PAGE}/stop-all/undo", data=slip).status_code == 400
    assert snapshot(ctx) == before


def test_a_slip_of_somebody_elses_brings_nothing_of_theirs_back(app: Flask, ctx: Context, me: Browser) -> None:
    me.send(f"{PAGE}/stop-all")
    slip = toast_form(me)
    other = Browser(app).sign_in(person=person(ctx, 2, consent=()))
    other.open(PAGE)
    slip |= {name: str(value) for name, value in other.form(f"{PAGE}/stop-all").items()}
    assert other.client.post(f"{PAGE}/stop-all/undo", data=slip).status_code == 303
    assert told_of(ctx, 1) == [(False, False)]
    assert not any(stands(ctx, 2)["notify"])
