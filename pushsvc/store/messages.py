"""Everything that was, or was not, sent to one person: their deliveries and refusals as one list, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from pushsvc.store.session import Connection

# What a reader may ask for → the states of deliveries in it; a refusal counts as refused.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "coming": ("gathering", "waiting", "planned", "sending"),
    "sent": ("accepted", "delivered", "opened", "complained"),
    "doubtful": ("unknown", "rejected", "bounced"),
    "not_sent": ("refused", "expired", "cancelled", "not_needed"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """Where a page of the list begins: after the row of this moment, kind and numbers."""

    at: datetime
    refusal: int
    key: int
    profile_id: int

    def text(self) -> str:
        """As an address carries it."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.refusal}.{self.key}.{self.profile_id}"


def place_of(told: str) -> Place | None:
    """What `text` wrote; None for anything else."""
    parts = told.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
        return None
    try:
        return Place(_EPOCH + timedelta(microseconds=int(parts[0])), *(int(part) for part in parts[1:]))
    except OverflowError:
        return None


@dataclass(frozen=True)
class Message:
    """One row. `delivery_id` is None for a refusal when it was planned; `policy_id` None for a digest or our own words.

    `due_at`: when it is to leave or gathered until; `provider`: whose word `code` may be; `why`: as kept with the
    choice; `criteria`: those of the policy, None where they are others by now.
    """

    at: datetime
    refusal: int
    key: int
    profile_id: int
    delivery_id: int | None
    run_id: int
    kind: str
    run_key: str
    channel: str | None
    mask: str | None
    door: str
    step: int
    state: str
    code: str | None
    accepted_at: datetime | None
    updated_at: datetime
    due_at: datetime | None
    provider: str | None
    policy_id: int | None
    title: str | None
    sensitive: bool
    published: bool
    basis: str | None
    why: Mapping[str, Any] | None
    criteria: Any

    @property
    def place(self) -> Place:
        """What the next page begins after."""
        return Place(self.at, self.refusal, self.key, self.profile_id)


@dataclass(frozen=True)
class Wanted:
    """Which of a person's messages: those of one of GROUPS, of one channel, about one profile; None: of any."""

    group: str | None = None
    channel: str | None = None
    about: int | None = None


# The person's own rows by their index, whatever else the tables hold; only those of the page are joined.
_MINE = """
    select d.planned_at as at, 0 as refusal, d.id as key, d.profile_id, d.id as delivery_id, d.run_id, d.channel,
        d.address_id, d.door, d.step::int, d.state, d.code, d.accepted_at, d.updated_at, d.slice_id, d.attempt_id,
        d.policy_id
    from delivery d where d.recipient_id = :person
    union all
    select r.at, 1, r.run_id, r.profile_id, null, r.run_id, r.channel, null, r.door, 0, 'refused', r.code, null, r.at,
        null, null, null
    from refusal r where r.recipient_id = :person
"""
PAGE_QUERY = f"""
    with mine as ({_MINE}), page as (
        select * from mine
        where (cast(:states as text[]) is null or state = any(:states))
            and (cast(:channel as text) is null or channel = :channel)
            and (cast(:about as bigint) is null or profile_id = :about or exists (
                select from delivery_item i where i.delivery_id = mine.delivery_id and i.profile_id = :about))
            and (cast(:at as timestamptz) is null or (at, refusal, key, profile_id) < (:at, :refusal, :key, :profile))
        order by at desc, refusal desc, key desc, profile_id desc limit :limit
    )
    select page.at, page.refusal, page.key, page.profile_id, page.delivery_id, page.run_id, run.kind, run.key,
        page.channel, nullif(a.mask, ''), page.door, page.step, page.state, page.code, page.accepted_at,
        page.updated_at, coalesce(s.due_at, run.due_at), t.provider, p.id, p.title, coalesce(p.sensitive, false),
        coalesce(p.state = 'published', false), c.basis, e.why,
        case when c.funnel ->> 'checksum' = p.checksum then p.criteria end
    from page join run on run.id = page.run_id left join campaign c on c.id = run.campaign_id
    left join policy p on p.id = coalesce(page.policy_id, c.policy_id)
    left join address a on a.id = page.address_id left join slice s on s.id = page.slice_id
    left join attempt t on t.id = page.attempt_id
    left join selection e on e.campaign_id = c.id and e.profile_id = page.profile_id
    order by page.at desc, page.refusal desc, page.key desc, page.profile_id desc
"""


def messages(
    conn: Connection, person_id: int, wanted: Wanted, *, after: Place | None = None, limit: int = 30
) -> list[Message]:
    """A page of the person's list."""
    states = list(GROUPS[wanted.group]) if wanted.group else None
    given: dict[str, object] = {"person": person_id, "states": states, "limit": limit}
    given |= {"channel": wanted.channel, "about": wanted.about}
    given |= {"at": None, "refusal": 0, "key": 0, "profile": 0} if after is None else _begin(after)
    return [Message(*row) for row in conn.execute(text(PAGE_QUERY), given)]


def _begin(after: Place) -> dict[str, object]:
    return {"at": after.at, "refusal": after.refusal, "key": after.key, "profile": after.profile_id}


@dataclass(frozen=True)
class Item:
    """One policy in a digest."""

    title: str
    sensitive: bool
    door: str


_ITEMS = text("""
    select i.delivery_id, p.title, p.sensitive, i.door from delivery_item i join policy p on p.id = i.policy_id
    where i.delivery_id = any(cast(:ids as bigint[]))
        and (cast(:about as bigint) is null or i.profile_id = :about)
    order by i.delivery_id, i.position, i.policy_id
""")


def items(conn: Connection, delivery_ids: Sequence[int], about: int | None = None) -> dict[int, list[Item]]:
    """What these digests hold; where it is given, about one profile alone: one digest tells of a person and of their
    firms."""
    found: dict[int, list[Item]] = {}
    for row in conn.execute(_ITEMS, {"ids": list(delivery_ids), "about": about}) if delivery_ids else ():
        found.setdefault(row.delivery_id, []).append(Item(row.title, row.sensitive, row.door))
    return found
