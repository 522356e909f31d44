"""Sweep: puts back what a dead worker held, settles what is unknown, releases digests. Harmless to run at any time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, RowMapping

from channels.base import Asks, Channel
from pushsvc.context import Context
from pushsvc.pipeline.alone import alone
from pushsvc.pipeline.asking import ask_vendor
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.ending import end_stranded
from pushsvc.pipeline.escalate import escalate_due
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.retrying import MAX_ATTEMPTS, backoff
from pushsvc.pipeline.routing import must_ask
from pushsvc.pipeline.untold import take_up_untold
from pushsvc.store import attempts, campaigns, deliveries, escalation, slices
from pushsvc.store.locks import try_sweeping
from pushsvc.store.session import transaction

BATCH = 500


@dataclass(frozen=True)
class Swept:
    """What a sweep did, in deliveries (slices for `released`; for `asked`: receipts that vendors had not sent)."""

    released: int = 0
    lost_sight: int = 0
    settled: int = 0
    rehomed: int = 0
    digests: int = 0
    receipts: int = 0
    escalated: int = 0
    untold: int = 0
    asked: int = 0


def sweep(ctx: Context, sender: Sender) -> Swept:
    """One round. Several may run at once; what one holds the other leaves.

    Each step fails alone, and each route's settling: it is logged, and the next round tries it again.
    """
    released, lost = alone("putting slices back", lambda: _put_back(ctx), (0, 0))
    settled = sum(
        alone(f"settling {route}", partial(_settle_route, ctx, sender, route), 0) for route in sender.channels
    )
    asked = sum(alone(f"asking {route}", partial(ask_vendor, ctx, sender, route), 0) for route in sender.channels)
    alone("ending campaigns", lambda: end_stranded(ctx), 0)
    alone("clearing what is settled", lambda: _clear_settled(ctx), None)
    return Swept(
        released,
        lost,
        settled,
        escalated=alone("escalating", lambda: escalate_due(ctx), 0),
        rehomed=alone("placing anew", lambda: _rehome(ctx), 0),
        digests=alone("releasing digests", lambda: release_digests(ctx), 0),
        receipts=alone("matching receipts", lambda: match_receipts(ctx), 0),
        untold=alone("taking up whom nobody told", lambda: take_up_untold(ctx), 0),
        asked=asked,
    )


def _put_back(ctx: Context) -> tuple[int, int]:
    """Slices whose lease lapsed: what was being sent is unknown, what was not is ready again."""
    with transaction(ctx.engine) as conn:
        ids = [row["id"] for row in slices.lapsed(conn)]
        if not ids:
            return 0, 0
        lost = attempts.lose_sight(conn, ids, ctx.clock())
        slices.release(conn, ids)
        return len(ids), lost


def _settle_route(ctx: Context, sender: Sender, route: str) -> int:
    """Ask the provider by key, or repeat where it drops what it has seen or a copy with the same id is allowed. One
    that never saw our keys is asked by address and attempt, see `asking`: its silence settles nothing."""
    channel = sender.channels[route]
    if must_ask(sender.channels, route):
        if isinstance(channel, Asks):
            return 0
        return _settle_by_query(ctx, sender, channel, _unknown(ctx, channel, route))
    changed = _repeat(ctx, channel, route)
    if channel.after_unknown == "repeat":  # a mail server cannot be asked; others can, about what nobody will repeat
        changed += _settle_ended(ctx, sender, channel, _unknown(ctx, channel, route, ended=True))
    return changed


def _unknown(ctx: Context, channel: Channel, route: str, *, ended: bool = False) -> list[RowMapping]:
    with transaction(ctx.engine) as conn:
        return attempts.unsettled(conn, (channel.name, route), now=ctx.clock(), limit=BATCH, ended=ended)


def _repeat(ctx: Context, channel: Channel, route: str) -> int:
    """Back to planned on a guess; one that was repeated too often stays unknown, for people to see."""
    with transaction(ctx.engine) as conn:
        now, asked = ctx.clock(), (channel.name, route)
        rows = attempts.unsettled(conn, asked, now=now, limit=BATCH, max_attempts=MAX_ATTEMPTS)
        attempts.doubt(conn, [row["id"] for row in rows])
        return _again(conn, rows, now)


def _settle_ended(ctx: Context, sender: Sender, channel: Channel, rows: Sequence[RowMapping]) -> int:
    """What was refused, rejected, cancelled or out of time in its repeat: it arrived before, or it is cancelled."""
    with _asked(ctx, sender, channel, rows) as (conn, changed, absent):
        ids, now = [row["id"] for row in absent], ctx.clock()
        attempts.settle(conn, [attempts.Result(number, "planned") for number in ids], now)
        changed += deliveries.end_unsent(conn, ids, "cancelled", codes=[attempts.ENDED] * len(ids), now=now)
        escalation.bring_forward(conn, ids, now)
        return changed


@contextmanager
def _asked(
    ctx: Context, sender: Sender, channel: Channel, rows: Sequence[RowMapping]
) -> Iterator[tuple[Connection, int, list[RowMapping]]]:
    """Asks, and writes down what is known: a transaction, how many changed, and the rows that the provider never had.

    The question is asked outside any transaction. Absent proves "not sent", because the attempts have expired.
    """
    now, known = ctx.clock(), dict[str, str]()
    if rows:
        proof_after = max(row["attempt_expires_at"] for row in rows)
        known |= sender.run(channel.query([row["wire_key"] for row in rows], proof_after=proof_after))
    with transaction(ctx.engine) as conn:
        same = attempts.still_unknown(conn, rows, now)
        answered = [row for row in same if known.get(row["wire_key"]) in ("accepted", "delivered", "rejected")]
        results = [attempts.Result(row["id"], known[row["wire_key"]], "settled_by_query") for row in answered]
        unsent = [row["id"] for row in same if known.get(row["wire_key"]) in ("rejected", "absent")]
        attempts.doubt(conn, unsent, doubtful=False)  # its word on a key is about every attempt
        changed = attempts.settle(conn, results, now)
        escalation.bring_forward(conn, unsent, now)
        campaigns.bump_runs(conn, {row["run_id"] for row in answered})
        yield conn, changed, [row for row in same if known.get(row["wire_key"]) == "absent"]


def _settle_by_query(ctx: Context, sender: Sender, channel: Channel, rows: Sequence[RowMapping]) -> int:
    """What the provider never had goes again, unless it was tried too often."""
    with _asked(ctx, sender, channel, rows) as (conn, changed, absent):
        now = ctx.clock()
        worn = [row for row in absent if row["attempts"] >= MAX_ATTEMPTS]
        changed += attempts.settle(
            conn, [attempts.Result(row["id"], "rejected", "gave_up:absent") for row in worn], now
        )
        return changed + _again(conn, [row for row in absent if row not in worn], now)


def _again(conn: Connection, rows: Sequence[RowMapping], now: datetime) -> int:
    """Back to planned, in new slices: due now after the first attempt, later after each further one."""
    if not rows:
        return 0
    changed = attempts.settle(conn, [attempts.Result(row["id"], "planned", "again") for row in rows], now)
    by_tries: dict[int, list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_tries[row["attempts"]].append(row)
    for tries, some in by_tries.items():
        due = now if tries <= 1 else now + timedelta(seconds=backoff(tries - 2))
        _new_slices(conn, some, due)
    campaigns.bump_runs(conn, {row["run_id"] for row in rows})
    return changed


def _clear_settled(ctx: Context) -> None:
    """Slices that are settled rest."""
    with transaction(ctx.engine) as conn:
        attempts.clear_settled(conn)


def _rehome(ctx: Context) -> int:
    """Planned deliveries that stand in no slice that is still to run get a new one."""
    with transaction(ctx.engine) as conn:
        if not try_sweeping(conn):
            return 0
        rows = attempts.homeless(conn, limit=BATCH)
        _new_slices(conn, rows, ctx.clock())
        return len(rows)


def _new_slices(conn: Connection, rows: Sequence[RowMapping], due: datetime) -> None:
    groups: dict[tuple[int, str, str, int], list[int]] = defaultdict(list)
    for row in rows:
        groups[row["run_id"], row["channel"], row["lane"], row["step"]].append(row["id"])
    for (run_id, channel, lane, step), ids in groups.items():
        new = slices.insert_slice(conn, run_id=run_id, channel=channel, lane=lane, due_at=due, step=step)
        attempts.place(conn, ids, new)
