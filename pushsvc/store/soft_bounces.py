"""Messages that came back in a way that may pass, by the keyed hash of their address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from pushsvc.store.bulk import numbers_literal


class Counted(NamedTuple):
    """An address's soft bounces, and when the last message to it arrived by all that is known."""

    address_id: int
    bounces: list[datetime]
    arrived: datetime | None


_FORGET = text("""
    delete from soft_bounce b using address a
    where a.id = any(cast(:addresses as bigint[])) and b.channel = a.channel and b.lookup = a.lookup
""")
_ADD = text("""
    insert into soft_bounce (channel, lookup, delivery_id, at)
    select a.channel, a.lookup, v.delivery_id, v.at
    from unnest(cast(:deliveries as bigint[]), cast(:addresses as bigint[]), cast(:moments as timestamptz[]))
        as v (delivery_id, address_id, at)
    join address a on a.id = v.address_id
    on conflict do nothing
""")
# Whoever got the messages that came back is looked through for one that did not: accepted, and silent since.
_COUNTED = text("""
    select a.id, array_agg(b.at order by b.at), max(w.accepted_at)
    from address a join soft_bounce b on b.channel = a.channel and b.lookup = a.lookup
    left join lateral (
        select max(d.accepted_at) as accepted_at from delivery o join delivery d on d.recipient_id = o.recipient_id
            and d.address_id = a.id and d.accepted_at < :settled and d.state in ('accepted', 'delivered', 'opened')
        where o.id = b.delivery_id
    ) w on true
    where a.id = any(cast(:addresses as bigint[]))
    group by a.id order by a.id
""")


def forget(conn: Connection, address_ids: Sequence[int]) -> None:
    """A message to these addresses arrived."""
    if address_ids:
        conn.execute(_FORGET, {"addresses": numbers_literal(address_ids)})


def add(conn: Connection, soft: Sequence[tuple[int, int, datetime]]) -> None:
    """(delivery, address, moment) of messages that came back; one counts once."""
    deliveries, addresses, moments = zip(*soft, strict=True)
    values = {"deliveries": numbers_literal(deliveries), "addresses": numbers_literal(addresses)}
    conn.execute(_ADD, {**values, "moments": list(moments)})


def counted(conn: Connection, address_ids: Sequence[int], *, settled: datetime) -> list[Counted]:
    """What is counted against these addresses. A message accepted before `settled` that did not come back arrived."""
    values = {"addresses": numbers_literal(address_ids), "settled": settled}
    return [Counted(int(number), list(bounces), at) for number, bounces, at in conn.execute(_COUNTED, values)]
