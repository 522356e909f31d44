"""Devices: found by keyed hash, kept as ciphertext, one row a token; whom a token belongs to is whoever came last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from pushsvc.store.bulk import bytes_literal, numbers_literal, words_literal
from pushsvc.store.session import Connection, bare_cursor

MOST = 10  # live devices of one person
GAVE_WAY = "gave_way"


@dataclass(frozen=True)
class Device:
    """A live device as people may see it: no token."""

    id: int
    platform: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class NewDevice:
    """A device as it is written: `token` is ciphertext, `lookup` its keyed hash."""

    recipient_id: int
    platform: str
    token: bytes
    lookup: bytes


def place(platform: str) -> str:
    """The place a token's ciphertext is bound to."""
    return f"device:{platform}"


# A row that lived on with its owner keeps its first day; one that moved or was dropped begins anew.
_PUT = text("""
    insert into device as d (recipient_id, platform, token, lookup, created_at, last_seen_at)
    values (:recipient_id, :platform, :token, :lookup, :now, :now)
    on conflict (platform, lookup) do update set
        recipient_id = excluded.recipient_id, token = excluded.token, last_seen_at = excluded.last_seen_at,
        created_at = case when d.recipient_id = excluded.recipient_id and d.dropped_at is null
                          then d.created_at else excluded.created_at end,
        dropped_at = null, drop_reason = null
    returning id, platform, created_at, last_seen_at
""")
_GIVE_WAY = text(f"""
    update device set token = '', dropped_at = :now, drop_reason = '{GAVE_WAY}' where id in (
        select id from device where recipient_id = :recipient_id and dropped_at is null
        order by last_seen_at desc, id desc offset {MOST})
""")


def put_device(conn: Connection, new: NewDevice, now: datetime) -> Device:
    """Store a device or see it again; its person's devices beyond MOST, those unseen the longest, are dropped."""
    row = conn.execute(_PUT, {**new.__dict__, "now": now}).one()
    conn.execute(_GIVE_WAY, {"recipient_id": new.recipient_id, "now": now})
    return Device(*row)


def devices_of(conn: Connection, recipient_id: int) -> list[Device]:
    """A person's live devices, the one seen last first."""
    query = text("""
        select id, platform, created_at, last_seen_at from device
        where recipient_id = :id and dropped_at is null order by last_seen_at desc, id desc
    """)
    return [Device(*row) for row in conn.execute(query, {"id": recipient_id})]


def forget_token(conn: Connection, recipient_id: int, platform: str, lookup: bytes) -> bool:
    """Delete one of the person's own devices by its token's hash; False where it is not theirs."""
    query = text("delete from device where recipient_id = :id and platform = :platform and lookup = :lookup")
    values = {"id": recipient_id, "platform": platform, "lookup": lookup}
    return bool(conn.execute(query, values).rowcount)


def forget_number(conn: Connection, recipient_id: int, device_id: int) -> bool:
    """Delete one of the person's own devices; False where it is not theirs."""
    query = text("delete from device where recipient_id = :id and id = :device")
    return bool(conn.execute(query, {"id": recipient_id, "device": device_id}).rowcount)


def drop_devices(conn: Connection, platform: str, dead: Mapping[int, str], now: datetime) -> int:
    """Drop a platform's devices by number, each for its reason; their tokens go. Returns how many were live."""
    if not dead:
        return 0
    query = text("""
        update device d set token = '', dropped_at = :now, drop_reason = v.reason
        from unnest(cast(:ids as bigint[]), cast(:reasons as text[])) as v(id, reason)
        where d.id = v.id and d.platform = :platform and d.dropped_at is null
    """)
    values = {"ids": numbers_literal(dead), "reasons": words_literal(list(dead.values())), "now": now}
    return conn.execute(query, values | {"platform": platform}).rowcount


_LIVE = "recipient_id = any(%s::bigint[]) and platform = any(%s::text[]) and dropped_at is null"


def tokens_of(
    conn: Connection, recipients: Collection[int], platforms: Collection[str]
) -> list[tuple[int, str, bytes, int]]:
    """(recipient, platform, ciphertext, number) of the live devices of these people, by number."""
    query = f"select recipient_id, platform, token, id from device where {_LIVE} order by id"
    found = bare_cursor(conn).execute(query, (numbers_literal(recipients), words_literal(sorted(platforms))))
    return [(row[0], row[1], bytes(row[2]), row[3]) for row in found.fetchall()]


def with_devices(conn: Connection, recipients: Collection[int], platforms: Collection[str]) -> set[int]:
    """Which of these people have a live device on one of these platforms."""
    query = f"select distinct recipient_id from device where {_LIVE}"
    found = bare_cursor(conn).execute(query, (numbers_literal(recipients), words_literal(sorted(platforms))))
    return {number for (number,) in found.fetchall()}


def owners(conn: Connection, platform: str, lookups: Sequence[bytes]) -> dict[bytes, int]:
    """Numbers of the devices behind these hashes."""
    query = text("select lookup, id from device where platform = :platform and lookup = any(cast(:lookups as bytea[]))")
    rows = conn.execute(query, {"platform": platform, "lookups": bytes_literal(lookups)})
    return {bytes(row.lookup): row.id for row in rows}


def has_app_address(conn: Connection, recipient_id: int) -> bool:
    """Whether the app channel has an address of this person."""
    query = text("""
        select exists (select from profile_address pa join address a on a.id = pa.address_id
                       where pa.profile_id = :id and a.channel = 'app')
    """)
    return bool(conn.execute(query, {"id": recipient_id}).scalar_one())


def app_address(conn: Connection, recipient_id: int) -> int | None:
    """The app address of this person: the newest that is not stopped, else the newest."""
    query = text("""
        select a.id from profile_address pa join address a on a.id = pa.address_id
        left join suppression s on s.channel = a.channel and s.lookup = a.lookup
        where pa.profile_id = :id and a.channel = 'app' order by s.channel is not null, a.id desc limit 1
    """)
    number: int | None = conn.execute(query, {"id": recipient_id}).scalar()
    return number


_ADD = """
    insert into address (channel, lookup, cipher, mask) values ('app', :lookup, :cipher, :mask)
    on conflict (channel, lookup) do update set cipher = excluded.cipher, mask = excluded.mask returning id
"""
_OPEN = text(f"""
    with mine as ({_ADD})
    insert into profile_address (profile_id, address_id) select :id, id from mine on conflict do nothing
""")


def open_inbox(conn: Connection, recipient_id: int, *, lookup: bytes, cipher: bytes, mask: str) -> None:
    """Give a person an app address that holds no token: what is sent there lands in the inbox."""
    conn.execute(_OPEN, {"id": recipient_id, "lookup": lookup, "cipher": cipher, "mask": mask})


def inbox_address(conn: Connection, *, lookup: bytes, cipher: bytes, mask: str) -> int:
    """An app address that holds no token and is nobody's: only what is sent to it by its number lands in an inbox."""
    return int(conn.execute(text(_ADD), {"lookup": lookup, "cipher": cipher, "mask": mask}).scalar_one())
