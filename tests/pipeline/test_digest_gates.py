"""A digest is gated item by item: what a person no longer wants leaves it, and the rest still arrives."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time

import pytest
from sqlalchemy import insert, select, update

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import plan_digest, release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import set_choices
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, prefer

Memory = dict[str, MemoryChannel]
MORNING = datetime.fromisoformat("2026-06-25T08:31:00+08:00")


def daily(ctx: Context, n: int = 1, **choices: object) -> int:
    """A person who asked for one message a day."""
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, n, consent=("notify", "recommend"))
        prefer(conn, ctx, person, cadence="daily", **choices)
    return person


def tell(ctx: Context, person: int, ref: str, door: str = "subscribed", **policy: str) -> int:
    """A planned campaign to one person."""
    with transaction(ctx.engine) as conn:
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx, ref, title=f"政策{ref}", **policy))
        choose(conn, ctx, campaign_id, [person], door)
    plan(ctx, campaign_id)
    return campaign_id


def send(ctx: Context, sender: Sender, clock: Clock, now: datetime = MORNING) -> None:
    """The next morning comes."""
    clock.now = now
    release_digests(ctx)
    for lane in ("normal", "bulk"):
        while deliver_next(ctx, sender, lane):
            pass


def items(ctx: Context) -> list[str]:
    with transaction(ctx.engine) as conn:
        query = select(tables.policy.c.ref).join(tables.delivery_item)
        return list(conn.scalars(query.order_by(tables.policy.c.ref)))


def refusals(ctx: Context) -> Counter[str]:
    with transaction(ctx.engine) as conn:
        return Counter(conn.scalars(select(tables.refusal.c.code)))


def test_switching_recommendations_off_leaves_the_subscribed_items(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = daily(ctx)
    tell(ctx, person, "a", "recommended")
    tell(ctx, person, "b")
    set_choices(ctx, person, {"personalised": False})
    send(ctx, sender, clock)
    assert (items(ctx), refusals(ctx)) == (["b"], {"personalised_off": 1})
    assert "政策b" in memory["sms"].sent[0].text
    assert ledger.check(ctx).differences == ()


def test_a_recommended_item_of_a_subscribed_digest_is_switched_off_too(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = daily(ctx)
    tell(ctx, person, "a")
    tell(ctx, person, "b", "recommended")
    set_choices(ctx, person, {"personalised": False})
    send(ctx, sender, clock)
    assert (items(ctx), refusals(ctx), len(memory["sms"].sent)) == (["a"], {"personalised_off": 1}, 1)


def test_a_topic_muted_since_leaves_the_digest(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    person = daily(ctx)
    tell(ctx, person, "a", topic="talent")
    tell(ctx, person, "b", topic="elder")
    set_choices(ctx, person, {"muted": ["talent"]})
    send(ctx, sender, clock)
    assert (items(ctx), refusals(ctx), len(memory["sms"].sent)) == (["b"], {"muted": 1}, 1)


def test_a_digest_of_which_nothing_is_left_is_not_sent(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = daily(ctx)
    campaign_id = tell(ctx, person, "a")
    campaigns.cancel(ctx, campaign_id, "李萌")
    send(ctx, sender, clock)
    assert memory["sms"].sent == []
    assert campaigns.report(ctx, campaign_id)["refusals"] == {"cancelled": 1}
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(tables.delivery.c.state)).scalars().all() == ["refused"]


def test_a_policy_that_comes_after_its_digest_left_waits_for_the_next(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = daily(ctx)
    tell(ctx, person, "a")
    with transaction(ctx.engine) as conn:  # released by a clock that is a little ahead
        conn.execute(update(tables.delivery).values(state="accepted", accepted_at=clock()))
    tell(ctx, person, "b")
    send(ctx, sender, clock, datetime.fromisoformat("2026-06-26T08:31:00+08:00"))
    assert ["政策b" in m.text for m in memory["sms"].sent] == [True]


@pytest.mark.parametrize(
    ("last_day", "event", "left"),
    [("2026-06-24", "new", False), ("2026-06-25", "new", True), ("2026-06-24", "repealed", True)],
)
def test_a_policy_that_was_repealed_meanwhile_leaves_the_digest_but_not_the_news_of_it(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock, last_day: str, event: str, left: bool
) -> None:
    tell(ctx, daily(ctx), "a")
    with transaction(ctx.engine) as conn:
        ended = {"repealed_by": make_policy(conn, ctx, "b"), "valid_to": date.fromisoformat(last_day)}
        conn.execute(update(tables.policy).where(tables.policy.c.ref == "a").values(ended))
        conn.execute(update(tables.campaign).values(detail={"kind": event}))
    send(ctx, sender, clock)
    assert len(memory["sms"].sent) == left
    assert refusals(ctx) == ({} if left else {"repealed": 1})


def test_a_digest_keeps_the_persons_quiet_hours(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    tell(ctx, daily(ctx, quiet_from=time(22, 0), quiet_to=time(9, 0)), "a")
    send(ctx, sender, clock)
    assert memory["sms"].sent == []
    send(ctx, sender, clock, datetime.fromisoformat("2026-06-25T09:00:00+08:00"))
    assert len(memory["sms"].sent) == 1


def test_two_people_at_one_number_each_keep_their_own_digest(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    first, second = daily(ctx, 1), daily(ctx, 2)
    tell(ctx, first, "a")
    tell(ctx, second, "b")
    with transaction(ctx.engine) as conn:
        linked = tables.profile_address
        conn.execute(update(linked).where(linked.c.profile_id == second).values(address_id=1))
    send(ctx, sender, clock)
    assert len(memory["sms"].sent) == 2


def test_another_event_of_the_same_policy_in_one_digest_has_a_fate(ctx: Context) -> None:
    person = daily(ctx)
    tell(ctx, person, "a")
    with transaction(ctx.engine) as conn:
        policy_id = conn.execute(select(tables.policy.c.id)).scalar_one()
        again = make_campaign(conn, ctx, policy_id)
        conn.execute(update(tables.campaign).where(tables.campaign.c.id == again).values(event="deadline"))
        choose(conn, ctx, again, [person])
    plan(ctx, again)
    assert refusals(ctx) == {"told": 1}
    assert ledger.check(ctx).differences == ()


def test_a_campaign_of_another_event_is_remembered_by_its_own_event(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        policy_id = make_policy(conn, ctx)
        runs = [make_campaign(conn, ctx, policy_id) for _ in range(3)]
        for campaign_id, event in zip(runs, ("deadline", "deadline", "new:policy-1"), strict=True):
            conn.execute(update(tables.campaign).where(tables.campaign.c.id == campaign_id).values(event=event))
            choose(conn, ctx, campaign_id, [person])
    for campaign_id in runs:
        plan(ctx, campaign_id)
    found = [campaigns.report(ctx, c) for c in runs]
    assert [one["refusals"] for one in found] == [{}, {"told": 1}, {}]


def test_a_life_event_tells_no_policy_twice_and_keeps_the_weekly_maximum(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify", "recommend"))
        prefer(conn, ctx, person, weekly_max=1)
        ids = [make_policy(conn, ctx, ref) for ref in ("a", "b")]
        told = make_campaign(conn, ctx, ids[0])
        choose(conn, ctx, told, [person])
    plan(ctx, told)

    def answer(key: str, policy_ids: list[int]) -> int:
        return plan_digest(ctx, key=key, kind="life", profile_id=person, policy_ids=policy_ids, door="recommended")

    assert answer("life:1", ids) == 1
    assert items(ctx) == ["b"]
    assert answer("life:1", ids) == 0
    with transaction(ctx.engine) as conn:
        third = make_policy(conn, ctx, "c")
    assert answer("life:2", [third]) == 0
    assert refusals(ctx) == {"cap": 1}


def test_a_member_who_left_the_firm_is_told_of_his_own_matters_only(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = daily(ctx)
    with transaction(ctx.engine) as conn:
        firm = make_person(conn, ctx, 9, channels=(), kind="enterprise")
        conn.execute(insert(tables.member).values(profile_id=firm, person_id=person))
    tell(ctx, firm, "a")
    tell(ctx, person, "b")
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.member).values(left_at=clock()))
    send(ctx, sender, clock)
    assert (items(ctx), refusals(ctx), len(memory["sms"].sent)) == (["b"], {"no_address": 1}, 1)


def test_an_answer_takes_a_channel_that_its_topic_is_open_on(ctx: Context, sender: Sender, memory: Memory) -> None:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, channels=("app", "sms"), consent=("notify", "recommend"))
        policy = make_policy(conn, ctx, "a")
        topic = conn.scalar(select(tables.policy.c.topic).where(tables.policy.c.id == policy))
        prefer(conn, ctx, person, channels={topic: {"app": False}})
    plan_digest(ctx, key="life:1", kind="life", profile_id=person, policy_ids=[policy], door="recommended")
    while deliver_next(ctx, sender, "normal"):
        pass
    assert (len(memory["app"].sent), len(memory["sms"].sent)) == (0, 1)
