"""Digests: one message a person, each policy once, at the hour the cadence says."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import next_digest, plan_digest, release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, moment, prefer

Memory = dict[str, MemoryChannel]


def person_with(ctx: Context, cadence: str) -> int:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify", "recommend"))
        prefer(conn, ctx, person, cadence=cadence)
    return person


def tell(ctx: Context, person: int, ref: str, **policy: str) -> int:
    """A planned campaign to one person; returns its policy."""
    with transaction(ctx.engine) as conn:
        policy_id = make_policy(conn, ctx, ref, **policy)
        campaign_id = make_campaign(conn, ctx, policy_id)
        choose(conn, ctx, campaign_id, [person])
    plan(ctx, campaign_id)
    return policy_id


@pytest.mark.parametrize(
    ("now", "cadence", "due"),
    [
        ("2026-06-24T08:29:00+08:00", "daily", "2026-06-24T08:30:00+08:00"),
        ("2026-06-24T08:30:00+08:00", "daily", "2026-06-25T08:30:00+08:00"),
        ("2026-06-24T09:30:00+08:00", "weekly", "2026-06-29T08:30:00+08:00"),
        ("2026-06-29T08:29:59+08:00", "weekly", "2026-06-29T08:30:00+08:00"),
    ],
)
def test_the_next_digest_is_at_half_past_eight_of_its_day(now: str, cadence: str, due: str) -> None:
    assert next_digest(moment(now), cadence) == moment(due)


def test_a_daily_digest_holds_the_days_policies_in_one_message(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = person_with(ctx, "daily")
    tell(ctx, person, "a")
    tell(ctx, person, "b")
    assert release_digests(ctx) == 0
    clock.now = datetime.fromisoformat("2026-06-25T08:31:00+08:00")
    assert release_digests(ctx) == 1
    deliver_next(ctx, sender, "bulk")
    assert len(memory["sms"].sent) == 1
    assert memory["sms"].sent[0].text.startswith("【江澜政策】2项政策与您有关：")


def test_a_policy_told_in_a_digest_is_not_told_again(ctx: Context) -> None:
    person = person_with(ctx, "daily")
    tell(ctx, person, "a", family="f", event="e")
    tell(ctx, person, "b", family="f", event="e")
    with transaction(ctx.engine) as conn:
        assert conn.scalars(select(tables.refusal.c.code)).all() == ["told"]
        assert len(conn.execute(select(tables.delivery_item)).all()) == 1


def test_changing_the_cadence_neither_loses_nor_repeats(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = person_with(ctx, "weekly")
    tell(ctx, person, "a")
    with transaction(ctx.engine) as conn:
        conn.execute(tables.preference.update().values(cadence="daily"))
    tell(ctx, person, "b")
    clock.now = datetime.fromisoformat("2026-07-01T08:31:00+08:00")
    assert release_digests(ctx) == 2
    while deliver_next(ctx, sender, "bulk"):
        pass
    assert len(memory["sms"].sent) == 2


def test_the_answer_to_a_life_event_is_one_message_once(ctx: Context, sender: Sender, memory: Memory) -> None:
    person = person_with(ctx, "immediate")
    with transaction(ctx.engine) as conn:
        ids = [make_policy(conn, ctx, ref) for ref in ("a", "b", "c", "d")]
    answer = {"key": "life:1", "kind": "life", "profile_id": person, "policy_ids": ids, "door": "subscribed"}
    assert plan_digest(ctx, **answer) == 1
    assert plan_digest(ctx, **answer) == 0
    while deliver_next(ctx, sender, "normal"):
        pass
    assert len(memory["sms"].sent) == 1
    with transaction(ctx.engine) as conn:
        assert conn.scalars(select(tables.refusal.c.code)).all() == []


def test_a_campaign_says_how_many_it_tells_inside_digests(ctx: Context) -> None:
    tell(ctx, person_with(ctx, "daily"), "a")
    assert campaigns.report(ctx, 1)["digests"] == 1
