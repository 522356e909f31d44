"""Nobody is told twice of one event, though one copy waits in a digest while another campaign tells of it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import update

from channels.base import Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import plan_digest, release_digests
from pushsvc.pipeline.plan import Used, plan, plan_chunk
from pushsvc.pipeline.retry_these import Wanted, retry_these
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, moment, prefer
from tests.registering import ask

Memory = dict[str, MemoryChannel]


def two_campaigns(ctx: Context, n: int, *, apart: bool = False) -> tuple[int, int]:
    """One tells people at once, as they asked, the other recommends the same (the last first) in their daily digests;
    `apart`: it is another policy of the same event."""
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, i, consent=("notify", "recommend")) for i in range(1, n + 1)]
        for person in people:
            prefer(conn, ctx, person, cadence="daily", weekly_max=0)
        same = {"family": "f", "event": "new:f"}
        policies = [make_policy(conn, ctx, ref, **same) for ref in (("a", "b") if apart else ("a",))]
        at_once, later = make_campaign(conn, ctx, policies[0]), make_campaign(conn, ctx, policies[-1])
        choose(conn, ctx, at_once, people)
        choose(conn, ctx, later, people[::-1], "recommended")
        conn.execute(update(tables.subscription).values(cadence="immediate"))
    return at_once, later


def send(ctx: Context, sender: Sender, *lanes: str) -> None:
    for lane in lanes:
        while deliver_next(ctx, sender, lane):
            pass


def morning(ctx: Context, sender: Sender, clock: Clock) -> None:
    """The next day's digests leave."""
    clock.now = moment("2026-06-25T08:31:00+08:00")
    release_digests(ctx)
    send(ctx, sender, "normal", "bulk")


def told(ctx: Context, memory: Memory) -> Sequence[int]:
    """How often each was told; the ledger agrees."""
    assert ledger.check(ctx).differences == ()
    return sorted(Counter(message.recipient for message in memory["sms"].sent).values())


def test_two_campaigns_side_by_side_tell_each_person_once(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    at_once, later = two_campaigns(ctx, 6)
    for _ in range(4):
        plan_chunk(ctx, at_once, 2, Used())
        plan_chunk(ctx, later, 2, Used())
        send(ctx, sender, "normal")
    morning(ctx, sender, clock)
    assert told(ctx, memory) == [1] * 6


def test_what_is_tried_again_after_another_gathered_it_is_told_once(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    at_once, later = two_campaigns(ctx, 1)
    plan(ctx, at_once)
    answers = iter([Outcome("rejected", "http_404")])
    first = MemoryChannel("sms", clock=clock, answer=lambda message: next(answers, Outcome("accepted")))
    sender = replace(sender, channels={"sms": first})
    send(ctx, sender, "normal")
    plan(ctx, later)
    assert retry_these(ctx, at_once, Wanted(code="http_404"), actor="周岚") == 1
    send(ctx, sender, "normal")
    morning(ctx, sender, clock)
    memory["sms"] = first
    assert told(ctx, memory) == [1]
    assert ask(ctx, "select code from refusal") == [("told",)]


def test_of_two_items_of_one_event_the_one_of_the_earlier_campaign_stays(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    earlier, later = two_campaigns(ctx, 2, apart=True)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.subscription).values(cadence="daily"))
    plan_chunk(ctx, earlier, 1, Used())
    plan(ctx, later)
    plan(ctx, earlier)
    morning(ctx, sender, clock)
    assert told(ctx, memory) == [1, 1]
    assert ask(ctx, "select distinct campaign_id from delivery_item") == [(earlier,)]
    assert ask(ctx, "select distinct code from refusal") == [("told",)]


def test_the_answer_to_a_life_event_says_nothing_that_an_earlier_campaign_tells(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    at_once, _ = two_campaigns(ctx, 2)
    plan_chunk(ctx, at_once, 1, Used())
    answer = {"key": "life:1", "kind": "life", "profile_id": 2, "policy_ids": [1], "door": "recommended"}
    assert plan_digest(ctx, **answer) == 1
    plan(ctx, at_once)
    send(ctx, sender, "normal")
    assert told(ctx, memory) == [1, 1]
    assert ask(ctx, "select state, code from delivery where policy_id is null") == [("refused", "told")]
