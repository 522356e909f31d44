"""Whether a number is still that of the people it is held for: when it was proven, and what was heard of it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import address, profile

DEAD = ("bounce", "rejected")  # reasons of a suppression that say: there is no such number


@dataclass(frozen=True)
class Heard:
    """An address: when its holder proved it, what speaks against that since, and signs that it went on living."""

    address_id: int
    verified_at: datetime | None
    against: datetime | None
    alive: tuple[datetime, ...]


# Messages have no index by address: they are found through whoever has the number now.
_HEARD = text(f"""
    select a.id, a.verified_at, greatest(
        (select max(n.at) from not_theirs n where n.address_id = a.id),
        (select s.at from suppression s where s.channel = a.channel and s.lookup = a.lookup
            and s.reason = any(array{list(DEAD)}))) as against,
        array(
            select coalesce(d.accepted_at, d.planned_at) from profile_address pa
            join delivery d on d.recipient_id = pa.profile_id and d.address_id = a.id
            where pa.address_id = a.id and d.state in ('delivered', 'opened') and d.planned_at > a.verified_at
            union all
            select r.received_at from sms_reply r
            where r.lookup = a.lookup and r.received_at > a.verified_at and r.kind <> 'not_mine'
        ) as alive
    from address a where a.channel = :channel and a.lookup = :lookup
""")


def heard_of(conn: Connection, channel: str, lookup: bytes) -> Heard | None:
    """What is known of an address; None where we have no such address."""
    row = conn.execute(_HEARD, {"channel": channel, "lookup": lookup}).first()
    return None if row is None else Heard(row.id, row.verified_at, row.against, tuple(row.alive))


def verify(conn: Connection, address_id: int, now: datetime) -> None:
    """Its holder proved it just now."""
    conn.execute(update(address).where(address.c.id == address_id).values(verified_at=now))


def knows(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[date | None, bytes | None]]:
    """(date of birth, ciphertext of the name) of profiles: what a person may be asked to tell who they are."""
    rows = conn.execute(select(profile.c.id, profile.c.birth_date, profile.c.name).where(profile.c.id.in_(list(ids))))
    return {row.id: (row.birth_date, row.name) for row in rows}
