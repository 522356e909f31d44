"""What was put back on a guess may have arrived: no later answer makes it unsent, and nobody is told the same again."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, repeat
from typing import Any, Literal

import pytest
from sqlalchemy import select

from channels.base import AfterUnknown, Batch, Outcome
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.retry_these import Wanted, rejected, retry_these
from pushsvc.pipeline.retrying import MAX_ATTEMPTS
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import again, tables
from pushsvc.store.receipts import store_receipts
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, give, make_campaign, make_person, make_policy, moment, prefer, send_to

SILENT, BUSY = Outcome("unknown", "read_timeout"), Outcome("deferred", "451")
FULL = Outcome("rejected", "mailbox_full")  # of a class that people may have tried again
PROMISES: dict[str, AfterUnknown] = {"app": "repeat", "email": "accept_duplicate"}


class Provider(MemoryChannel):
    """Answers in the given order, then with the last; `had`: what it was silent about has arrived."""

    def __init__(self, name: str, clock: Clock, *said: Outcome, had: bool = True) -> None:
        answers = chain(said, repeat(said[-1]))
        super().__init__(name, clock=clock, answer=lambda m: next(answers), after_unknown=PROMISES[name])
        self.had = had

    async def send(self, batch: Batch) -> list[Outcome]:
        outcomes = await super().send(batch)
        silent = [m for m, one in zip(batch.messages, outcomes, strict=True) if one == SILENT and self.had]
        self.sent += silent
        return outcomes


def beside(sender: Sender, provider: Provider) -> Sender:
    """The sender with this provider in the place of its own."""
    return replace(sender, channels={**sender.channels, provider.name: provider})


def send_all(ctx: Context, sender: Sender) -> None:
    for lane in ("normal", "bulk"):
        while deliver_next(ctx, sender, lane):
            pass


def go_on(ctx: Context, sender: Sender, clock: Clock, rounds: int = 3, **wait: float) -> None:
    """What is due is sent; time passes; a sweep."""
    for _ in range(rounds):
        send_all(ctx, sender)
        clock.forward(**(wait or {"minutes": 5}))
        sweep(ctx, sender)


def fates(ctx: Context) -> list[tuple[Any, ...]]:
    """(channel, state, code) of each delivery."""
    kept = tables.delivery.c
    with transaction(ctx.engine) as conn:
        return [tuple(row) for row in conn.execute(select(kept.channel, kept.state, kept.code).order_by(kept.id))]


def hear(ctx: Context, clock: Clock, status: Literal["delivered", "complained", "rejected"]) -> None:
    """A receipt of the only delivery."""
    with transaction(ctx.engine) as conn:
        key = conn.scalar(select(tables.delivery.c.wire_key))
        store_receipts(conn, "memory", [{"wire_key": key, "status": status, "code": "", "raw": {}}], clock())
    match_receipts(ctx)


@pytest.mark.parametrize("said", [(SILENT, FULL), (SILENT, *[BUSY] * (MAX_ATTEMPTS - 1), FULL)])
def test_a_mail_that_may_have_arrived_is_not_rejected_and_nobody_can_send_it_again(
    ctx: Context, sender: Sender, clock: Clock, said: tuple[Outcome, ...]
) -> None:
    sent = send_to(ctx, 1, channels=("email",))
    plan(ctx, sent.campaign_id)
    relay = Provider("email", clock, *said)
    go_on(ctx, beside(sender, relay), clock, rounds=2 * MAX_ATTEMPTS, hours=2)
    assert fates(ctx) == [("email", "unknown", "ended")]
    assert rejected(ctx, sent.campaign_id) == []
    assert retry_these(ctx, sent.campaign_id, Wanted(kind="mailbox_full"), actor="周岚") == 0
    assert len(relay.batches) <= MAX_ATTEMPTS
    assert ledger.check(ctx, {"email": {m.key for m in relay.sent}, "app": set(), "sms": set()}).differences == ()


def test_what_was_called_rejected_under_doubt_is_not_put_back_either(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    sent = send_to(ctx, 1, channels=("email",))
    plan(ctx, sent.campaign_id)
    go_on(ctx, beside(sender, Provider("email", clock, FULL)), clock)
    with transaction(ctx.engine) as conn:  # as a worker of an older release left it
        conn.execute(tables.delivery.update().values(doubtful=True))
        (coded,) = again.rejected_by_code(conn, sent.campaign_id)
        assert again.rejected_ids(conn, sent.campaign_id, [coded]) == []
        assert again.put_back(conn, 1, [1], now=clock(), slice_size=10) == 0


@pytest.mark.parametrize(
    ("had", "app", "sms"), [(True, "accepted", "waiting"), (False, "cancelled", "accepted")], ids=["had", "had_not"]
)
def test_a_push_rejected_in_its_repeat_is_asked_about_before_an_sms_follows(
    ctx: Context, sender: Sender, clock: Clock, had: bool, app: str, sms: str
) -> None:
    sent = send_to(ctx, 1, channels=("app", "sms"))
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, sent.people[0], escalate=["sms"], escalate_hours=24)
    plan(ctx, sent.campaign_id)
    gateway = Provider("app", clock, SILENT, Outcome("rejected", "device_gone"), had=had)
    mine = beside(sender, gateway)
    go_on(ctx, mine, clock, rounds=1)
    send_all(ctx, mine)
    assert [fate[:2] for fate in fates(ctx)] == [("app", "unknown"), ("sms", "waiting")]
    go_on(ctx, mine, clock)
    assert [fate[:2] for fate in fates(ctx)] == [("app", app), ("sms", sms)]
    assert len(gateway.batches) == 2
    found = ledger.check(ctx).differences
    assert [one for one in found if "inbox" not in one] == []  # none stands behind this channel


@pytest.mark.parametrize(("status", "state"), [("delivered", "delivered"), ("complained", "complained")])
def test_a_receipt_that_proves_arrival_stops_the_repeat(
    ctx: Context, sender: Sender, clock: Clock, status: Any, state: str
) -> None:
    plan(ctx, send_to(ctx, 1, channels=("email",)).campaign_id)
    relay = Provider("email", clock, SILENT, BUSY)
    mine = beside(sender, relay)
    go_on(ctx, mine, clock, rounds=2)
    assert [fate[1] for fate in fates(ctx)] == ["planned"]
    hear(ctx, clock, status)
    go_on(ctx, mine, clock)
    assert [fate[1] for fate in fates(ctx)] == [state]
    assert len(relay.batches) == 2
    assert ledger.check(ctx).differences == ()


def test_a_receipt_of_a_rejection_is_about_one_attempt_of_several(ctx: Context, sender: Sender, clock: Clock) -> None:
    plan(ctx, send_to(ctx, 1, channels=("email",)).campaign_id)
    mine = beside(sender, Provider("email", clock, SILENT))
    go_on(ctx, mine, clock, rounds=1)
    send_all(ctx, mine)
    hear(ctx, clock, "rejected")
    assert fates(ctx) == [("email", "unknown", "ended")]
    assert ledger.check(ctx).differences == ()


def digest(ctx: Context, refs: str) -> tuple[int, list[int]]:
    """A person who wants one mail a day, and the campaigns of these policies that it will tell."""
    made = []
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, channels=("email",), consent=("notify", "recommend"))
        prefer(conn, ctx, person, cadence="daily", weekly_max=0)
        for ref, door in zip(refs, ("subscribed", "recommended"), strict=False):
            made.append(make_campaign(conn, ctx, make_policy(conn, ctx, ref), doors=[door]))
            choose(conn, ctx, made[-1], [person], door)
    for campaign_id in made:
        plan(ctx, campaign_id)
    return person, made


@pytest.mark.parametrize(("refs", "withdrawn"), [("a", "notify"), ("ab", "recommend")])
def test_a_digest_that_may_have_arrived_keeps_its_items_and_goes_again_whole_or_not_at_all(
    ctx: Context, sender: Sender, clock: Clock, refs: str, withdrawn: str
) -> None:
    person, made = digest(ctx, refs)
    clock.now = moment("2026-06-25T08:31:00+08:00")
    relay = Provider("email", clock, SILENT)
    mine = beside(sender, relay)
    sweep(ctx, mine)
    go_on(ctx, mine, clock, rounds=1)  # planned again, on a guess
    with transaction(ctx.engine) as conn:
        give(conn, ctx, person, withdrawn, given=False)
    go_on(ctx, mine, clock)
    assert fates(ctx) == [("email", "unknown", "ended")]
    assert len(relay.sent) == 1
    with transaction(ctx.engine) as conn:
        assert len(conn.execute(select(tables.delivery_item)).all()) == len(refs)
        assert conn.execute(select(tables.refusal)).all() == []
        give(conn, ctx, person, withdrawn)
        same = conn.scalar(select(tables.campaign.c.policy_id).where(tables.campaign.c.id == made[-1]))
        assert same is not None
        once_more = make_campaign(conn, ctx, same, doors=["recommended"])
        choose(conn, ctx, once_more, [person], "recommended")
    plan(ctx, once_more)
    with transaction(ctx.engine) as conn:
        assert conn.scalars(select(tables.refusal.c.code)).all() == ["told"]
    assert ledger.check(ctx).differences == ()


def test_a_cancelled_campaign_leaves_its_place_in_a_digest_that_may_have_arrived(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    _, made = digest(ctx, "ab")
    clock.now = moment("2026-06-25T08:31:00+08:00")
    mine = beside(sender, Provider("email", clock, SILENT))
    sweep(ctx, mine)
    go_on(ctx, mine, clock, rounds=1)
    campaigns.cancel(ctx, made[0], "李萌")
    go_on(ctx, mine, clock)
    assert fates(ctx) == [("email", "unknown", "ended")]
    assert ledger.check(ctx).differences == ()
