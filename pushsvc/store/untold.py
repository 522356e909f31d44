"""Untold: whom a campaign refused as told, though nobody told them after all; found by ranks, some at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, func, select, text, update

from profiles.gates import CHANNELS
from pushsvc.store.arrays import derived
from pushsvc.store.columns_out import read_columns
from pushsvc.store.session import Connection
from pushsvc.store.states import TOLD
from pushsvc.store.tables import delivery, selection

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The selections of a campaign with ranks after `after`, up to `upto`; `last`: none comes behind them."""

    campaign_id: int
    run_id: int
    after: int
    upto: int
    last: bool


@dataclass(frozen=True, eq=False)
class Stopped:
    """n deliveries: `channel` indexes CHANNELS."""

    id: Ids
    recipient_id: Ids
    channel: NDArray[np.int8]
    step: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: NDArray[np.bool_] | Ids) -> Stopped:
        """Some of them (a mask or places)."""
        return Stopped(self.id[rows], self.recipient_id[rows], self.channel[rows], self.step[rows])


# Only what others of the family did, or an answer to a life event, can have been leaned on.
_DUE = text("""
    with own as (
        select c.*, r.id as run_id, r.created_at as began from campaign c join run r on r.campaign_id = c.id
        where c.state in ('running', 'paused', 'finished') and c.planned_at is not null
            and (c.expires_at is null or c.expires_at > :now)
    ), other as (
        select own.id, max(o.finished_at) as ended from own
        join campaign o on o.family = own.family and o.id <> own.id join run on run.campaign_id = o.id
        group by own.id
    )
    select own.id from own left join other on other.id = own.id
    where own.untold_rank is not null
        or other.ended > own.untold_at or (own.untold_at is null and other.ended >= own.began)
        or (coalesce(own.untold_at, own.planned_at) < :again and coalesce(own.finished_at, :now) > :lately
            and (other.id is not null or exists (
                select from delivery_item i where i.campaign_id is null and i.policy_id = own.policy_id)))
    order by own.run_id
""")


def due(conn: Connection, now: datetime, *, again: datetime, lately: datetime) -> list[int]:
    """Campaigns that are to look at whom they refused as told, the first made first: one of the same family ended since
    they last did, or they have begun. And those with others of their family, or not finished before `lately`, that
    last did so before `again`: a message may bounce long after its campaign has ended."""
    return list(conn.scalars(_DUE, {"now": now, "again": again, "lately": lately}))


def window(conn: Connection, campaign_id: int, run_id: int, *, after: int, size: int) -> Window:
    """The next `size` selections past the rank `after`."""
    top = conn.scalar(select(func.max(selection.c.rank)).where(selection.c.campaign_id == campaign_id)) or 0
    return Window(campaign_id, run_id, after, min(after + size, top), after + size >= top)


# Person by person, by the keys that begin with the run: the cost is that of the window, however much there is.
_CHOSEN = "select profile_id from selection where campaign_id = {campaign} and rank > {after} and rank <= {upto}"
_REFUSED = f"""
    select f.profile_id, f.recipient_id from ({_CHOSEN}) s cross join lateral (
        select * from refusal f where f.run_id = {{run}} and f.profile_id = s.profile_id offset 0
    ) f where f.code = 'told'
"""
_STOPPED = f"""
    with chosen as materialized ({_CHOSEN}), near as (
        select profile_id as id from chosen union
        select m.person_id from chosen s cross join lateral (
            select person_id from member m where m.profile_id = s.profile_id offset 0
        ) m
    )
    select d.id, d.recipient_id, array_position(array{list(CHANNELS)}, d.channel) - 1, d.step
    from near cross join lateral (
        select * from delivery d where d.run_id = {{run}} and d.recipient_id = near.id offset 0
    ) d where d.state = 'refused' and d.code = 'told'
"""


def refused(conn: Connection, given: Window) -> tuple[Ids, Ids]:
    """The profiles and recipients that were refused as told, when planned or inside a digest."""
    found = read_columns(conn, _REFUSED, {"profile_id": "int", "recipient_id": "int"}, **_values(given))
    return found["profile_id"], found["recipient_id"]


def stopped(conn: Connection, given: Window) -> Stopped:
    """The deliveries that were refused as told just before their attempt."""
    columns = dict.fromkeys(("id", "recipient_id", "channel", "step"), "int")
    found = read_columns(conn, _STOPPED, columns, **_values(given))
    return Stopped(**found)


def _values(given: Window) -> dict[str, int]:
    return {"campaign": given.campaign_id, "run": given.run_id, "after": given.after, "upto": given.upto}


def forget(conn: Connection, run_id: int, profiles: Ids, recipients: Ids) -> None:
    """Delete these refusals: other fates take their place in the same transaction."""
    values = {"run": run_id, "profiles": profiles.tolist(), "recipients": recipients.tolist()}
    conn.execute(_FORGET, values)


_FORGET = text("""
    delete from refusal f using unnest(cast(:profiles as bigint[]), cast(:recipients as bigint[])) as v(profile, person)
    where f.run_id = :run and f.profile_id = v.profile and f.recipient_id = v.person and f.code = 'told'
""")
# All of these people's messages of the run are locked, by id; whom the run tells in another way, or at whose address it
# tells somebody, is not told beside that.
_NEAR = text("""
    select id from delivery where run_id = :run and recipient_id = any(cast(:people as bigint[])) order by id for update
""")
_STILL = text("""
    select d.id from delivery d where d.id = any(cast(:ids as bigint[])) and d.state = 'refused' and d.code = 'told'
        and (d.step > 0 or not exists (
            select from delivery o where o.run_id = d.run_id and o.recipient_id = d.recipient_id and o.id <> d.id
                and o.state = any(:told) and not (o.state = 'waiting' and o.step > d.step)))
        and (d.step > 0 or not exists (
            select from profile_address a join delivery o on o.run_id = d.run_id and o.recipient_id = a.profile_id
                and o.address_id = d.address_id
            where a.address_id = d.address_id and o.id <> d.id and o.state = any(:told)))
""")


def still(conn: Connection, run_id: int, given: Stopped) -> Stopped:
    """Those that may go now, locked."""
    if not len(given):
        return given
    conn.execute(_NEAR, {"run": run_id, "people": given.recipient_id.tolist()}).all()
    ids = list(conn.scalars(_STILL, {"ids": given.id.tolist(), "told": list(TOLD)}))
    return given.take(np.isin(given.id, np.array(ids, dtype=np.int64)))


def place(conn: Connection, ids: Ids, slice_ids: Sequence[int], *, state: str, now: datetime) -> None:
    """Refused deliveries become `state` (planned or waiting), each in its slice."""
    values = derived(id=(ids.tolist(), BigInteger), slice_id=(list(slice_ids), BigInteger))
    mine = delivery.c.id == values.c.id, delivery.c.state == "refused"
    change = update(delivery).where(*mine)
    conn.execute(change.values(state=state, code=None, slice_id=values.c.slice_id, updated_at=now))
