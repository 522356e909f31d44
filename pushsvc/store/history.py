"""History: who was told of what, how much was recommended lately, and what a run already uses, digests included.

Of two runs the one made first goes first: a later run's message counts against an earlier run only once it has left.
So it does not matter which of the two is planned first. An item of a digest goes by the run of its own campaign.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from pushsvc.store.columns_out import read_columns
from pushsvc.store.session import Connection
from pushsvc.store.states import LEFT, TOLD, UNSENT

Ids = NDArray[np.int64]
_TOLD_BY = f"d.state = any(array{list(TOLD)})"
_LEFT = f"(d.state = any(array{list(LEFT)}) or d.doubtful)"
_COUNTS = f"{_TOLD_BY} and (d.run_id < {{run}} or {_LEFT})"
_AHEAD = ("gathering", *UNSENT)
_ITEM_COUNTS = f"(coalesce(own.id, d.run_id) < {{run}} or {_LEFT})"

# Each person's deliveries are looked up by themselves, those about the family alone: the cost is that of the people
# asked for, however many deliveries there are (`offset 0` keeps the planner from reading the table instead).
_NEAR = """any(array(
        select id from policy where family = {family} union select policy_id from campaign where family = {family}
    ))"""
_SAME = "coalesce(c.family, p.family) = {family} and coalesce(c.event, p.event) = {event}"
_TOLD = f"""
    select d.recipient_id
    from unnest(cast({{ids}} as bigint[])) as person(id)
    cross join lateral (
        select * from delivery d
        where d.recipient_id = person.id and d.policy_id = {_NEAR} and d.run_id <> {{run}} and {_COUNTS} offset 0
    ) d
    join policy p on p.id = d.policy_id join run r on r.id = d.run_id left join campaign c on c.id = r.campaign_id
    where {_SAME}
    union
    select d.recipient_id
    from unnest(cast({{ids}} as bigint[])) as person(id)
    cross join lateral (
        select * from delivery d
        where d.recipient_id = person.id and d.policy_id is null and d.run_id <> {{run}} and {_TOLD_BY} offset 0
    ) d
    cross join lateral (
        select * from delivery_item i where i.delivery_id = d.id and i.policy_id = {_NEAR} offset 0
    ) i
    join policy p on p.id = i.policy_id left join campaign c on c.id = i.campaign_id
    left join run own on own.campaign_id = i.campaign_id
    where {_SAME} and {_ITEM_COUNTS}
      and (i.campaign_id is null or i.campaign_id is distinct from (select campaign_id from run where id = {{run}}))
"""

# Most events are told by one campaign: then nobody need be looked up. Only campaigns send messages about one policy;
# digests that answer a life event hold items that are no campaign's.
_OTHERS = """
    select (exists (
        select from campaign c join run o on o.campaign_id = c.id
        where o.id <> {run} and c.family = {family} and c.event = {event}
    ) or exists (
        select from delivery_item i join policy p on p.id = i.policy_id
        where i.campaign_id is null and p.family = {family} and p.event = {event}
    ))::int
"""

# A message counts from when it left, or now if it has not, and a digest from its hour: quiet hours and the sweep may
# make it later by up to a day.
_AT = f"""
    case when d.state = any(array{list(UNSENT)}) and not d.doubtful then 'infinity'
         when r.due_at is null then coalesce(d.accepted_at, d.updated_at)
         else greatest(r.due_at, coalesce(d.accepted_at, d.updated_at) - interval '1 day') end
"""
_RECOMMENDED = f"""
    select d.recipient_id, count(distinct d.run_id)
    from unnest(cast({{ids}} as bigint[])) as person(id)
    cross join lateral (
        select * from delivery d
        where d.recipient_id = person.id and d.run_id <> {{run}} and d.run_id <> {{joins}} and {_TOLD_BY}
            and (greatest(d.updated_at, d.accepted_at) > {{since}} or d.state = any(array{list(_AHEAD)})) offset 0
    ) d
    join run r on r.id = d.run_id
    where {_AT} > {{since}} and (
        (d.policy_id is not null and d.door = 'recommended' and (d.run_id < {{run}} or {_LEFT})) or exists (
            select from delivery_item i left join run own on own.campaign_id = i.campaign_id
            where i.delivery_id = d.id and i.door = 'recommended' and {_ITEM_COUNTS}
        )
    )
    group by d.recipient_id
"""

# What became of a message does not matter: a run tells nobody twice.
_USED = """
    select d.recipient_id, d.address_id from delivery d where d.run_id = {run} and d.step = 0
    union select d.recipient_id, d.address_id from delivery_item i join delivery d on d.id = i.delivery_id
    where i.campaign_id = (select campaign_id from run where id = {run})
"""


def told_recipients(conn: Connection, recipients: Ids, *, family: str, event: str, run_id: int) -> Ids:
    """Of these recipients, those told of (family, event), alone or inside a digest, by another run than ours.

    Items that our own campaign put into digests are ours too. Of those of others, each goes by its campaign's run.
    """
    values = {"family": family, "event": event, "run": run_id}
    if not read_columns(conn, _OTHERS, {"others": "int"}, **values)["others"][0]:
        return np.zeros(0, dtype=np.int64)
    found: Ids = read_columns(conn, _TOLD, {"recipient_id": "int"}, ids=recipients, **values)["recipient_id"]
    return found


def recommended_since(
    conn: Connection, recipients: Ids, since: datetime, *, run_id: int, joins: int = 0
) -> NDArray[np.int32]:
    """int32[n]: messages with a recommendation that other runs sent, or are to send, to each of these since then; a
    digest counts as one message, and the one that ours `joins` (a run, 0 for none) not at all."""
    people, places = np.unique(recipients, return_inverse=True)
    values = {"ids": people, "run": run_id, "joins": joins, "since": since.isoformat()}
    found = read_columns(conn, _RECOMMENDED, {"recipient_id": "int", "n": "int"}, **values)
    counts = np.zeros(len(people), dtype=np.int32)
    counts[np.searchsorted(people, found["recipient_id"])] = found["n"]
    return counts[places]


def used_by(conn: Connection, run_id: int) -> tuple[Ids, Ids]:
    """The recipients, and the addresses, that a run (or its campaign, in a digest) writes to."""
    found = read_columns(conn, _USED, {"recipient_id": "int", "address_id": "int"}, run=run_id)
    return found["recipient_id"], found["address_id"]
