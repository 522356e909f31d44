"""Addresses: found by keyed hash, kept as ciphertext, shown as a mask; one may serve several profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from pushsvc.keyring import Keyring
from pushsvc.store.bulk import bytes_literal, copy_columns, hexadecimal, new_numbers
from pushsvc.store.locks import lock_addresses
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Reachable:
    """An address as people may see it."""

    id: int
    channel: str
    mask: str
    verified: bool
    suppressed: str | None  # the reason


def place(channel: str) -> str:
    """The place an address's ciphertext is bound to."""
    return f"address:{channel}"


_KNOWN = text("""
    select lookup, id, cipher = '' from address where channel = :channel and lookup = any(cast(:lookups as bytea[]))
""")
# A row emptied by an erasure is filled again when somebody else turns out to have that address.
_FILL = text("update address set cipher = :cipher, mask = :mask where id = :id")
# The import states the address of a channel: an older one of that channel no longer belongs to the profile.
_UNLINK = text("""
    delete from profile_address pa using address a,
        unnest(cast(:profiles as bigint[]), cast(:ids as bigint[])) as g(pid, aid)
    where pa.profile_id = g.pid and a.id = pa.address_id and a.channel = :channel and pa.address_id <> g.aid
        and not exists (select from not_theirs n where n.profile_id = g.pid and n.address_id = g.aid)
""")
_LINK = text("""
    insert into profile_address (profile_id, address_id)
    select g.pid, g.aid from unnest(cast(:profiles as bigint[]), cast(:ids as bigint[])) as g(pid, aid)
    where not exists (select from not_theirs n where n.profile_id = g.pid and n.address_id = g.aid)
    on conflict do nothing
""")
# Who answered that they are somebody else is nobody of ours, whatever the file says: no number of theirs is kept.
_EMPTY = text("""
    update address a set cipher = '', mask = ''
    from unnest(cast(:profiles as bigint[]), cast(:ids as bigint[])) as g(pid, aid)
    join not_theirs n on n.profile_id = g.pid and n.address_id = g.aid
    where a.id = g.aid and a.cipher <> '' and not exists (select from profile_address o where o.address_id = a.id)
""")


@dataclass(frozen=True)
class Told:
    """One channel's addresses: n profiles, their parsed addresses and masks, and which profiles are new."""

    channel: str
    profiles: Sequence[int]
    values: Sequence[str]
    masks: Sequence[str]
    new: Sequence[bool]


@dataclass(frozen=True)
class NewAddress:
    """One parsed address of one profile, still in plain text."""

    profile_id: int
    channel: str
    value: str
    mask: str


def replace_addresses(conn: Connection, keyring: Keyring, new: Sequence[NewAddress]) -> None:
    """`write_addresses` for addresses one by one, of profiles that may have others."""
    told = []
    for channel in dict.fromkeys(each.channel for each in new):
        mine = [each for each in new if each.channel == channel]
        ids, values, masks = ([getattr(each, name) for each in mine] for name in ("profile_id", "value", "mask"))
        told.append(Told(channel, ids, values, masks, [False] * len(mine)))
    write_addresses(conn, keyring, told)


def write_addresses(conn: Connection, keyring: Keyring, told: Sequence[Told]) -> None:
    """Make each address the profile's only one on its channel. Suppressions are by hash and stay as they are.

    Two writers take turns from here to the end of their transactions: they may bring the same new address.
    """
    if not any(one.values for one in told):
        return
    lock_addresses(conn)
    links: list[tuple[int, int]] = []
    parted: list[dict[str, list[int]]] = []
    for one in told:
        found = _ids(conn, keyring, one)
        pairs = list(zip(one.profiles, found, one.new, strict=True))
        links += [(profile, address) for profile, address, new in pairs if new]
        held = [(profile, address) for profile, address, new in pairs if not new]
        if held:
            profiles, ids = [profile for profile, _ in held], [address for _, address in held]
            conn.execute(_UNLINK, {"profiles": profiles, "ids": ids, "channel": one.channel})
            conn.execute(_LINK, {"profiles": profiles, "ids": ids})
            parted.append({"profiles": profiles, "ids": ids})
    _copy(conn, "profile_address", {"profile_id": [one for one, _ in links], "address_id": [one for _, one in links]})
    for held_by in parted:  # last: a new profile of the same file may have the number
        conn.execute(_EMPTY, held_by)


def _ids(conn: Connection, keyring: Keyring, told: Told) -> list[int]:
    """The number of each address; those nobody had before are written."""
    lookups = keyring.lookups(told.channel, told.values)
    places = dict(zip(lookups, range(len(lookups)), strict=True))
    ids: dict[bytes, int] = {}
    for lookup, number, emptied in conn.execute(
        _KNOWN, {"channel": told.channel, "lookups": bytes_literal(places)}
    ).all():
        ids[bytes(lookup)] = number
        if emptied:
            at = places[bytes(lookup)]
            cipher = keyring.encrypt(told.values[at], place(told.channel))
            conn.execute(_FILL, {"id": number, "cipher": cipher, "mask": told.masks[at]})
    fresh = [(lookup, at) for lookup, at in places.items() if lookup not in ids]
    if fresh:
        numbers = new_numbers(conn, "address", len(fresh))
        _insert(conn, keyring, told, dict(zip(numbers, fresh, strict=True)))
        ids |= {lookup: number for number, (lookup, _) in zip(numbers, fresh, strict=True)}
    return [ids[lookup] for lookup in lookups]


def _insert(conn: Connection, keyring: Keyring, told: Told, fresh: Mapping[int, tuple[bytes, int]]) -> None:
    ciphers = keyring.encrypt_all([told.values[at] for _, at in fresh.values()], place(told.channel))
    columns = {
        "id": list(fresh),
        "channel": [told.channel] * len(fresh),
        "lookup": hexadecimal(lookup for lookup, _ in fresh.values()),
        "cipher": hexadecimal(ciphers),
        "mask": [told.masks[at] for _, at in fresh.values()],
    }
    _copy(conn, "address", columns)


def _copy(conn: Connection, table: str, columns: Mapping[str, Any]) -> None:
    import pyarrow as pa

    copy_columns(conn, table, {name: pa.array(values) for name, values in columns.items()})


_REACHABLE = text("""
    select a.id, a.channel, a.mask, a.verified_at is not null as verified, s.reason as suppressed
    from profile_address pa join address a on a.id = pa.address_id
    left join suppression s on s.channel = a.channel and s.lookup = a.lookup
    where pa.profile_id = :profile_id order by a.channel, a.id
""")


def reachable(conn: Connection, profile_id: int) -> list[Reachable]:
    """The profile's addresses as masks, with the reason where one is suppressed."""
    return [Reachable(*row) for row in conn.execute(_REACHABLE, {"profile_id": profile_id})]


def suppress_own(conn: Connection, profile_id: int, *, reason: str, source: str, at: datetime) -> int:
    """Suppress the profile's addresses that serve nobody else; earlier reasons stay. Returns how many are new."""
    statement = text("""
        insert into suppression (channel, lookup, reason, source, at)
        select a.channel, a.lookup, :reason, :source, :at
        from profile_address pa join address a on a.id = pa.address_id where pa.profile_id = :profile_id
          and not exists (select from profile_address o where o.address_id = a.id and o.profile_id <> :profile_id)
        on conflict (channel, lookup) do update set reason = excluded.reason, source = excluded.source, at = excluded.at
            where suppression.reason = 'opt_out'
    """)
    values = {"profile_id": profile_id, "reason": reason, "source": source, "at": at}
    return conn.execute(statement, values).rowcount


def unlink_all(conn: Connection, profile_id: int) -> None:
    """Forget the profile's addresses; rows that serve nobody else lose their ciphertext."""
    statement = text("""
        with gone as (delete from profile_address where profile_id = :profile_id returning address_id)
        update address a set cipher = '', mask = '' from gone
        where a.id = gone.address_id
          and not exists (select from profile_address o where o.address_id = a.id and o.profile_id <> :profile_id)
    """)
    conn.execute(statement, {"profile_id": profile_id})
