"""Digests: one message a person, each policy once, at the hour the cadence says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy import select

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import plan_digest, release_digests
from pushsvc.pipeline.digest_days import next_digest
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.locks import try_digests
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, moment, prefer

Memory = dict[str, MemoryChannel]


@dataclass
class Breaking:
    """A clock that stops the process after it was asked so often."""

    clock: Clock
    after: int

    def __call__(self) -> datetime:
        if not self.after:
            raise KeyboardInterrupt
        self.after -= 1
        return self.clock()


def gathering(ctx: Context) -> int:
    with transaction(ctx.engine) as conn:
        return len(conn.scalars(select(tables.delivery.c.id).where(tables.delivery.c.state == "gathering")).all())


def change(ctx: Context, person: int, cadence: str) -> None:
    """Another cadence, as if imported: nobody looks at what is gathered."""
    with transaction(ctx.engine) as conn:
        mine = tables.preference.c.profile_id == person
        conn.execute(tables.preference.update().where(mine).values(cadence=cadence))


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
        ("2026-09-30T12:00:00+08:00", "weekly", "2026-10-08T08:30:00+08:00"),  # Monday, 5 October, is a holiday
        ("2026-10-08T08:30:00+08:00", "weekly", "2026-10-12T08:30:00+08:00"),
        ("2026-02-14T12:00:00+08:00", "weekly", "2026-02-24T08:30:00+08:00"),  # two Mondays of the Spring Festival
        ("2026-02-24T08:30:00+08:00", "weekly", "2026-03-02T08:30:00+08:00"),
        ("2026-10-01T12:00:00+08:00", "daily", "2026-10-02T08:30:00+08:00"),
        ("2026-06-24T23:59:00+00:00", "daily", "2026-06-25T08:30:00+08:00"),
        ("2026-06-24T12:00:00+08:00", "immediate", "2026-06-24T12:00:00+08:00"),
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


def test_what_should_have_left_on_two_days_comes_in_one_message(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    person = person_with(ctx, "daily")
    tell(ctx, person, "a")
    clock.now = moment("2026-06-25T09:00:00+08:00")  # nobody looked at 08:30
    tell(ctx, person, "b")
    clock.now = moment("2026-06-28T12:00:00+08:00")
    assert release_digests(ctx) == 1
    while deliver_next(ctx, sender, "bulk"):
        pass
    assert [sent.text[:10] for sent in memory["sms"].sent] == ["【江澜政策】2项政策"]
    assert ledger.check(ctx).differences == ()


def test_the_daily_and_the_weekly_digest_of_a_monday_are_one_message(ctx: Context, clock: Clock) -> None:
    person = person_with(ctx, "weekly")
    tell(ctx, person, "a")
    clock.now = moment("2026-06-28T12:00:00+08:00")
    change(ctx, person, "daily")
    tell(ctx, person, "b")
    clock.now = moment("2026-06-29T08:31:00+08:00")
    assert release_digests(ctx) == 1
    assert release_digests(ctx) == 0


def test_a_policy_that_two_missed_digests_hold_is_told_once(ctx: Context, clock: Clock) -> None:
    person = person_with(ctx, "daily")
    policy_id = tell(ctx, person, "a")
    clock.now = moment("2026-06-25T09:00:00+08:00")
    with transaction(ctx.engine) as conn:
        again = make_campaign(conn, ctx, policy_id)
        conn.execute(tables.campaign.update().where(tables.campaign.c.id == again).values(event="deadline"))
        choose(conn, ctx, again, [person])
    plan(ctx, again)
    clock.now = moment("2026-06-26T09:00:00+08:00")
    assert release_digests(ctx) == 1
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(tables.refusal.c.code)).scalars().all() == ["told"]
    assert ledger.check(ctx).differences == ()


def test_digests_leave_in_pieces_and_go_on_where_a_round_was_cut_short(ctx: Context, clock: Clock) -> None:
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, n, consent=("notify",)) for n in range(7)]
        for person in people:
            prefer(conn, ctx, person, cadence="daily")
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign_id, people)
    plan(ctx, campaign_id)
    assert gathering(ctx) == 7
    clock.now = moment("2026-06-25T08:31:00+08:00")
    broken = Breaking(clock, after=2)
    with pytest.raises(KeyboardInterrupt):
        release_digests(replace(ctx, clock=broken), piece=2)
    assert gathering(ctx) == 3
    assert release_digests(ctx, piece=2) == 3
    with transaction(ctx.engine) as conn:
        assert conn.scalars(select(tables.delivery.c.slice_id.is_(None))).all() == [False] * 7


def test_only_one_releases_at_a_time(ctx: Context, clock: Clock) -> None:
    tell(ctx, person_with(ctx, "daily"), "a")
    clock.now = moment("2026-06-25T08:31:00+08:00")
    with transaction(ctx.engine) as conn:
        assert try_digests(conn)
        assert release_digests(ctx) == 0
    assert release_digests(ctx) == 1


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
