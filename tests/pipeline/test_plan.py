"""Planning: every selection becomes a delivery or a named refusal, and running again changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import time

import pytest
from sqlalchemy import select

from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.plan import Used, plan, plan_chunk
from pushsvc.store import tables
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.session import transaction
from tests.making import choose, give, make_campaign, make_person, make_policy, prefer, send_to, subscribe


def fates(ctx: Context, campaign_id: int) -> Counter[str]:
    """What became of a campaign's selections: channels, and refusal codes."""
    found = campaigns.report(ctx, campaign_id)
    sent = {channel: sum(states.values()) for channel, states in found["deliveries"].items()}
    return Counter(sent) + Counter(found["refusals"])


def test_it_plans_each_person_on_the_first_channel_that_is_open(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        app = make_person(conn, ctx, 1, channels=("app", "sms"), consent=("notify",))
        sms = make_person(conn, ctx, 2, channels=("sms", "email"), consent=("notify",))
        nobody = make_person(conn, ctx, 3, channels=(), consent=("notify",))
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign_id, [app, sms, nobody])
    assert plan(ctx, campaign_id) == 3
    assert fates(ctx, campaign_id) == {"app": 1, "sms": 1, "no_address": 1}


def test_it_changes_nothing_when_it_is_run_again(ctx: Context) -> None:
    sent = send_to(ctx, 5)
    plan(ctx, sent.campaign_id)
    assert plan(ctx, sent.campaign_id) == 0
    assert fates(ctx, sent.campaign_id) == {"sms": 5}


@pytest.mark.parametrize("chunk", [1, 2, 7, 100])
def test_any_chunking_gives_the_same_decisions(ctx: Context, chunk: int) -> None:
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, n % 4, channels=(), consent=("notify",), ref=f"x{n}") for n in range(8)]
        for n, person in enumerate(people):
            replace_addresses(conn, ctx.keyring, [NewAddress(person, "sms", f"1380000000{n % 4}", "*")])
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign_id, people)
    plan(ctx, campaign_id, chunk=chunk)
    with transaction(ctx.engine) as conn:
        told = conn.scalars(select(tables.delivery.c.profile_id).order_by(tables.delivery.c.profile_id)).all()
    assert told == people[:4]
    assert fates(ctx, campaign_id) == {"sms": 4, "same_address": 4}


def test_it_refuses_without_consent_and_says_so(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1)
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign_id, [person])
    plan(ctx, campaign_id)
    assert fates(ctx, campaign_id) == {"no_basis": 1}


def test_a_recorded_duty_needs_no_consent_at_the_entitled_door(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1)
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx), basis="办法第十条", doors=["entitled"])
        choose(conn, ctx, campaign_id, [person], "entitled")
    plan(ctx, campaign_id)
    assert fates(ctx, campaign_id) == {"sms": 1}


def test_the_same_event_twice_is_told_once_and_another_event_again(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        first, same, yearly = (
            make_policy(conn, ctx, ref, family="补助", event=event)
            for ref, event in (("a", "notice:2025"), ("b", "notice:2025"), ("c", "notice:2026"))
        )
        runs = [make_campaign(conn, ctx, policy_id) for policy_id in (first, same, yearly)]
        for campaign_id in runs:
            choose(conn, ctx, campaign_id, [person])
    for campaign_id in runs:
        plan(ctx, campaign_id)
    assert [dict(fates(ctx, c)) for c in runs] == [{"sms": 1}, {"told": 1}, {"sms": 1}]


def test_a_weekly_maximum_holds_back_recommendations_but_not_subscriptions(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify", "recommend"))
        prefer(conn, ctx, person, weekly_max=1)
        runs = []
        for ref, door in (("a", "recommended"), ("b", "recommended"), ("c", "subscribed")):
            runs.append(make_campaign(conn, ctx, make_policy(conn, ctx, ref)))
            choose(conn, ctx, runs[-1], [person], door)
    for campaign_id in runs:
        plan(ctx, campaign_id)
    assert [dict(fates(ctx, c)) for c in runs] == [{"sms": 1}, {"cap": 1}, {"sms": 1}]


def test_a_person_met_again_through_a_firm_gets_one_message(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, channels=("app", "sms"), consent=("notify",))
        firm = make_person(conn, ctx, 2, channels=(), kind="enterprise")
        conn.execute(tables.member.insert().values(profile_id=firm, person_id=person))
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign_id, [firm, person])
    plan(ctx, campaign_id)
    assert fates(ctx, campaign_id) == {"app": 1, "same_address": 1}


def test_a_daily_digest_gathers_and_leaves_the_ledger_complete(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        prefer(conn, ctx, person, cadence="daily")
        runs = []
        for ref in ("a", "b"):
            runs.append(make_campaign(conn, ctx, make_policy(conn, ctx, ref)))
            choose(conn, ctx, runs[-1], [person])
    for campaign_id in runs:
        plan(ctx, campaign_id)
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(tables.delivery.c.state)).scalars().all() == ["gathering"]
        assert len(conn.execute(select(tables.delivery_item)).all()) == 2
    assert ledger.check(ctx).differences == ()


def test_quiet_hours_move_a_slice_to_the_morning(ctx: Context) -> None:
    sent = send_to(ctx, 1)
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, sent.people[0], quiet_from=time(9, 0), quiet_to=time(11, 0))
    plan(ctx, sent.campaign_id)
    with transaction(ctx.engine) as conn:
        due = conn.execute(select(tables.slice_.c.due_at)).scalar_one()
    assert due.isoformat() == "2026-06-24T03:00:00+00:00"


def test_a_paused_campaign_is_not_planned(ctx: Context) -> None:
    sent = send_to(ctx, 1, state="paused")
    assert plan(ctx, sent.campaign_id) == 0


def test_withdrawn_consent_is_the_latest_word(ctx: Context) -> None:
    sent = send_to(ctx, 1)
    with transaction(ctx.engine) as conn:
        give(conn, ctx, sent.people[0], "notify", given=False)
    plan(ctx, sent.campaign_id)
    assert fates(ctx, sent.campaign_id) == {"no_basis": 1}


@pytest.mark.parametrize(
    ("wished", "state"),
    [(["immediate"], "planned"), (["weekly", "daily"], "gathering"), (["daily", "immediate"], "planned")],
)
def test_a_subscription_is_told_as_often_as_it_asks(ctx: Context, wished: list[str], state: str) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        prefer(conn, ctx, person, cadence="weekly")
        numbers = [subscribe(conn, ctx, person, f"w{n}", cadence) for n, cadence in enumerate(wished)]
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign_id, [person])
        conn.execute(tables.selection.update().values(why={"subscriptions": numbers}))
    plan(ctx, campaign_id)
    with transaction(ctx.engine) as conn:
        assert conn.scalars(select(tables.delivery.c.state)).all() == [state]


@pytest.mark.parametrize("restarted", [False, True])
def test_whom_a_digest_told_already_uses_no_address_whoever_plans_the_next_chunk(ctx: Context, restarted: bool) -> None:
    with transaction(ctx.engine) as conn:
        first, second = (make_person(conn, ctx, n, channels=(), consent=("notify",)) for n in (1, 2))
        for person in (first, second):
            prefer(conn, ctx, person, cadence="daily")
            replace_addresses(conn, ctx.keyring, [NewAddress(person, "sms", "13800000001", "*")])
        policy_id = make_policy(conn, ctx)
        new, deadline = (make_campaign(conn, ctx, policy_id, event=event) for event in ("new", "deadline"))
        choose(conn, ctx, new, [first])
        choose(conn, ctx, deadline, [first, second])
    plan(ctx, new)
    used = Used()
    while plan_chunk(ctx, deadline, 1, Used() if restarted else used):
        pass
    assert fates(ctx, deadline) == {"told": 1}
    assert campaigns.report(ctx, deadline)["digests"] == 1
