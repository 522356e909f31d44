"""Digests whose moment has come: found by their runs, folded into one a person, and given slices, some at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, RowMapping, Text, select, text, update
from sqlalchemy.dialects.postgresql import insert

from profiles.gates import CHANNELS
from pushsvc.store.arrays import derived
from pushsvc.store.session import Connection
from pushsvc.store.tables import delivery, member, run

Ids = NDArray[np.int64]

# The runs of messages without a slice, one step of the index for each run and not for each message.
_RUNS = text("""
    with recursive adrift (run_id) as (
        (select run_id from delivery where slice_id is null order by run_id limit 1)
        union all
        select (select d.run_id from delivery d where d.slice_id is null and d.run_id > a.run_id
                order by d.run_id limit 1)
        from adrift a where a.run_id is not null
    )
    select r.id from adrift a join run r on r.id = a.run_id
    where r.kind = 'digest' and r.due_at <= :now order by r.due_at desc, r.id desc
""")


@dataclass(frozen=True)
class Heads:
    """n gathering messages of one digest run, locked; `channel` indexes CHANNELS."""

    run_id: int
    id: Ids
    recipient_id: Ids
    channel: NDArray[np.int8]

    def without(self, ids: Sequence[int]) -> Heads:
        """The others."""
        stay = ~np.isin(self.id, np.asarray(ids, dtype=np.int64))
        return Heads(self.run_id, self.id[stay], self.recipient_id[stay], self.channel[stay])


@dataclass(frozen=True)
class Which:
    """Which items are meant: a condition on the item `i`, and its values."""

    condition: str = "true"
    values: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


EVERY = Which()
RECOMMENDED = Which("i.door = 'recommended'")


def due_runs(conn: Connection, now: datetime) -> list[int]:
    """Digest runs whose moment has come and which may still hold gathering messages, the latest first."""
    return [int(number) for number in conn.scalars(_RUNS, {"now": now})]


def some_heads(conn: Connection, run_id: int, *, limit: int) -> Heads:
    """Some of the gathering messages of a run; what somebody else holds is left to them."""
    query = select(delivery.c.id, delivery.c.recipient_id, delivery.c.channel)
    query = query.where(delivery.c.run_id == run_id, delivery.c.slice_id.is_(None), delivery.c.state == "gathering")
    rows = conn.execute(query.limit(limit).with_for_update(skip_locked=True)).all()
    numbers = np.array([(row.id, row.recipient_id, CHANNELS.index(row.channel)) for row in rows], dtype=np.int64)
    columns = numbers.reshape(-1, 3).T
    return Heads(run_id, columns[0], columns[1], columns[2].astype(np.int8))


def fold(conn: Connection, into: Heads, run_ids: Sequence[int], now: datetime) -> int:
    """Move what these people gathered in other due runs, on the same channel, into their messages of this one.

    A policy that stands there already is told once, and the second time refused as told. The emptied messages, which
    never left, are deleted; returns how many.
    """
    others = [number for number in run_ids if number != into.run_id]
    if not others:
        return 0
    people = {"keep": into.id.tolist(), "person": into.recipient_id.tolist()}
    words = np.array(CHANNELS)[into.channel].tolist()
    pairs = conn.execute(_FOLDED, {**people, "channel": words, "others": others}).all()
    move_items(conn, [pair.id for pair in pairs], [pair.keep for pair in pairs], now)
    return drop_empty(conn, [pair.id for pair in pairs])


# Looked up person by person, by the one index that knows the person (so nothing is said of the slice): a join, or the
# index of what has no slice, would read all that everybody gathers, for each piece again.
_FOLDED = text("""
    select d.id, m.keep
    from unnest(cast(:keep as bigint[]), cast(:person as bigint[]), cast(:channel as text[])) m(keep, person, channel)
    cross join lateral (
        select id from delivery d where d.run_id = any(cast(:others as bigint[])) and d.recipient_id = m.person
            and d.channel = m.channel and d.step = 0 and d.state = 'gathering'
        order by id for update skip locked
    ) d
""")


def move_items(
    conn: Connection, old: Sequence[int], new: Sequence[int], now: datetime, *, which: Which = EVERY
) -> None:
    """Move items from messages to others at the same place in the list (all locked, none has left).

    What the other message holds already is refused as told.
    """
    if old:
        values = {"old": list(old), "new": list(new), "now": now, **which.values}
        conn.execute(text(_MOVE.format(only=which.condition)), values)


_MOVE = """
    with pair as (
        select * from unnest(cast(:old as bigint[]), cast(:new as bigint[])) with ordinality as p(old, new, place)
    ), gone as (
        delete from delivery_item i using pair p where i.delivery_id = p.old and {only}
        returning p.new, p.place, i.policy_id, i.profile_id, i.campaign_id, i.position, i.door
    ), moved as (
        insert into delivery_item (delivery_id, policy_id, profile_id, campaign_id, position, door)
        select new, policy_id, profile_id, campaign_id, position, door from gone order by new, place, position
        on conflict do nothing returning delivery_id, policy_id, profile_id, campaign_id, door
    ), twice as (
        select new, policy_id, profile_id, campaign_id, door from gone except select * from moved
    )
    insert into refusal (run_id, profile_id, recipient_id, door, code, channel, at)
    select r.id, t.profile_id, d.recipient_id, t.door, 'told', d.channel, :now
    from twice t join run r on r.campaign_id = t.campaign_id join delivery d on d.id = t.new
    on conflict do nothing
"""


def of_wish(profile_id: int, subscription_id: int) -> Which:
    """The items that a profile gets because of one of its subscriptions."""
    chosen = """i.door = 'subscribed' and i.profile_id = :profile and exists (
        select from selection s where s.campaign_id = i.campaign_id and s.profile_id = i.profile_id
            and s.why -> 'subscriptions' @> to_jsonb(cast(:wish as bigint)))"""
    return Which(chosen, {"profile": profile_id, "wish": subscription_id})


def later_heads(conn: Connection, profile_id: int, after: datetime) -> list[RowMapping]:
    """What a person, or the members of a firm, gather in digests that leave after that moment, locked."""
    members = select(member.c.person_id).where(member.c.profile_id == profile_id)
    query = (
        select(delivery)
        .join(run, run.c.id == delivery.c.run_id)
        .where((delivery.c.recipient_id == profile_id) | delivery.c.recipient_id.in_(members))
        .where(delivery.c.slice_id.is_(None), delivery.c.state == "gathering")
        .where(run.c.kind == "digest", run.c.due_at > after)
        .order_by(delivery.c.id)
    )
    return list(conn.execute(query.with_for_update(of=delivery)).mappings())


def same_heads(conn: Connection, run_id: int, heads: Sequence[RowMapping], keys: Sequence[str]) -> dict[int, int]:
    """Messages of another run to the same people on the same channels, made where missing and locked: head → message.

    A head is missing whose person's message of that run has left already. `keys`: the wire keys there.
    """
    same = ("profile_id", "recipient_id", "address_id", "channel", "door", "planned_at", "updated_at")
    rows = [{name: head[name] for name in same} | {"wire_key": key} for head, key in zip(heads, keys, strict=True)]
    conn.execute(insert(delivery).values(run_id=run_id, state="gathering").on_conflict_do_nothing(), rows)
    given = derived(
        head=([head["id"] for head in heads], BigInteger),
        person=([head["recipient_id"] for head in heads], BigInteger),
        channel=([head["channel"] for head in heads], Text),
    )
    mine = (delivery.c.recipient_id == given.c.person) & (delivery.c.channel == given.c.channel)
    query = select(given.c.head, delivery.c.id).join(delivery, mine).order_by(delivery.c.id)
    query = query.where(delivery.c.run_id == run_id, delivery.c.state == "gathering")
    return {int(head): int(number) for head, number in conn.execute(query.with_for_update(of=delivery))}


PAUSED = Which("exists (select from campaign c where c.id = i.campaign_id and c.state = 'paused')")
# The campaigns are locked first: nobody resumes one while its items move.
_PAUSED = text("""
    select id from campaign c where state = 'paused' and exists (
        select from delivery_item i where i.campaign_id = c.id and i.delivery_id = any(cast(:ids as bigint[])))
    order by id for key share
""")
_HOLDING = text("""
    select d.*, r.key from delivery d join run r on r.id = d.run_id
    where d.id = any(cast(:ids as bigint[])) and not d.doubtful and exists (
        select from delivery_item i where i.delivery_id = d.id and i.campaign_id = any(cast(:paused as bigint[])))
    order by d.id
""")


def paused_heads(conn: Connection, ids: Sequence[int]) -> list[RowMapping]:
    """Those of these messages, each with the `key` of its run, that hold items of paused campaigns and certainly never
    left."""
    paused = list(conn.scalars(_PAUSED, {"ids": list(ids)}))
    return list(conn.execute(_HOLDING, {"ids": list(ids), "paused": paused}).mappings()) if paused else []


def emptied(conn: Connection, ids: Sequence[int]) -> list[int]:
    """Those of these messages that hold nothing."""
    return list(conn.scalars(_NOTHING, {"ids": list(ids)})) if ids else []


_NOTHING = text("""
    select m.id from unnest(cast(:ids as bigint[])) m(id)
    where not exists (select from delivery_item i where i.delivery_id = m.id)
""")


def drop_empty(conn: Connection, ids: Sequence[int]) -> int:
    """Delete those of these gathering messages into which nothing is gathered any more; returns how many."""
    return conn.execute(_EMPTY, {"ids": list(ids)}).rowcount if ids else 0


_EMPTY = text("""
    delete from delivery d where d.id = any(cast(:ids as bigint[])) and d.state = 'gathering'
        and (select i.delivery_id from delivery_item i where i.delivery_id = d.id limit 1) is null
""")


def place_heads(conn: Connection, ids: Ids, slice_ids: Ids, now: datetime) -> None:
    """n messages (of `some_heads`) become planned, each in its slice."""
    values = derived(id=(ids.tolist(), BigInteger), slice_id=(slice_ids.tolist(), BigInteger))
    change = update(delivery).where(delivery.c.id == values.c.id, delivery.c.state == "gathering")
    conn.execute(change.values(state="planned", slice_id=values.c.slice_id, updated_at=now))
