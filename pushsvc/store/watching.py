"""What somebody who watches the service at work asks: queued, settled, answered; all runs and their figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from pushsvc.store.tables import campaign, delivery, delivery_item, policy, run


@dataclass(frozen=True)
class RunCount:
    """Deliveries of one run on one channel in one state; `accepted` were accepted at some time."""

    kind: str
    key: str
    channel: str
    door: str
    state: str
    count: int
    accepted: int


def started_campaigns(conn: Connection) -> list[int]:
    """Campaigns that were started, in the order they were made."""
    query = select(campaign.c.id).where(campaign.c.starts_at.is_not(None))
    return [int(number) for number in conn.scalars(query.order_by(campaign.c.id))]


def other_runs(conn: Connection) -> list[RunCount]:
    """Deliveries of all runs that are no campaign's: answers to life events, digests, system messages."""
    columns = (run.c.kind, run.c.key, delivery.c.channel, delivery.c.door, delivery.c.state)
    query = select(*columns, func.count(), func.count(delivery.c.accepted_at)).join(run, run.c.id == delivery.c.run_id)
    query = query.where(run.c.campaign_id.is_(None)).group_by(*columns).order_by(*columns)
    return [RunCount(*row) for row in conn.execute(query)]


def queued(conn: Connection, recipient_id: int, door: str) -> int:
    """How many messages wait for a recipient by this door."""
    mine = delivery.c.recipient_id == recipient_id, delivery.c.door == door, delivery.c.state == "planned"
    return int(conn.execute(select(func.count()).select_from(delivery).where(*mine)).scalar_one())


def dropped(conn: Connection, recipient_id: int, code: str) -> int:
    """How many planned messages of a recipient were refused for this reason before they left."""
    mine = delivery.c.recipient_id == recipient_id, delivery.c.state == "refused", delivery.c.code == code
    return int(conn.execute(select(func.count()).select_from(delivery).where(*mine)).scalar_one())


def with_code(conn: Connection, campaign_id: int, code: str) -> int:
    """How many deliveries of a campaign carry this code, e.g. "settled_by_query"."""
    query = select(func.count()).select_from(delivery).join(run, run.c.id == delivery.c.run_id)
    return int(conn.execute(query.where(run.c.campaign_id == campaign_id, delivery.c.code == code)).scalar_one())


def answers(conn: Connection, profile_id: int, kind: str) -> list[tuple[str, int]]:
    """(state, policies inside) of each message of runs of this kind to a profile, oldest first."""
    items = select(func.count()).where(delivery_item.c.delivery_id == delivery.c.id).scalar_subquery()
    query = select(delivery.c.state, items).join(run, run.c.id == delivery.c.run_id)
    query = query.where(run.c.kind == kind, delivery.c.profile_id == profile_id).order_by(delivery.c.id)
    return [(str(state), int(n)) for state, n in conn.execute(query)]


def addresses_known(conn: Connection, keys: Sequence[tuple[str, bytes]]) -> list[int]:
    """The numbers of the addresses with these (channel, keyed hash); unknown ones are left out."""
    query = text("""
        select a.id from address a
        join unnest(cast(:channels as text[]), cast(:lookups as bytea[])) as g(channel, lookup) using (channel, lookup)
        order by a.id
    """)
    values = {"channels": [channel for channel, _ in keys], "lookups": [lookup for _, lookup in keys]}
    return [int(number) for number in conn.scalars(query, values)]


def draft_refs(conn: Connection) -> list[str]:
    """The outside references of policies that are not published yet, in the order they came in."""
    return list(conn.scalars(select(policy.c.ref).where(policy.c.state == "draft").order_by(policy.c.id)))
