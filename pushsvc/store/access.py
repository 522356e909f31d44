"""Who may come in: residents and the firms they act for, operators, API keys, and what proves them once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store import proxies
from pushsvc.store.session import Connection
from pushsvc.store.tables import (
    address,
    api_key,
    member,
    profile,
    profile_address,
)
from pushsvc.store.tables import (
    operator as operators,
)

PERSONS = ("citizen", "self_employed")


@dataclass(frozen=True)
class Person:
    """Whom a request is for: `id` is the resident; `profile_id` is theirs too, or the firm they act for with `role`.

    With `by`, another person reads and acts here by the resident's leave (`proxy`), as far as `scopes` goes.
    """

    id: int
    locale: str
    zone: str
    profile_id: int
    kind: str
    role: str | None = None
    by: int | None = None
    proxy: int | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def own(self) -> bool:
        """Whether the resident is the one acted for."""
        return self.id == self.profile_id

    def may(self, scope: str) -> bool:
        """Whether they may do this for whom they act: read; manage what reaches them; ask for what concerns them.

        Oneself may all, so may a firm's admin for it; a member may read; a proxy has what was granted.
        """
        if self.by is not None:
            return scope in self.scopes
        return self.own or self.role == "admin" or scope == "read"


@dataclass(frozen=True)
class Operator:
    """A person of an office, with what they may do: author, reviewer, emergency (approves what passes quiet hours and
    caps), sender, auditor, administrator."""

    name: str
    display: str
    roles: tuple[str, ...]

    def may(self, *roles: str) -> bool:
        """Whether any of `roles` is theirs; an administrator manages accounts and approves nothing by that."""
        return not set(roles).isdisjoint(self.roles)


@dataclass(frozen=True)
class Key:
    """An API key as found: its name and its scopes."""

    name: str
    scopes: tuple[str, ...]


def is_alive(conn: Connection, person_id: int) -> bool:
    """Whether there is such a person, who is not erased."""
    return conn.scalar(select(1).where(profile.c.id == person_id, profile.c.erased_at.is_(None))) is not None


def acting_for(conn: Connection, person: Person, chosen: int, now: datetime) -> Person:
    """The person, acting for whom they chose where they still belong to that firm or have that person's leave."""
    for firm in firms(conn, person.id) if chosen != person.id else ():
        if firm.profile_id == chosen:
            return replace(person, profile_id=chosen, kind=firm.kind, role=firm.role)
    leave = proxies.live_leave(conn, person.id, chosen, now)
    if leave is None:
        return person
    theirs = replace(person, id=leave.profile_id, profile_id=leave.profile_id, kind=leave.kind)
    return replace(theirs, by=person.id, proxy=leave.id, scopes=leave.scopes)


@dataclass(frozen=True)
class Firm:
    """A profile a person belongs to; `name` is ciphertext."""

    profile_id: int
    kind: str
    role: str
    name: bytes | None


def firms(conn: Connection, person_id: int) -> list[Firm]:
    """The firms a person belongs to now, oldest first."""
    rows = conn.execute(
        select(profile.c.id, profile.c.kind, member.c.role, profile.c.name)
        .join(member, member.c.profile_id == profile.c.id)
        .where(member.c.person_id == person_id, member.c.left_at.is_(None), profile.c.erased_at.is_(None))
        .order_by(profile.c.id)
    )
    return [Firm(*row) for row in rows]


def people_at(conn: Connection, channel: str, lookup: bytes) -> list[int]:
    """The people an address serves: often one, in a family several."""
    return list(
        conn.scalars(
            select(profile.c.id)
            .join(profile_address, profile_address.c.profile_id == profile.c.id)
            .join(address, address.c.id == profile_address.c.address_id)
            .where(address.c.channel == channel, address.c.lookup == lookup)
            .where(profile.c.kind.in_(PERSONS), profile.c.erased_at.is_(None))
            .order_by(profile.c.id)
        )
    )


def reached_at(conn: Connection, channel: str, lookup: bytes) -> tuple[int, int] | None:
    """(person, address) to write to at an address; None where it serves nobody."""
    people = people_at(conn, channel, lookup)
    found = conn.scalar(select(address.c.id).where(address.c.channel == channel, address.c.lookup == lookup))
    return (people[0], found) if people and found is not None else None


def names(conn: Connection, ids: Sequence[int]) -> dict[int, bytes | None]:
    """The ciphertext of profiles' names."""
    rows = conn.execute(select(profile.c.id, profile.c.name).where(profile.c.id.in_(list(ids))))
    return {row.id: row.name for row in rows}


def locale_of(conn: Connection, profile_id: int) -> str | None:
    """The language a person reads."""
    return conn.scalar(select(profile.c.locale).where(profile.c.id == profile_id))


def operator(conn: Connection, name: str) -> Operator | None:
    """The operator of this name."""
    row = conn.execute(
        select(operators.c.name, operators.c.display, operators.c.roles).where(operators.c.name == name)
    ).first()
    return None if row is None else Operator(row.name, row.display, tuple(row.roles))


def password_digest(conn: Connection, name: str) -> str | None:
    """The argon2 digest of an operator's password."""
    return conn.scalar(select(operators.c.password).where(operators.c.name == name))


def put_operator(conn: Connection, who: Operator, *, password: str, now: datetime) -> None:
    """Create or change an operator; `password` is an argon2 digest."""
    row = {"display": who.display, "password": password, "roles": list(who.roles)}
    statement = upsert(operators).values(name=who.name, created_at=now, **row)
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


def display_names(conn: Connection) -> dict[str, str]:
    """How operators are called on pages."""
    return {row.name: row.display for row in conn.execute(select(operators.c.name, operators.c.display))}


def put_key(conn: Connection, name: str, *, key: str, scopes: Sequence[str], now: datetime) -> bool:
    """Keep an API key's digest under a name; False where the name is taken."""
    row = upsert(api_key).values(name=name, digest=_digest(key), scopes=list(scopes), created_at=now)
    return conn.scalar(row.on_conflict_do_nothing().returning(api_key.c.name)) is not None


def find_key(conn: Connection, key: str) -> Key | None:
    """The API key, found by its digest: 32 random bytes need no slow hash."""
    row = conn.execute(select(api_key.c.name, api_key.c.scopes).where(api_key.c.digest == _digest(key))).first()
    return None if row is None else Key(row.name, tuple(row.scopes))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def demo_person(conn: Connection, ref: str) -> tuple[int, int | None] | None:
    """(person, firm acted for) behind a reference: a person as themselves, a firm through its first member."""
    row = conn.execute(select(profile.c.id, profile.c.kind).where(profile.c.ref == ref)).first()
    if row is None or row.kind in PERSONS:
        return None if row is None else (row.id, None)
    first = select(func.min(member.c.person_id)).where(member.c.profile_id == row.id, member.c.left_at.is_(None))
    person_id = conn.scalar(first)
    return None if person_id is None else (person_id, row.id)
