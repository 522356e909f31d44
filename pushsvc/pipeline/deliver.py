"""Deliver: claim a due slice, gate its members again, mark them, send outside any transaction, record the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping

from channels.base import Batch, Channel, Outcome
from pushsvc.context import Context
from pushsvc.pipeline.compose import compose
from pushsvc.pipeline.receipt import ends_address
from pushsvc.pipeline.regate import regate
from pushsvc.store import attempts, campaigns, deliveries, receipts, slices
from pushsvc.store.session import transaction

MAX_ATTEMPTS = 8
RETRY_SECONDS = 30.0  # doubled each time, up to an hour
Allowance = Callable[[str, int], bool]


@dataclass(frozen=True)
class Sender:
    """A worker's outside: its open channels, the loop that owns them, its name, and the rate buckets."""

    channels: Mapping[str, Channel]
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    worker: str
    may_send: Allowance = lambda channel, n: True


@dataclass(frozen=True)
class Claim:
    """A leased slice, as this worker holds it."""

    slice_id: int
    run_id: int
    channel: str
    lane: str
    token: Any
    provider: str


def deliver_next(ctx: Context, sender: Sender, lane: str) -> bool:
    """Send one due slice of the lane; False when none was to be had. Rate tokens are taken before claiming."""
    lease = slices.Lease(uuid4(), sender.worker, ctx.settings.lease_seconds)
    with transaction(ctx.engine) as conn:
        row = _claim(conn, ctx, sender, lane, lease)
    if row is None:
        return False
    claim = Claim(
        row["id"], row["run_id"], row["channel"], row["lane"], lease.token, sender.channels[row["channel"]].provider
    )
    while _send_part(ctx, sender, claim):
        pass
    return True


def _claim(conn: Connection, ctx: Context, sender: Sender, lane: str, lease: slices.Lease) -> RowMapping | None:
    """A slice of one of the channels that are due, by lot, if it has tokens: those of the others are not used up."""
    due = [name for name in slices.due_channels(conn, lane=lane, now=ctx.clock()) if name in sender.channels]
    first = lease.token.int % max(len(due), 1)
    for name in due[first:] + due[:first]:
        if sender.may_send(name, ctx.settings.slice_size):
            row = slices.claim(conn, lease, lane=lane, channels=[name], now=ctx.clock())
            if row is not None:
                return row
    return None


def _send_part(ctx: Context, sender: Sender, claim: Claim) -> bool:
    """One attempt of up to `batch_size` members; False when the slice is done or no longer ours."""
    channel = sender.channels[claim.channel]
    begun = _begin(ctx, channel, claim)
    if begun is None:
        return False
    attempt_id, batch, members = begun
    if not members:
        with transaction(ctx.engine) as conn:  # of its own: a cancellation locks the campaign before its deliveries
            campaigns.bump_runs(conn, {claim.run_id})
        return True
    outcomes = sender.run(channel.send(batch)) if batch.messages else []
    _record(ctx, claim, attempt_id, members, _aligned(outcomes, len(members)))
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
        gated = regate(conn, members, now, urgent=claim.lane == "urgent")
        for due, ids in gated.later.items():
            _postpone(conn, claim, ids, due)
        expires_at = now + timedelta(seconds=ctx.settings.request_seconds)
        key = claim.token.hex + uuid4().hex[:8]
        if not gated.passed:
            return 0, Batch(key, (), expires_at), []
        attempt_id = attempts.begin(
            conn, slice_id=claim.slice_id, provider=channel.provider, batch_key=key, now=now, expires_at=expires_at
        )
        attempts.mark_sending(conn, attempt_id, [row["id"] for row in gated.passed], gated.addresses, now)
        messages = compose(ctx, conn, gated.passed, gated.addresses)
    return attempt_id, Batch(key, tuple(messages), expires_at), gated.passed


def _postpone(conn: Connection, claim: Claim, ids: Sequence[int], due: datetime) -> None:
    """Planned deliveries leave for a slice of their own."""
    later = slices.insert_slice(conn, run_id=claim.run_id, channel=claim.channel, lane=claim.lane, due_at=due)
    attempts.place(conn, ids, later)


def _record(
    ctx: Context, claim: Claim, attempt_id: int, members: Sequence[RowMapping], outcomes: Sequence[Outcome]
) -> None:
    now = ctx.clock()
    results = [_result(row, outcome) for row, outcome in zip(members, outcomes, strict=True)]
    with transaction(ctx.engine) as conn:
        ours = set(attempts.record(conn, attempt_id, results, now))
        dead = [r.delivery_id for r in results if r.state == "rejected" and ends_address(claim.provider, r.code)]
        receipts.suppress_addresses(conn, attempts.addresses_of(conn, dead), "rejected", now)
        again = [r.delivery_id for r in results if r.state == "planned" and r.delivery_id in ours]
        if again:
            _postpone(conn, claim, again, now + timedelta(seconds=_wait(members, outcomes)))
        campaigns.bump(conn, members[0]["campaign_id"])


def _result(row: RowMapping, outcome: Outcome) -> attempts.Result:
    """The state an outcome leads to; one deferred too often is rejected, but only tries that met a provider count."""
    state = {"accepted": "accepted", "rejected": "rejected", "unknown": "unknown", "deferred": "planned"}[
        outcome.status
    ]
    tried = outcome.code != "expired" and not outcome.code.startswith("connect")
    if state == "planned" and tried and row["attempts"] + 1 >= MAX_ATTEMPTS:
        return attempts.Result(row["id"], "rejected", f"gave_up:{outcome.code}"[:80])
    return attempts.Result(row["id"], state, outcome.code, outcome.provider_id, tried=tried or state != "planned")


def _aligned(outcomes: Sequence[Outcome], n: int) -> list[Outcome]:
    """Outcomes belong to members by index; a missing one is unknown."""
    return (list(outcomes) + [Outcome("unknown", "no_answer")] * n)[:n]


def _wait(members: Sequence[RowMapping], outcomes: Sequence[Outcome]) -> float:
    """Seconds until deferred members are tried again: what the provider asks, and never sooner than doubling says."""
    asked = [o.retry_after for o in outcomes if o.status == "deferred" and o.retry_after is not None]
    return max([*asked, backoff(max(row["attempts"] for row in members))])


def backoff(tries: int) -> float:
    """Seconds to wait after `tries` earlier attempts."""
    return min(RETRY_SECONDS * 2.0**tries, 3600.0)
