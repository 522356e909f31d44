"""Ending: what a cancelled or expired campaign has not sent is ended in pieces; a sweep goes on where somebody died."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pushsvc.context import Context
from pushsvc.pipeline.alone import alone
from pushsvc.store import campaigns as store
from pushsvc.store import ending
from pushsvc.store.session import Connection, transaction

Piece = Callable[[Connection], int]


def end_deliveries(ctx: Context, campaign_id: int, state: str) -> int:
    """End what a campaign, just moved to `state` (cancelled or expired), has not sent. Returns how many deliveries.

    No piece holds more locks than a few slices, and none holds the campaign while it waits for a delivery: a worker
    locks deliveries first and their campaign after. `finished_at` is set last; until then the sweep takes it up.
    """
    with transaction(ctx.engine) as conn:
        runs = ending.runs_of(conn, campaign_id)
    ended = _end_runs(ctx, runs, state)
    _repeat(ctx, lambda conn: ending.drop_items(conn, campaign_id, state, now=ctx.clock()))
    _refuse_unplanned(ctx, campaign_id, state)
    with transaction(ctx.engine) as conn:
        ending.mark_ended(conn, campaign_id, ctx.clock())
    return ended


def end_stranded(ctx: Context) -> int:
    """Finish ends that were cut short, and end what came back to ended campaigns since: deferred, or proven unsent.

    Returns how many deliveries that were. Harmless at any time, beside another sweep too; one campaign that cannot be
    ended leaves the others to end.
    """
    with transaction(ctx.engine) as conn:
        half = ending.half_ended(conn)
        late = ending.ended_runs(conn)
    ended = 0
    for campaign_id, state in half:
        ended += alone(f"ending campaign {campaign_id}", partial(end_deliveries, ctx, campaign_id, state), 0)
    for run_id, state in late:
        ended += alone(f"ending run {run_id}", partial(_end_late, ctx, run_id, state), 0)
    return ended


def _end_late(ctx: Context, run_id: int, state: str) -> int:
    """What came back to a run whose campaign had ended; that is its end then, for those who lean on it."""
    ended = _end_runs(ctx, [run_id], state)
    with transaction(ctx.engine) as conn:
        ending.mark_late(conn, run_id, ctx.clock())
    return ended


def _end_runs(ctx: Context, run_ids: Sequence[int], state: str) -> int:
    """All pieces of these runs."""
    total, found = 0, 1 if run_ids else 0
    while found:
        with transaction(ctx.engine) as conn:
            found, ended = ending.end_slices(conn, run_ids, state, now=ctx.clock())
            store.bump_runs(conn, set(run_ids))
        total += ended
    return total


def _refuse_unplanned(ctx: Context, campaign_id: int, state: str) -> None:
    """Selections that no plan came to are refused by name, so that the funnel adds up."""

    def piece(conn: Connection) -> int:
        now = ctx.clock()
        key = f"campaign:{campaign_id}"
        run_id = store.ensure_run(conn, key=key, kind="campaign", now=now, campaign_id=campaign_id)
        return ending.refuse_unplanned(conn, campaign_id, run_id, state, now=now)

    with transaction(ctx.engine) as conn:
        row = store.get_campaign(conn, campaign_id)
    if row is not None and row["selected_at"] is not None and row["planned_at"] is None:
        _repeat(ctx, piece)


def _repeat(ctx: Context, piece: Piece) -> None:
    """A piece again and again, each in its own transaction, until it finds nothing."""
    found = 1
    while found:
        with transaction(ctx.engine) as conn:
            found = piece(conn)
