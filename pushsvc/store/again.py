"""Rejected deliveries of a campaign: by code, and those a person has tried again, as new slices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, func, select, text, update

from pushsvc.store.arrays import array
from pushsvc.store.attempts import place
from pushsvc.store.slices import insert_slice
from pushsvc.store.states import TOLD
from pushsvc.store.tables import campaign, delivery

_BY_CODE = text("""
    select a.provider, coalesce(d.code, ''), count(*) from delivery d
    join run r on r.id = d.run_id join attempt a on a.id = d.attempt_id
    where r.campaign_id = :campaign and d.state = 'rejected' group by 1, 2 order by 3 desc, 1, 2
""")
# What was ever accepted, may have arrived, or did by a receipt's word, is not sent again, whatever its state is now.
_UNDELIVERED = text("""
    select d.id from delivery d join run r on r.id = d.run_id join attempt a on a.id = d.attempt_id
    join unnest(cast(:providers as text[]), cast(:codes as text[])) as w(provider, code)
      on w.provider = a.provider and w.code = coalesce(d.code, '')
    where r.campaign_id = :campaign and d.state = 'rejected' and d.accepted_at is null and not d.doubtful
      and not exists (select from receipt p where p.wire_key = d.wire_key and p.status in ('delivered', 'complained'))
    order by d.id
""")
# Whoever is told on another channel meanwhile is not told twice. All their messages of the run are locked before.
_NEAR = text("""
    select id from delivery
    where run_id = :run and recipient_id in (select recipient_id from delivery where id = any(:ids))
    order by id for update
""")
_STILL = text("""
    select d.id, d.run_id, d.channel, d.step, s.lane from delivery d join slice s on s.id = d.slice_id
    where d.id = any(:ids) and d.state = 'rejected' and not d.doubtful and not exists (
        select from delivery o where o.run_id = d.run_id and o.recipient_id = d.recipient_id and o.id <> d.id
          and o.state = any(:told) and not (o.state = 'waiting' and o.step > d.step))
    order by d.id
""")


@dataclass(frozen=True)
class Coded:
    """How many deliveries a kind of provider rejected with a code."""

    provider: str
    code: str
    n: int


def rejected_by_code(conn: Connection, campaign_id: int) -> list[Coded]:
    """What was rejected, the most frequent first."""
    return [Coded(*row) for row in conn.execute(_BY_CODE, {"campaign": campaign_id})]


def rejected_ids(conn: Connection, campaign_id: int, codes: Sequence[Coded]) -> list[int]:
    """Deliveries rejected with one of these codes of which nothing says that they arrived, by id."""
    wanted = {"providers": [one.provider for one in codes], "codes": [one.code for one in codes]}
    return list(conn.scalars(_UNDELIVERED, wanted | {"campaign": campaign_id}))


def put_back(conn: Connection, run_id: int, ids: Sequence[int], *, now: datetime, slice_size: int) -> int:
    """Those of `ids` that are still rejected, and told nowhere else, become planned in new slices, due now.

    Their attempts count from nought again. Returns how many. Deliveries are locked by id, and no slice is.
    """
    conn.execute(_NEAR, {"run": run_id, "ids": list(ids)}).all()
    groups: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for row in conn.execute(_STILL, {"ids": list(ids), "told": list(TOLD)}):
        groups[row.channel, row.lane, row.step].append(row.id)
    for (channel, lane, step), some in groups.items():
        for start in range(0, len(some), slice_size):
            part = some[start : start + slice_size]
            mine = delivery.c.id == func.any(array(part, BigInteger))
            conn.execute(update(delivery).where(mine).values(state="planned", attempts=0, updated_at=now))
            place(conn, part, insert_slice(conn, run_id=run_id, channel=channel, lane=lane, due_at=now, step=step))
    return sum(map(len, groups.values()))


def lock_state(conn: Connection, campaign_id: int) -> str:
    """The campaign's state, locked: after the deliveries, as workers do."""
    query = select(campaign.c.state).where(campaign.c.id == campaign_id).with_for_update()
    return str(conn.execute(query).scalar_one())
