"""Deliver: claim a due slice, gate its members again, mark them, send outside any transaction, record the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from channels.app import AppChannel
from channels.base import Asks, Batch, Channel, Outcome
from pushsvc.context import Context
from pushsvc.pipeline.compose import compose
from pushsvc.pipeline.letters import keep
from pushsvc.pipeline.receipt import ended_by
from pushsvc.pipeline.regate import regate
from pushsvc.pipeline.retrying import after, tally
from pushsvc.pipeline.sms_gate import AGAIN, NOT_APPROVED, words_at
from pushsvc.pipeline.unwritten import written
from pushsvc.store import attempts, campaigns, escalation, receipts, slices
from pushsvc.store.members import Member, begin, held_members, record, run_of
from pushsvc.store.session import transaction_by_index
from pushsvc.store.sms_templates import put_off

Allowance = Callable[..., bool]  # (route, messages[, (campaign, its messages a second)]) → whether they may go
Pick = Callable[..., str | None]  # (channel, a number drawn by lot, lane[, routes that may not]) → the route, if any
Barred = Callable[[Connection, slices.Due], frozenset[str]]
MAILS = 100  # a mail server keeps no keys: so many may arrive twice when a worker dies before it wrote them down


@dataclass(frozen=True)
class Sender:
    """A worker's outside: its open channels by route, the loop that owns them, its name, the rate buckets, and which
    route a channel takes next. Where a channel has one provider, the route is the channel's name."""

    channels: Mapping[str, Channel]
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    worker: str
    may_send: Allowance = lambda route, n, campaign=None: True
    pick: Pick = lambda channel, lot, lane: channel
    barred: Barred = lambda conn, due: frozenset()  # routes that may not carry what is due


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
    due: slices.Due


def deliver_next(ctx: Context, sender: Sender, lane: str) -> bool:
    """Send one due slice of the lane; False when none was to be had."""
    claim = _claim(ctx, sender, lane)
    if claim is None:
        return False
    tokens: int | None = ctx.settings.slice_size
    while tokens is not None:
        tokens = _send_part(ctx, sender, claim, tokens)
    return True


def _claim(ctx: Context, sender: Sender, lane: str) -> Claim | None:
    """A due slice and the provider that takes it. Runs are drawn by lot, and then their channels, so that campaigns
    share fairly; what has no provider or no tokens is passed over, and the tokens of the others are not used up."""
    lease = slices.Lease(uuid4(), sender.worker, ctx.settings.lease_seconds)
    n = ctx.settings.slice_size  # tokens: how many members it has is not known yet
    lot = Random(lease.token.int)
    with transaction_by_index(ctx.engine) as conn:
        due = slices.due_work(conn, lane=lane, now=ctx.clock())
        rank = {run_id: lot.random() for run_id in sorted({one.run_id for one in due})}
        for one in sorted(due, key=lambda one: (rank[one.run_id], lot.random())):
            barred = sender.barred(conn, one)
            route = sender.pick(one.channel, lease.token.int, lane, *([barred] if barred else []))
            if route is None or route not in sender.channels or not _take(sender, one, route, n):
                continue
            row = slices.claim(conn, lease, one, lane=lane, now=ctx.clock())
            if row is not None:
                return Claim(row["id"], row["run_id"], row["channel"], lane, row["step"], lease.token, route, one)
            _take(sender, one, route, -n)
    return None


def _take(sender: Sender, due: slices.Due, route: str, n: int) -> bool:
    """Whether the buckets of provider and campaign give `n` tokens; below 0 they get them back."""
    if due.campaign_id is None or due.rate is None:
        return sender.may_send(route, n)
    return sender.may_send(route, n, (due.campaign_id, due.rate))


def _send_part(ctx: Context, sender: Sender, claim: Claim, tokens: int) -> int | None:
    """One attempt of up to `batch_size` members; how many of the slice's `tokens` are left for others. None: the slice
    is done or no longer ours, and the tokens that nobody needed were given back before the call."""
    channel = sender.channels[claim.route]
    begun = _begin(ctx, channel, claim)
    left = tokens - (len(begun.members) if begun else 0)
    more = begun is not None and begun.more
    if left > 0 and not more:
        _take(sender, claim.due, claim.route, -left)
    if begun is None:
        return None
    if not begun.members:
        # Of its own: a cancellation locks the campaign before its deliveries.
        with transaction_by_index(ctx.engine) as conn:
            campaigns.bump_runs(conn, {claim.run_id})
        return left if more else None
    for part in _parts(begun, MAILS if channel.after_unknown == "accept_duplicate" else len(begun.members)):
        outcomes = sender.run(channel.send(part.batch))
        _record(ctx, claim, part, _aligned(outcomes, len(part.members)))
    return left if more else None


@dataclass(frozen=True)
class Begun:
    """An attempt that was written down, or a part of it: its id, its provider's kind, what is to be sent, and for whom.

    `last`: it is the attempt's last part. `more`: members of the slice are left for another attempt.
    """

    attempt_id: int
    provider: str
    batch: Batch
    members: Sequence[Member]
    campaign_id: int | None
    more: bool
    last: bool = True


def _parts(begun: Begun, size: int) -> Iterator[Begun]:
    """What was written down as one attempt, to be sent and recorded so many at a time."""
    for start in range(0, len(begun.members), size):
        end = start + size
        batch = replace(begun.batch, messages=begun.batch.messages[start:end])
        yield replace(begun, batch=batch, members=begun.members[start:end], last=end >= len(begun.members))


def _begin(ctx: Context, channel: Channel, claim: Claim) -> Begun | None:
    """The fenced step before a call: gate the members on fresh rows, mark the rest `sending` under a new attempt."""
    with transaction_by_index(ctx.engine) as conn:
        now, most = ctx.clock(), channel.batch_size
        found = held_members(conn, claim.slice_id, claim.token, seconds=ctx.settings.lease_seconds, limit=most + 1)
        members, more = found[:most], len(found) > most
        if not members:
            slices.finish(conn, claim.slice_id, claim.token)
            return None
        run = run_of(conn, claim.run_id)
        gated = regate(ctx, conn, run, members, now)
        for due, ids in gated.later.items():
            _postpone(conn, claim, ids, due)
        expires_at = now + timedelta(seconds=ctx.settings.request_seconds)
        key = claim.token.hex + uuid4().hex[:8]
        about = {"slice_id": claim.slice_id, "provider": channel.provider, "route": claim.route, "batch_key": key}
        about |= {"started_at": now, "expires_at": expires_at}
        attempt_id, (passed, twice) = 0, _once_a_number(channel, gated.passed)
        if twice:
            _postpone(conn, claim, twice, now)
        filed = words_at(ctx, conn, claim.route, claim.run_id) if passed else None
        if passed and filed is not None and not filed:  # no route may carry it: it waits, and says why
            put_off(conn, [row["id"] for row in passed], NOT_APPROVED, now)
            _postpone(conn, claim, [row["id"] for row in passed], now + AGAIN)
            passed = []
        messages = compose(ctx, conn, run, passed, filed) if passed else []
        if isinstance(channel, AppChannel):
            passed, messages = keep(conn, about, passed, messages, now, platforms=channel.platforms)
        if passed:
            attempt_id = begin(conn, about, passed)
            passed = written(conn, (attempt_id, channel.provider), passed, messages, now)
        if not passed and not more:
            slices.finish(conn, claim.slice_id, claim.token)
    campaign_id = run.campaign["id"] if run.campaign is not None else None
    batch = Batch(key, tuple(messages), expires_at)
    return Begun(attempt_id, channel.provider, batch, passed, campaign_id, more)


def _once_a_number(channel: Channel, members: Sequence[Member]) -> tuple[list[Member], list[int]]:
    """The members of one attempt, and the ids of those who wait for the next: a vendor that never saw our keys speaks
    of an attempt and a number, and of two digests to one telephone nobody could tell which it means."""
    first = {row["address_id"]: row["id"] for row in reversed(members)}
    if not isinstance(channel, Asks) or len(first) == len(members):
        return list(members), []
    return (
        [row for row in members if first[row["address_id"]] == row["id"]],
        [row["id"] for row in members if first[row["address_id"]] != row["id"]],
    )


def _postpone(conn: Connection, claim: Claim, ids: Sequence[int], due: datetime) -> None:
    """Planned deliveries leave for a slice of their own."""
    new = slices.insert_slice(
        conn, run_id=claim.run_id, channel=claim.channel, lane=claim.lane, due_at=due, step=claim.step
    )
    attempts.place(conn, ids, new)


def _record(ctx: Context, claim: Claim, begun: Begun, outcomes: Sequence[Outcome]) -> None:
    """Store what became of these members; those put off get new slices. With the last of them, the slice is done."""
    kind, members, now = begun.provider, begun.members, ctx.clock()
    found = after(kind, outcomes, [row["attempts"] for row in members], now, jitter=Random(claim.token.int).random())
    results = [
        attempts.Result(row["id"], one.state, one.code, said.provider_id, tried=one.tried)
        for row, one, said in zip(members, found, outcomes, strict=True)
    ]
    with transaction_by_index(ctx.engine) as conn:
        if begun.last and not begun.more:
            slices.finish(conn, claim.slice_id, claim.token)  # first: a slice is locked before its members
        ended = now if begun.last else None
        ours = set(record(conn, begun.attempt_id, results, tally(kind, outcomes) | {"finished_at": ended}, now))
        _end_addresses(conn, kind, [r for r in results if r.state == "rejected"], now)
        escalation.bring_forward(conn, [r.delivery_id for r in results if r.state == "rejected"], now)
        for due in sorted({one.due for one in found if one.due is not None}):
            again = [row["id"] for row, one in zip(members, found, strict=True) if one.due == due and row["id"] in ours]
            if again:
                _postpone(conn, claim, again, due)
        if begun.last:
            campaigns.bump(conn, begun.campaign_id)


def _end_addresses(conn: Connection, kind: str, rejected: Sequence[attempts.Result], now: datetime) -> None:
    for why in ("rejected", receipts.OPT_OUT):
        ended = [r.delivery_id for r in rejected if ended_by(kind, r.code, "rejected") == why]
        receipts.suppress_addresses(conn, attempts.addresses_of(conn, ended), why, now)


def _aligned(outcomes: Sequence[Outcome], n: int) -> list[Outcome]:
    """Outcomes belong to members by index; a missing one is unknown."""
    return (list(outcomes) + [Outcome("unknown", "no_answer")] * n)[:n]
