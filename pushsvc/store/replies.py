"""Replies to SMS: kept once, with a keyed hash of the number and the first letters as ciphertext."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.bulk import bytes_literal, numbers_literal
from pushsvc.store.states import LEFT
from pushsvc.store.tables import not_theirs, profile, sms_reply

_TOLD = (*LEFT, "bounced")


@dataclass(frozen=True)
class Heard:
    """One reply: `told` names it among those of its route (the vendor's id, or what it says where there is none);
    `lookup` is None where the number is none."""

    route: str
    vendor_id: str
    told: str
    lookup: bytes | None
    kind: str
    cipher: bytes


@dataclass(frozen=True)
class Number:
    """A number that somebody of ours has or had: its address row, locked, and whether it can still be written to."""

    address_id: int
    lookup: bytes
    open: bool


def store_reply(conn: Connection, heard: Heard, now: datetime) -> int | None:
    """Keep a reply; its number, or None where it was kept before."""
    told = f"{heard.route}\0{heard.told}".encode()
    row = {"route": heard.route, "vendor_id": heard.vendor_id or None, "lookup": heard.lookup, "kind": heard.kind}
    rest = {"cipher": heard.cipher, "received_at": now, "checksum": hashlib.sha256(told).digest()}
    query = upsert(sms_reply).values({**row, **rest}).on_conflict_do_nothing(index_elements=["checksum"])
    return conn.execute(query.returning(sms_reply.c.id)).scalar_one_or_none()


_NUMBER = text("""
    select id, lookup, cipher <> '' from address
    where channel = 'sms' and lookup = any(cast(:lookups as bytea[])) order by id limit 1 for update
""")


def find_number(conn: Connection, lookups: Sequence[bytes]) -> Number | None:
    """The address row of a number, by the hashes of the ways in which it may be written."""
    row = conn.execute(_NUMBER, {"lookups": bytes_literal(lookups)}).one_or_none()
    return None if row is None else Number(int(row[0]), bytes(row[1]), bool(row[2]))


# Messages have no index by address: they are found through whoever has the number now. The confirmation of a stop goes
# to any of them, and is not what somebody answers.
_LATEST = text(f"""
    select distinct recipient_id from (
        select d.recipient_id, coalesce(d.accepted_at, d.updated_at) as at
        from profile_address pa join delivery d on d.recipient_id = pa.profile_id and d.address_id = pa.address_id
        join run r on r.id = d.run_id and r.key not like 'stop:%'
        where pa.address_id = :address and d.state = any(array{list(_TOLD)})
        order by at desc fetch first 1 row with ties
    ) d where d.at > :since order by 1
""")


def latest_recipients(conn: Connection, address_id: int, *, since: datetime) -> list[int]:
    """Those who have the number and got the latest message to it, where that was sent after `since`."""
    return list(conn.scalars(_LATEST, {"address": address_id, "since": since}))


def any_holder(conn: Connection, address_id: int) -> int | None:
    """Somebody who has the number."""
    query = text("select min(profile_id) from profile_address where address_id = :address")
    found: int | None = conn.scalar(query, {"address": address_id})
    return found


_PART = text("""
    with gone as (
        delete from profile_address where address_id = :address and profile_id = any(cast(:profiles as bigint[]))
    )
    update address set cipher = '', mask = '' where id = :address and not exists (
        select from profile_address o
        where o.address_id = :address and o.profile_id <> all(cast(:profiles as bigint[])))
""")


def part(conn: Connection, address_id: int, profile_ids: Sequence[int], now: datetime) -> None:
    """These profiles are not whom the number reaches: it is no address of theirs any more, and no file makes it one
    again. Where nobody else has it, its ciphertext goes too. Under `lock_addresses`."""
    conn.execute(_PART, {"address": address_id, "profiles": numbers_literal(profile_ids)})
    rows = [{"profile_id": one, "address_id": address_id, "at": now} for one in profile_ids]
    conn.execute(upsert(not_theirs).on_conflict_do_nothing(), rows)
    conn.execute(update(profile).where(profile.c.id.in_(profile_ids)).values(updated_at=now))


def confirmed_since(conn: Connection, lookup: bytes, since: datetime) -> bool:
    """Whether a reply from this number was confirmed after that moment."""
    mine = sms_reply.c.lookup == lookup, sms_reply.c.confirmed_at > since
    return conn.execute(select(sms_reply.c.id).where(*mine).limit(1)).first() is not None


def mark_confirmed(conn: Connection, reply_id: int, now: datetime) -> None:
    """A confirmation of this reply is on its way."""
    conn.execute(update(sms_reply).where(sms_reply.c.id == reply_id).values(confirmed_at=now))


_FORGET = text("""
    update sms_reply r set cipher = '' from profile_address pa join address a on a.id = pa.address_id
    where pa.profile_id = :profile and a.channel = 'sms' and r.lookup = a.lookup
      and not exists (select from profile_address o where o.address_id = a.id and o.profile_id <> :profile)
""")


def forget_words(conn: Connection, profile_id: int) -> None:
    """The words that came from the numbers of this profile alone are gone; that they asked to stop stands."""
    conn.execute(_FORGET, {"profile": profile_id})
