"""Second steps: messages that wait behind a first copy, and what became of that copy meanwhile.

Locks are taken as everybody takes them: the slice, then its members by id; what became of the first copies is read
only then. The run is held too, so that two second steps never meet at one address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, RowMapping, func, select, text, update

from pushsvc.store.arrays import array
from pushsvc.store.slices import insert_slice
from pushsvc.store.tables import campaign, delivery, run, slice_

HOURS = 24  # where neither the campaign nor the person says how long to wait


@dataclass(frozen=True)
class Behind:
    """One waiting message and its first copy.

    `opened`: the first copy was opened, or read in the inbox. `failed`: it reached nobody and is not tried again, or
    there is none. `since`: when it was accepted (where nobody knows: when it was last tried); None: not yet.
    `hours`: how long it may stay unread. `used`: a message of the same run went, or goes, to the same address.
    """

    id: int
    address_id: int
    opened: bool
    failed: bool
    since: datetime | None
    hours: int
    used: bool


def next_due(conn: Connection, now: datetime) -> RowMapping | None:
    """The next waiting slice that is due, of a running campaign, locked with its run; None: there is none to be had."""
    query = (
        select(slice_)
        .join(run, run.c.id == slice_.c.run_id)
        .join(campaign, campaign.c.id == run.c.campaign_id)
        .where(slice_.c.state == "waiting", slice_.c.due_at <= now, campaign.c.state == "running")
        .order_by(slice_.c.due_at, slice_.c.id)
        .limit(1)
        .with_for_update(of=[slice_, run], key_share=True, skip_locked=True)
    )
    return conn.execute(query).mappings().one_or_none()


def lock_waiting(conn: Connection, slice_id: int) -> list[int]:
    """The waiting members of a slice, by id, locked."""
    query = select(delivery.c.id).where(delivery.c.slice_id == slice_id, delivery.c.state == "waiting")
    return list(conn.scalars(query.order_by(delivery.c.id).with_for_update()))


_FIRST = """
    left join delivery f on f.run_id = d.run_id and f.recipient_id = d.recipient_id and f.step = 0
    left join inbox i on i.wire_key = f.wire_key
"""
_NOBODY = "('refused', 'rejected', 'bounced', 'expired', 'cancelled')"  # states of what reached nobody
_OPENED = "coalesce(bool_or(f.state in ('opened', 'complained') or i.read_at is not null), false)"

# An address is used where anybody who has it was written to there by this run.
_BEHIND = text(f"""
    select d.id, d.address_id, {_OPENED} as opened,
        coalesce(bool_and(f.state in {_NOBODY}), true) as failed,
        max(coalesce(f.accepted_at, case f.state when 'unknown' then a.started_at end)) as since,
        coalesce(max(c.escalate_after), max(p.escalate_hours), {HOURS}) as hours,
        exists (
            select from profile_address pa
            join delivery o on o.run_id = d.run_id and o.recipient_id = pa.profile_id and o.address_id = d.address_id
            where pa.address_id = d.address_id and o.id <> d.id
                and o.state in ('planned', 'sending', 'unknown', 'accepted', 'delivered', 'opened', 'complained')
        ) as used
    from delivery d
    join run r on r.id = d.run_id
    left join campaign c on c.id = r.campaign_id
    left join preference p on p.profile_id = d.recipient_id
    {_FIRST}
    left join attempt a on a.id = f.attempt_id
    where d.id = any(:ids)
    group by d.id order by d.id
""")
_NEEDLESS = text(f"""
    select d.id from delivery d {_FIRST} where d.id = any(:ids) and d.step > 0 group by d.id having {_OPENED}
""")


def behind(conn: Connection, ids: Sequence[int]) -> list[Behind]:
    """What became of the first copy of each of these messages, by id."""
    return [Behind(**row) for row in conn.execute(_BEHIND, {"ids": list(ids)}).mappings()]


def no_longer_needed(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Of these deliveries those of a second step whose first copy was opened meanwhile, or read in the inbox."""
    return set(conn.scalars(_NEEDLESS, {"ids": list(ids)})) if ids else set()


def end_waiting(conn: Connection, ids: Sequence[int], code: str, now: datetime) -> None:
    """Waiting messages that are not needed: the first copy was opened, or the address was written to."""
    _move(conn, ids, now, state="not_needed", code=code)


def plan_waiting(conn: Connection, ids: Sequence[int], now: datetime) -> None:
    """Waiting messages that are to be sent now."""
    _move(conn, ids, now, state="planned")


def _move(conn: Connection, ids: Sequence[int], now: datetime, **values: str) -> None:
    mine = delivery.c.id == func.any(array(ids, BigInteger)), delivery.c.state == "waiting"
    if ids:
        conn.execute(update(delivery).where(*mine).values(updated_at=now, **values))


def wait_on(conn: Connection, given: RowMapping, ids: Sequence[int], due: datetime) -> None:
    """Members of a slice leave for a waiting slice of their own that is due later."""
    later = insert_slice(
        conn, run_id=given["run_id"], channel=given["channel"], lane=given["lane"], due_at=due, step=given["step"]
    )
    conn.execute(update(slice_).where(slice_.c.id == later).values(state="waiting"))
    conn.execute(
        update(delivery)
        .where(delivery.c.id == func.any(array(ids, BigInteger)), delivery.c.state == "waiting")
        .values(slice_id=later)
    )


def close(conn: Connection, slice_id: int, *, ready: bool) -> None:
    """A slice waits no more: it is ready to be sent, or done where nobody is left in it."""
    conn.execute(update(slice_).where(slice_.c.id == slice_id).values(state="ready" if ready else "done"))


_FAILED = text(f"""
    select w.id, w.slice_id from delivery f
    join delivery w on w.run_id = f.run_id and w.recipient_id = f.recipient_id and w.step > 0 and w.state = 'waiting'
    where f.id = any(:ids) and f.step = 0 and f.state in {_NOBODY} order by w.id for update of w
""")


def bring_forward(conn: Connection, ids: Sequence[int], now: datetime) -> int:
    """What waits behind those of these first copies (delivery ids) that reached nobody is due now.

    The members move to waiting slices of their own; `pipeline.escalate` decides there. Returns how many.
    """
    rows = conn.execute(_FAILED, {"ids": list(ids)}).all() if ids else []
    for slice_id in sorted({row.slice_id for row in rows if row.slice_id is not None}):
        given = conn.execute(select(slice_).where(slice_.c.id == slice_id)).mappings().one()
        wait_on(conn, given, [row.id for row in rows if row.slice_id == slice_id], now)
    return len(rows)
