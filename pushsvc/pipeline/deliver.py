"""Deliver: claim a due slice, gate its members again, mark them, send outside any transaction, record the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping

from channels.base import Batch, Channel, Outcome
from pushsvc.context import Context
from pushsvc.pipeline.compose import compose
from pushsvc.pipeline.receipt import ends_address
from pushsvc.pipeline.regate import regate
from pushsvc.pipeline.retrying import after, tally
from pushsvc.store import attempts, campaigns, deliveries, escalation, receipts, slices
from pushsvc.store.session import transaction

Allowance = Callable[..., bool]  # (route, messages[, (campaign, its messages a second)]) → whether they may go
Pick = Callable[[str, int], str | None]  # (channel, a number drawn by lot) → the route for its next slice, if any


@dataclass(frozen=True)
class Sender:
    """A worker's outside: its open channels by route, the loop that owns them, its name, the rate buckets, and which
    route a channel takes next. Where a channel has one provider, the route is the channel's name."""

    channels: Mapping[str, Channel]
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    worker: str
    may_send: Allowance = lambda route, n, campaign=None: True
    pick: Pick = lambda channel, lot: channel


@dataclass(frozen=True)
class Claim:
    """A leased slice, as this worker holds it."""

    slice_id: int
    run_id: int
    channel: str
    lane: str
    step: int
    token: Any
    route: str


def deliver_next(ctx: Context, sender: Sender, lane: str) -> bool:
    """Send one due slice of the lane; False when none was to be had."""
    claim = _claim(ctx, sender, lane)
    if claim is None:
        return False
    while _send_part(ctx, sender, claim):
        pass
    return True


def _claim(ctx: Context, sender: Sender, lane: str) -> Claim | None:
    """A due slice and the provider that takes it. Runs are drawn by lot, and then their channels, so that campaigns
    share fairly; what has no provider or no tokens is passed over, and the tokens of the others are not used up."""
    lease = slices.Lease(uuid4(), sender.worker, ctx.settings.lease_seconds)
    with transaction(ctx.engine) as conn:
        due = slices.due_work(conn, lane=lane, now=ctx.clock())
    lot = Random(lease.token.int)
    rank = {run_id: lot.random() for run_id in sorted({one.run_id for one in due})}
    for one in sorted(due, key=lambda one: (rank[one.run_id], lot.random())):
        route = sender.pick(one.channel, lease.token.int)
        if route is None or route not in sender.channels or not _take(ctx, sender, one, route):
            continue
        with transaction(ctx.engine) as conn:
            row = slices.claim(conn, lease, one, lane=lane, now=ctx.clock())
        if row is None:
            _take(ctx, sender, one, route, sign=-1)
        else:
            return Claim(row["id"], row["run_id"], row["channel"], lane, row["step"], lease.token, route)
    return None


def _take(ctx: Context, sender: Sender, due: slices.Due, route: str, *, sign: int = 1) -> bool:
    """Whether the buckets of provider and campaign give the tokens of a slice; with `sign` -1 they get them back."""
    n = sign * ctx.settings.slice_size
    if due.campaign_id is None or due.rate is None:
        return sender.may_send(route, n)
    return sender.may_send(route, n, (due.campaign_id, due.rate))


def _send_part(ctx: Context, sender: Sender, claim: Claim) -> bool:
    """One attempt of up to `batch_size` members; False when the slice is done or no longer ours."""
    channel = sender.channels[claim.route]
    begun = _begin(ctx, channel, claim)
    if begun is None:
        return False
    attempt_id, batch, members = begun
    if not members:
        with transaction(ctx.engine) as conn:  # of its own: a cancellation locks the campaign before its deliveries
            campaigns.bump_runs(conn, {claim.run_id})
        return True
    outcomes = sender.run(channel.send(batch)) if batch.messages else []
    _record(ctx, claim, (attempt_id, channel.provider), members, _aligned(outcomes, len(members)))
    return True


def _begin(ctx: Context, channel: Channel, claim: Claim) -> tuple[int, Batch, list[RowMapping]] | None:
    """The fenced step before a call: gate the members on fresh rows, mark the rest `sending` under a new attempt."""
    with transaction(ctx.engine) as conn:
        now = ctx.clock()
        if not slices.renew(conn, claim.slice_id, claim.token, ctx.settings.lease_seconds):
            return None
        members = deliveries.slice_members(conn, claim.slice_id, limit=channel.batch_size)
        if not members:
            slices.finish(conn, claim.slice_id, claim.token)
            return None
        gated = regate(conn, members, now)
        for due, ids in gated.later.items():
            _postpone(conn, claim, ids, due)
        expires_at = now + timedelta(seconds=ctx.settings.request_seconds)
        key = claim.token.hex + uuid4().hex[:8]
        if not gated.passed:
            return 0, Batch(key, (), expires_at), []
        about = {"slice_id": claim.slice_id, "provider": channel.provider, "route": claim.route, "batch_key": key}
        ids = [row["id"] for row in gated.passed]
        attempt_id = attempts.begin(conn, about | {"started_at": now, "expires_at": expires_at}, ids, gated.addresses)
        messages = compose(ctx, conn, gated.passed, gated.addresses)
    return attempt_id, Batch(key, tuple(messages), expires_at), gated.passed


def _postpone(conn: Connection, claim: Claim, ids: Sequence[int], due: datetime) -> None:
    """Planned deliveries leave for a slice of their own."""
    new = slices.insert_slice(
        conn, run_id=claim.run_id, channel=claim.channel, lane=claim.lane, due_at=due, step=claim.step
    )
    attempts.place(conn, ids, new)


def _record(
    ctx: Context, claim: Claim, attempt: tuple[int, str], members: Sequence[RowMapping], outcomes: Sequence[Outcome]
) -> None:
    """Store what became of the members of `attempt` (its id, its provider's kind); those put off get new slices."""
    (attempt_id, kind), now = attempt, ctx.clock()
    found = after(kind, outcomes, [row["attempts"] for row in members], now, jitter=Random(claim.token.int).random())
    results = [
        attempts.Result(row["id"], one.state, one.code, said.provider_id, tried=one.tried)
        for row, one, said in zip(members, found, outcomes, strict=True)
    ]
    with transaction(ctx.engine) as conn:
        ours = set(attempts.record(conn, attempt_id, results, tally(kind, outcomes), now))
        dead = [r.delivery_id for r in results if r.state == "rejected" and ends_address(kind, r.code)]
        receipts.suppress_addresses(conn, attempts.addresses_of(conn, dead), "rejected", now)
        escalation.bring_forward(conn, [r.delivery_id for r in results if r.state == "rejected"], now)
        for due in sorted({one.due for one in found if one.due is not None}):
            again = [row["id"] for row, one in zip(members, found, strict=True) if one.due == due and row["id"] in ours]
            if again:
                _postpone(conn, claim, again, due)
        campaigns.bump(conn, members[0]["campaign_id"])


def _aligned(outcomes: Sequence[Outcome], n: int) -> list[Outcome]:
    """Outcomes belong to members by index; a missing one is unknown."""
    return (list(outcomes) + [Outcome("unknown", "no_answer")] * n)[:n]
