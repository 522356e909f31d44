"""What may have changed since a message was planned, beside the person's own choices: its wish ended, or its number is
one that the run writes to already. Both are asked just before an attempt, and only of those whom it may concern.
"""

from __future__ import annotations

from collections.abc import Sequence

from pushsvc.store.bulk import numbers_literal
from pushsvc.store.session import Connection, rows_cursor

# Hardly anybody has ended a subscription: the reasons of the others are not read (`offset 0` keeps it in this order).
_OVER = """
    with ended as materialized (
        select distinct profile_id from subscription
        where profile_id = any(%(profiles)s::bigint[]) and ended_at is not null
    )
    select s.campaign_id, s.profile_id from ended cross join lateral (
        select * from selection s where s.campaign_id = any(%(campaigns)s::bigint[])
            and s.profile_id = ended.profile_id and s.door = 'subscribed' offset 0
    ) s
    where not s.why ? 'did' and (
        select bool_and(b.ended_at is not null) from subscription b
        where b.id = any(array(select id::bigint from jsonb_array_elements_text(s.why -> 'subscriptions') as w(id)))
    )
"""

_OF_RUN = """
    select d.* from delivery d where d.run_id = %(run)s and d.address_id = any(%(addresses)s::bigint[])
    union all
    select d.* from delivery_item i join delivery d on d.id = i.delivery_id
    where i.campaign_id = (select campaign_id from run where id = %(run)s)
        and d.address_id = any(%(addresses)s::bigint[])
"""
_OF_HOLDERS = """
    select d.* from profile_address h
    join delivery d on d.recipient_id = h.profile_id and d.address_id = h.address_id
    where h.address_id = any(%(addresses)s::bigint[]) and (d.run_id = %(run)s or d.policy_id is null and exists (
        select from delivery_item i where i.delivery_id = d.id
            and i.campaign_id = (select campaign_id from run where id = %(run)s)))
"""
# What is planned counts while its recipient still has the address: otherwise it goes elsewhere, or nowhere.
_USED = """
    select distinct d.address_id from ({}) d
    where d.id <> all(%(ids)s::bigint[]) and (
        d.state in ('sending', 'unknown', 'accepted', 'delivered', 'opened', 'complained')
        or d.state in ('gathering', 'planned') and exists (
            select from profile_address a where a.profile_id = d.recipient_id and a.address_id = d.address_id))
"""


def wishes_over(conn: Connection, chosen: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of these (campaign, profile), those who were chosen for nothing but subscriptions that have all ended since."""
    campaigns = numbers_literal(sorted({campaign_id for campaign_id, _ in chosen}))
    profiles = numbers_literal(sorted({profile_id for _, profile_id in chosen}))
    found = rows_cursor(conn).execute(_OVER, {"campaigns": campaigns, "profiles": profiles})
    return {(row["campaign_id"], row["profile_id"]) for row in found}


def used_addresses(conn: Connection, run_id: int, addresses: Sequence[int], *, but: Sequence[int]) -> set[int]:
    """Those of the addresses to which another delivery of the run than these (`but`) went, or goes, a digest included.

    All deliveries of the run are gone through, for whoever had the address before: only for the few who changed it.
    """
    return _used(conn, run_id, addresses, but, _OF_RUN)


def held_addresses(conn: Connection, run_id: int, addresses: Sequence[int], *, but: Sequence[int]) -> set[int]:
    """`used_addresses`, but among the deliveries to those alone who have the addresses now."""
    return _used(conn, run_id, addresses, but, _OF_HOLDERS)


def _used(conn: Connection, run_id: int, addresses: Sequence[int], but: Sequence[int], rows: str) -> set[int]:
    """The run is held from then on: two who come to one address at once do not miss each other."""
    cursor = rows_cursor(conn)
    cursor.execute("select from run where id = %s for no key update", (run_id,))
    values = {"run": run_id, "addresses": numbers_literal(sorted(set(addresses))), "ids": numbers_literal(but)}
    return {row["address_id"] for row in cursor.execute(_USED.format(rows), values)}
