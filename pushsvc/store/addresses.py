"""Addresses: found by keyed hash, kept as ciphertext, shown as a mask; one may serve several profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from pushsvc.keyring import Keyring
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class NewAddress:
    """One parsed address of one profile, still in plain text."""

    profile_id: int
    channel: str
    value: str
    mask: str


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
    select a.id, a.channel, a.lookup from address a
    join unnest(cast(:channels as text[]), cast(:lookups as bytea[])) as g(channel, lookup) using (channel, lookup)
    where a.cipher <> ''
""")
# A row emptied by an erasure is filled again when somebody else turns out to have that address.
_INSERT = text("""
    insert into address (channel, lookup, cipher, mask)
    select * from unnest(cast(:channels as text[]), cast(:lookups as bytea[]), cast(:ciphers as bytea[]),
                         cast(:masks as text[]))
    on conflict (channel, lookup) do update set cipher = excluded.cipher, mask = excluded.mask where address.cipher = ''
""")
# The import states the address of a channel: an older one of that channel no longer belongs to the profile.
_UNLINK = text("""
    delete from profile_address pa using address a,
        unnest(cast(:profiles as bigint[]), cast(:ids as bigint[]), cast(:channels as text[])) as g(pid, aid, channel)
    where pa.profile_id = g.pid and a.id = pa.address_id and a.channel = g.channel and pa.address_id <> g.aid
""")
_LINK = text("""
    insert into profile_address (profile_id, address_id)
    select * from unnest(cast(:profiles as bigint[]), cast(:ids as bigint[])) on conflict do nothing
""")


def replace_addresses(conn: Connection, keyring: Keyring, new: Sequence[NewAddress]) -> None:
    """Make each address the profile's only one on its channel. Suppressions are by hash and stay as they are."""
    if not new:
        return
    keys = [(each.channel, keyring.lookup(each.channel, each.value)) for each in new]
    ids = _ids(conn, keys)
    fresh = {key: each for key, each in zip(keys, new, strict=True) if key not in ids}
    if fresh:
        _insert(conn, keyring, fresh)
        ids = _ids(conn, keys)
    profiles = [each.profile_id for each in new]
    found = [ids[key] for key in keys]
    conn.execute(_UNLINK, {"profiles": profiles, "ids": found, "channels": [channel for channel, _ in keys]})
    conn.execute(_LINK, {"profiles": profiles, "ids": found})


def _insert(conn: Connection, keyring: Keyring, fresh: dict[tuple[str, bytes], NewAddress]) -> None:
    values = {
        "channels": [channel for channel, _ in fresh],
        "lookups": [lookup for _, lookup in fresh],
        "ciphers": [keyring.encrypt(each.value, place(each.channel)) for each in fresh.values()],
        "masks": [each.mask for each in fresh.values()],
    }
    conn.execute(_INSERT, values)


def _ids(conn: Connection, keys: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], int]:
    values = {"channels": [channel for channel, _ in keys], "lookups": [lookup for _, lookup in keys]}
    return {(channel, bytes(lookup)): number for number, channel, lookup in conn.execute(_KNOWN, values)}


_REACHABLE = text("""
    select a.id, a.channel, a.mask, a.verified_at is not null as verified, s.reason as suppressed
    from profile_address pa join address a on a.id = pa.address_id
    left join suppression s on s.channel = a.channel and s.lookup = a.lookup
    where pa.profile_id = :profile_id order by a.channel, a.id
""")


def reachable(conn: Connection, profile_id: int) -> list[Reachable]:
    """The profile's addresses as masks, with the reason where one is suppressed."""
    return [Reachable(*row) for row in conn.execute(_REACHABLE, {"profile_id": profile_id})]


def profiles_at(conn: Connection, keyring: Keyring, channel: str, value: str) -> list[int]:
    """The profiles that a parsed address serves, by id, for sign-in; erased ones are left out."""
    query = text("""
        select p.id from address a join profile_address pa on pa.address_id = a.id
        join profile p on p.id = pa.profile_id and p.erased_at is null
        where a.channel = :channel and a.lookup = :lookup order by p.id
    """)
    return list(conn.execute(query, {"channel": channel, "lookup": keyring.lookup(channel, value)}).scalars())


def suppress_own(conn: Connection, profile_id: int, *, reason: str, source: str, at: datetime) -> int:
    """Suppress the profile's addresses that serve nobody else; earlier reasons stay. Returns how many are new."""
    statement = text("""
        insert into suppression (channel, lookup, reason, source, at)
        select a.channel, a.lookup, :reason, :source, :at
        from profile_address pa join address a on a.id = pa.address_id where pa.profile_id = :profile_id
          and not exists (select from profile_address o where o.address_id = a.id and o.profile_id <> :profile_id)
        on conflict do nothing
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
