"""Fair across campaigns: those of one lane share its workers, and none waits for a provider that another needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.store.session import transaction
from tests.making import choose, make_campaign, make_person, make_policy

CLAIMS = 80


def crowd(ctx: Context, first: int, n: int, channel: str = "sms") -> set[int]:
    """A campaign that is planned, in slices of one; its people."""
    small = replace(ctx, settings=replace(ctx.settings, slice_size=1))
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, first + i, channels=(channel,), consent=("notify",)) for i in range(n)]
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx, f"policy-{first}"))
        choose(conn, ctx, campaign, people)
    assert plan(small, campaign) == n
    return set(people)


def test_two_campaigns_of_one_lane_share_it(ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]) -> None:
    earlier, later = crowd(ctx, 1000, CLAIMS), crowd(ctx, 2000, CLAIMS)
    assert all(deliver_next(ctx, sender, "normal") for _ in range(CLAIMS))
    shares = Counter(message.recipient in earlier for message in memory["sms"].sent)
    assert sum(shares.values()) == CLAIMS
    assert min(shares[True], shares[False]) >= CLAIMS // 4  # drawn by lot: less comes once in a hundred thousand runs
    assert earlier.isdisjoint(later)


def test_a_small_campaign_is_through_before_a_large_one(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]
) -> None:
    crowd(ctx, 1000, CLAIMS)
    small = crowd(ctx, 2000, 3)
    assert all(deliver_next(ctx, sender, "normal") for _ in range(CLAIMS // 2))
    assert small <= {message.recipient for message in memory["sms"].sent}


def test_a_paused_provider_stops_only_the_campaign_that_needs_it(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]
) -> None:
    paused, other = crowd(ctx, 1000, 12), crowd(ctx, 2000, 12, "email")
    resting = replace(sender, pick=lambda channel, lot, lane: None if channel == "sms" else channel)
    assert [deliver_next(ctx, resting, "normal") for _ in range(13)] == [True] * 12 + [False]
    assert {message.recipient for message in memory["email"].sent} == other
    while deliver_next(ctx, sender, "normal"):
        pass
    assert {message.recipient for message in memory["sms"].sent} == paused


def test_a_campaign_without_tokens_does_not_stop_the_other(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]
) -> None:
    with_pace, other = crowd(ctx, 1000, 12), crowd(ctx, 2000, 12)
    with transaction(ctx.engine) as conn:
        conn.exec_driver_sql("update campaign set rate_per_second = 1 where id = 1")
    spent = replace(sender, may_send=lambda route, n, campaign=None: campaign is None)
    assert [deliver_next(ctx, spent, "normal") for _ in range(13)] == [True] * 12 + [False]
    assert {message.recipient for message in memory["sms"].sent} == other
    assert with_pace.isdisjoint(other)
