"""Who belongs to a firm, as what, and by whose word; how a firm is found by its credit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.access import PERSONS
from pushsvc.store.bulk import bytes_literal
from pushsvc.store.session import Connection
from pushsvc.store.tables import address, firm_code, member, profile, profile_address

ROLES = ("admin", "member")


@dataclass(frozen=True)
class Member:
    """A member as others see them; `name` is ciphertext, `mask` a mobile number's, "" where none is held."""

    person_id: int
    role: str
    wants: bool
    joined_at: datetime | None
    name: bytes | None
    mask: str


@dataclass(frozen=True)
class MyFirm:
    """A firm as its member sees it; `name` is ciphertext, `waiting` how many ask to join."""

    profile_id: int
    kind: str
    name: bytes | None
    role: str
    wants: bool
    admins: int
    members: int
    waiting: int


def firm_of_code(conn: Connection, code: str, lookup: bytes) -> int | None:
    """The one firm with this credit code: by its hash, or because a register refers to it so. None where there is
    none, or where several are said to have it."""
    held = select(firm_code.c.profile_id).where(firm_code.c.lookup == lookup)
    query = select(profile.c.id).where(
        or_(profile.c.ref == code, profile.c.id.in_(held)),
        profile.c.kind.not_in(PERSONS),
        profile.c.erased_at.is_(None),
    )
    found = list(conn.scalars(query.limit(2)))
    return found[0] if len(found) == 1 else None


# Who asked for a firm before it came to us is found by its code, so that an admin of the firm may answer.
_CODES = text("""
    insert into firm_code (profile_id, lookup)
    select * from unnest(cast(:ids as bigint[]), cast(:lookups as bytea[]))
    on conflict (profile_id) do update set lookup = excluded.lookup where firm_code.lookup <> excluded.lookup
""")
_POINT = text(f"""
    update join_request j set profile_id = p.id from firm_code f join profile p on p.id = f.profile_id
    where f.profile_id = any(cast(:ids as bigint[])) and p.kind not in {PERSONS} and j.lookup = f.lookup
      and j.state = 'open' and j.profile_id is null
      and not exists (select from firm_code o where o.lookup = f.lookup and o.profile_id <> f.profile_id)
""")


def put_codes(conn: Connection, ids: Sequence[int], lookups: Sequence[bytes]) -> None:
    """Keep the keyed hashes of these profiles' credit codes, the last word of a register."""
    conn.execute(_CODES, {"ids": list(ids), "lookups": bytes_literal(lookups)})
    conn.execute(_POINT, {"ids": list(ids)})


def lock_firm(conn: Connection, firm_id: int) -> bool:
    """Hold the firm to the end of the transaction, so roles change one after the other; False if it is none."""
    mine = select(profile.c.id).where(profile.c.id == firm_id, profile.c.erased_at.is_(None))
    return conn.scalar(mine.where(profile.c.kind.not_in(PERSONS)).with_for_update(key_share=True)) is not None


def is_person(conn: Connection, person_id: int) -> bool:
    """Whether this is somebody who can belong to a firm."""
    mine = select(profile.c.id).where(profile.c.id == person_id, profile.c.erased_at.is_(None))
    return conn.scalar(mine.where(profile.c.kind.in_(PERSONS))) is not None


def roles(conn: Connection, firm_id: int) -> dict[int, str]:
    """The firm's members now, each with their role; nobody who was erased a moment ago."""
    mine = select(member.c.person_id, member.c.role).join(profile, profile.c.id == member.c.person_id)
    mine = mine.where(member.c.profile_id == firm_id, member.c.left_at.is_(None), profile.c.erased_at.is_(None))
    return {row.person_id: row.role for row in conn.execute(mine)}


def was_member(conn: Connection, firm_id: int, person_id: int) -> bool:
    """Whether the person belongs to the firm, or did."""
    mine = select(member.c.role).where(member.c.profile_id == firm_id, member.c.person_id == person_id)
    return conn.scalar(mine) is not None


def put_member(conn: Connection, firm_id: int, person_id: int, *, role: str, how: str, at: datetime) -> None:
    """Let the person belong to the firm, again too: who comes back hears of it."""
    row = {"role": role, "how": how, "joined_at": at, "wants": True, "left_at": None, "left_how": None}
    new = upsert(member).values(profile_id=firm_id, person_id=person_id, **row)
    conn.execute(new.on_conflict_do_update(index_elements=["profile_id", "person_id"], set_=row))


def set_role(conn: Connection, firm_id: int, person_id: int, *, role: str, how: str) -> None:
    """What the person is in the firm from now on, and by whose word."""
    mine = (member.c.profile_id == firm_id, member.c.person_id == person_id, member.c.left_at.is_(None))
    conn.execute(update(member).where(*mine).values(role=role, how=how))


def end_membership(conn: Connection, firm_id: int, person_id: int, *, how: str, at: datetime) -> None:
    """The person belongs to the firm no more."""
    mine = (member.c.profile_id == firm_id, member.c.person_id == person_id, member.c.left_at.is_(None))
    conn.execute(update(member).where(*mine).values(left_at=at, left_how=how))


def members_of(conn: Connection, firm_id: int) -> list[Member]:
    """The firm's members now: admins first, then as they came."""
    query = (
        select(
            member.c.person_id,
            member.c.role,
            member.c.wants,
            member.c.joined_at,
            profile.c.name,
            phone_mask(member.c.person_id),
        )
        .join(profile, profile.c.id == member.c.person_id)
        .where(member.c.profile_id == firm_id, member.c.left_at.is_(None))
        .order_by(member.c.role, member.c.joined_at.nulls_first(), member.c.person_id)
    )
    return [Member(*row) for row in conn.execute(query)]


_MINE = text("""
    select p.id, p.kind, p.name, m.role, m.wants, count(*) filter (where o.role = 'admin'), count(*),
        (select count(*) from join_request j where j.profile_id = p.id and j.state = 'open')
    from member m join profile p on p.id = m.profile_id
    join member o on o.profile_id = p.id and o.left_at is null
    where m.person_id = :id and m.left_at is null and p.erased_at is null
    group by p.id, m.role, m.wants order by p.id
""")


def firms_of(conn: Connection, person_id: int) -> list[MyFirm]:
    """The firms a person belongs to now, with how many members they have."""
    return [MyFirm(*row) for row in conn.execute(_MINE, {"id": person_id})]


def phone_mask(person: ColumnElement[int]) -> ScalarSelect[str]:
    """A person's mobile number as others see it, "" where none is held."""
    mine = select(func.coalesce(func.min(address.c.mask), ""))
    mine = mine.join(profile_address, profile_address.c.address_id == address.c.id)
    return mine.where(profile_address.c.profile_id == person, address.c.channel == "sms").scalar_subquery()
