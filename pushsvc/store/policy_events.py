"""What happened to policies: each event is written once by (policy, kind, key); its answer is in `event_answers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.arrays import array
from pushsvc.store.session import Connection
from pushsvc.store.tables import campaign, policy, policy_event

PUBLISHED = ("new", "changed")  # one of the two for each publication
_PIECE = 2000  # events written in one statement, which takes 65,535 parameters at most


@dataclass(frozen=True)
class NewEvent:
    """An event to be written; `key` tells it from others of its kind ("2026-12-31:7"), `detail` is JSON."""

    policy_id: int
    kind: str
    key: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    campaign_id: int | None = None


@dataclass(frozen=True)
class PolicyEvent:
    """An event as stored, not yet answered."""

    id: int
    policy_id: int
    kind: str
    key: str
    detail: Mapping[str, Any]
    campaign_id: int | None


@dataclass(frozen=True)
class Window:
    """The window of a policy in force; `published` is the day in the city on which it became visible."""

    policy_id: int
    opens: date | None
    closes: date | None
    published: date


# In force, visible, and no other version has taken its place.
_LIVE = """
    p.state = 'published' and p.visible_no is not null and (p.repealed_by is null or p.valid_to >= :today)
    and (p.valid_to is null or p.valid_to >= :today) and p.published_at is not null
    and p.id not in (
        select cast(s.detail ->> 'before' as bigint) from policy_event s
        where s.kind = 'changed' and s.detail ->> 'before' is not null
    )
"""
_PUBLISHED_DAY = "(p.published_at at time zone 'Asia/Shanghai')::date"

_UNRECORDED = text("""
    select p.id from policy p where p.state = 'published' and p.visible_no is not null
    and not exists (select from policy_event e where e.policy_id = p.id and e.kind in ('new', 'changed'))
    order by p.visible_no limit :most
""")

_REPEALED = text("""
    select p.id, b.id, b.ref, p.valid_to from policy p join policy b on b.id = p.repealed_by
    where p.state = 'published' and p.visible_no is not null
    and not exists (select from policy_event e where e.policy_id = p.id and e.kind = 'repealed' and e.key = b.ref)
    order by b.visible_no, p.id limit :most
""")

_OPENED = text(f"""
    select p.id, p.window_opens, p.window_closes, {_PUBLISHED_DAY} from policy p
    where {_LIVE} and p.window_opens <= :today and (p.window_closes is null or p.window_closes >= :today)
    and {_PUBLISHED_DAY} < p.window_opens and not exists (
        select from policy_event e
        where e.policy_id = p.id and e.kind = 'window_opened' and e.key = p.window_opens::text
    ) order by p.id limit :most
""")

_CLOSING = text(f"""
    select p.id, p.window_opens, p.window_closes, {_PUBLISHED_DAY} from policy p
    where {_LIVE} and p.window_closes between :today and cast(:today as date) + cast(:days as integer)
    and (p.window_opens is null or p.window_opens <= :today) order by p.id
""")

# A version tells of what it amends; else of the newest of its family and kind that was visible before, and dated not
# later, unless it says itself that it is a change.
_BEFORE = text("""
    select o.id from policy p join policy o on o.id <> p.id and o.state = 'published' and o.visible_no < p.visible_no
    left join policy_link l on l.policy_id = p.id and l.target_id = o.id and l.relation = 'amends'
    where p.id = :id and (l.id is not null or (
        o.family = p.family and o.kind = p.kind
        and (starts_with(p.event, 'changed') or coalesce(o.date_published, o.date_written, '-infinity')
            <= coalesce(p.date_published, p.date_written, 'infinity'))
    )) order by (l.id is not null) desc, o.visible_no desc limit 1
""")

# What a list of results is of: what it rests on or explains, else the newest of its family that invites applications.
_OF = text("""
    select o.id from policy p join policy o on o.id <> p.id and o.state = 'published' and o.visible_no < p.visible_no
    left join policy_link l on l.policy_id = p.id and l.target_id = o.id and l.relation in ('based_on', 'interprets')
    where p.id = :id and o.kind <> 'gazette' and (
        (l.id is not null and (o.kind = 'fund' or o.window_closes is not null)) or o.family = p.family
    ) order by (l.id is not null) desc, o.visible_no desc limit 1
""")

_VERSIONS = text("""
    with recursive chain(id) as (
        select cast(:id as bigint) union
        select cast(e.detail ->> 'before' as bigint) from policy_event e join chain c on e.policy_id = c.id
        where e.kind = 'changed'
    ) select id from chain where id is not null order by id
""")


def record(conn: Connection, events: Sequence[NewEvent], at: datetime) -> int:
    """Write those that are not yet there; returns how many were new."""
    new = 0
    for first in range(0, len(events), _PIECE):
        rows = [vars(one) | {"detail": dict(one.detail), "at": at} for one in events[first : first + _PIECE]]
        made = upsert(policy_event).values(rows).on_conflict_do_nothing().returning(policy_event.c.id)
        new += len(conn.execute(made).all())
    return new


def unrecorded(conn: Connection, limit: int) -> list[int]:
    """Published policies whose publication no event tells of, in the order in which they became visible."""
    return list(conn.execute(_UNRECORDED, {"most": limit}).scalars())


def repealed(conn: Connection, limit: int) -> list[tuple[int, int, str, date | None]]:
    """(policy, by which, its reference, last day) of repeals that no event tells of."""
    return [(row[0], row[1], row[2], row[3]) for row in conn.execute(_REPEALED, {"most": limit})]


def opened(conn: Connection, today: date, limit: int) -> list[Window]:
    """Windows that opened after the publication, are still open, and of which no event tells."""
    return [Window(*row) for row in conn.execute(_OPENED, {"today": today, "most": limit})]


def closing(conn: Connection, today: date, days: int) -> list[Window]:
    """Open windows that close today or within so many days."""
    return [Window(*row) for row in conn.execute(_CLOSING, {"today": today, "days": days})]


def keys_of(conn: Connection, kind: str, policy_ids: Sequence[int]) -> set[tuple[int, str]]:
    """(policy, key) of the events of a kind that these policies have."""
    ids = array(policy_ids, BigInteger)
    mine = policy_event.c.policy_id == func.any(ids), policy_event.c.kind == kind
    return {(row[0], row[1]) for row in conn.execute(select(policy_event.c.policy_id, policy_event.c.key).where(*mine))}


def version_before(conn: Connection, policy_id: int) -> int | None:
    """The version that a published policy may have changed."""
    return conn.execute(_BEFORE, {"id": policy_id}).scalar()


def applied_for(conn: Connection, policy_id: int) -> int | None:
    """The policy whose result a published one tells, where it tells one."""
    return conn.execute(_OF, {"id": policy_id}).scalar()


def versions(conn: Connection, policy_id: int) -> list[int]:
    """The policy and the versions that it took the place of."""
    return list(conn.execute(_VERSIONS, {"id": policy_id}).scalars())


def drafted(conn: Connection, event: PolicyEvent, doors: Sequence[str]) -> int | None:
    """The campaign for these doors that an earlier, interrupted pass drafted for the event."""
    mine = campaign.c.policy_id == event.policy_id, campaign.c.detail["event_id"].astext == str(event.id)
    query = select(campaign.c.id).where(*mine, campaign.c.doors == list(doors)).order_by(campaign.c.id)
    return conn.execute(query.limit(1)).scalar()


def details_of(conn: Connection, campaign_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Campaign → what it keeps of its event, of those that keep something."""
    if not campaign_ids:
        return {}
    mine = campaign.c.id == func.any(array(campaign_ids, BigInteger))
    rows = conn.execute(select(campaign.c.id, campaign.c.detail).where(mine))
    return {int(number): found for number, found in rows if isinstance(found, Mapping) and found}


def recent_events(conn: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """The newest events: {id, policy, title, kind, key, campaign, state, rule, at}."""
    query = (
        select(
            policy_event.c.id, policy.c.ref.label("policy"), policy.c.title, policy_event.c.kind, policy_event.c.key,
            policy_event.c.campaign_id.label("campaign"), campaign.c.state, campaign.c.rule_id.label("rule"),
            func.date_trunc("second", policy_event.c.at).label("at"),
        ).join(policy, policy.c.id == policy_event.c.policy_id)
        .outerjoin(campaign, campaign.c.id == policy_event.c.campaign_id)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(query.order_by(policy_event.c.id.desc()).limit(limit)).mappings()]
