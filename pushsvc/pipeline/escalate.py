"""Escalate: who did not open the first message in time is told by the second channel, if they asked for that.

One waiting slice is one transaction: who is killed on the way leaves it as it was, and two sweeps take different ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from pushsvc.context import Context
from pushsvc.store import campaigns, escalation
from pushsvc.store.escalation import Behind
from pushsvc.store.session import transaction

PIECES = 400  # slices a sweep takes at most: 200,000 messages


@dataclass(frozen=True)
class Judged:
    """The members of a due slice: those to send, those not needed by code, and those that wait on by moment."""

    planned: list[int] = field(default_factory=list)
    not_needed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    later: dict[datetime, list[int]] = field(default_factory=lambda: defaultdict(list))


def escalate_due(ctx: Context, *, pieces: int = PIECES) -> int:
    """Look at waiting slices that are due, at most `pieces`; returns how many messages wait no more.

    Run again, or beside another sweep, it does nothing twice. Campaigns that are paused rest.
    """
    moved, runs = 0, set()
    for _ in range(pieces):
        done = _escalate_next(ctx)
        if done is None:
            break
        moved += done[1]
        runs.add(done[0])
    with transaction(ctx.engine) as conn:  # of its own: a cancellation locks the campaign before its deliveries
        campaigns.bump_runs(conn, runs)
    return moved


def _escalate_next(ctx: Context) -> tuple[int, int] | None:
    """(run, messages that wait no more) of the next due slice; None where there is none."""
    with transaction(ctx.engine) as conn:
        now = ctx.clock()
        given = escalation.next_due(conn, now)
        if given is None:
            return None
        ids = escalation.lock_waiting(conn, given["id"])
        judged = judge(escalation.behind(conn, ids), now)
        _write(conn, given, judged, now)
        return given["run_id"], len(ids) - sum(map(len, judged.later.values()))


def judge(rows: Sequence[Behind], now: datetime) -> Judged:
    """What becomes of waiting messages, in the given order: of those that share an address the first is sent.

    Never both where the first was opened. What failed is followed at once; else the hours run from the moment the
    first copy was accepted, so that a late one is not chased by its reminder; later moments are full hours.
    """
    judged, used = Judged(), set()
    for row in rows:
        over = row.since is not None and row.since + timedelta(hours=row.hours) <= now
        if row.opened:
            judged.not_needed["opened"].append(row.id)
        elif not (row.failed or over):
            judged.later[_full_hour((row.since or now) + timedelta(hours=row.hours))].append(row.id)
        elif row.used or row.address_id in used:
            judged.not_needed["same_address"].append(row.id)
        else:
            judged.planned.append(row.id)
            used.add(row.address_id)
    return judged


def _write(conn: Connection, given: RowMapping, judged: Judged, now: datetime) -> None:
    for code, ids in judged.not_needed.items():
        escalation.end_waiting(conn, ids, code, now)
    escalation.plan_waiting(conn, judged.planned, now)
    for due, ids in judged.later.items():
        escalation.wait_on(conn, given, ids, due)
    escalation.close(conn, given["id"], ready=bool(judged.planned))


def _full_hour(moment: datetime) -> datetime:
    """The next full hour, so that people who wait share slices; a full hour itself stays."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(hours=1)
