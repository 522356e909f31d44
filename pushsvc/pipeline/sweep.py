"""Sweep: puts back what a dead worker held, settles what is unknown, releases digests. Harmless to run at any time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from channels.base import Channel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.ending import end_stranded
from pushsvc.pipeline.escalate import escalate_due
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.retrying import MAX_ATTEMPTS, backoff
from pushsvc.pipeline.routing import must_ask
from pushsvc.store import attempts, campaigns, slices
from pushsvc.store.locks import try_sweeping
from pushsvc.store.session import transaction

BATCH = 500


@dataclass(frozen=True)
class Swept:
    """What a sweep did, in deliveries (slices for `released`)."""

    released: int = 0
    lost_sight: int = 0
    settled: int = 0
    rehomed: int = 0
    digests: int = 0
    receipts: int = 0
    escalated: int = 0


def sweep(ctx: Context, sender: Sender) -> Swept:
    """One round. Several may run at once; what one holds the other leaves."""
    released, lost = _put_back(ctx)
    settled = sum(_settle_route(ctx, sender, route) for route in sender.channels)
    _end(ctx)
    escalated = escalate_due(ctx)
    return Swept(released, lost, settled, _rehome(ctx), release_digests(ctx), match_receipts(ctx), escalated)


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
    """Ask the provider by key, or repeat where it drops what it has seen or a copy with the same id is allowed."""
    channel, now = sender.channels[route], ctx.clock()
    with transaction(ctx.engine) as conn:
        asks = must_ask(sender.channels, route)
        most = None if asks else MAX_ATTEMPTS  # one that was repeated so often stays unknown, for people to see
        rows = attempts.unsettled(conn, (channel.name, route), now=now, limit=BATCH, max_attempts=most)
        if not rows or not asks:
            attempts.doubt(conn, [row["id"] for row in rows])
            return _again(conn, rows, now)
    return _settle_by_query(ctx, sender, channel, rows)


def _settle_by_query(ctx: Context, sender: Sender, channel: Channel, rows: Sequence[RowMapping]) -> int:
    """The question is asked outside any transaction. Absent proves "not sent", because the attempts have expired."""
    now = ctx.clock()
    proof_after = max(row["attempt_expires_at"] for row in rows)
    known: Mapping[str, str] = sender.run(channel.query([row["wire_key"] for row in rows], proof_after=proof_after))
    with transaction(ctx.engine) as conn:
        same = attempts.still_unknown(conn, rows, now)
        answered = [row for row in same if known.get(row["wire_key"]) in ("accepted", "delivered", "rejected")]
        results = [attempts.Result(row["id"], known[row["wire_key"]], "settled_by_query") for row in answered]
        changed = attempts.settle(conn, results, now)
        absent = [row for row in same if known.get(row["wire_key"]) == "absent"]
        worn = [row for row in absent if row["attempts"] >= MAX_ATTEMPTS]
        changed += attempts.settle(
            conn, [attempts.Result(row["id"], "rejected", "gave_up:absent") for row in worn], now
        )
        campaigns.bump_runs(conn, {row["run_id"] for row in answered})
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


def _end(ctx: Context) -> None:
    """What came back to campaigns that have ended meanwhile ends with them; slices that are settled rest."""
    end_stranded(ctx)
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
