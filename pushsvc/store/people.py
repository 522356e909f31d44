"""Profiles: who they are, found by outside reference or number, and how one is erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text, update

from pushsvc.store.frames import FACTS
from pushsvc.store.session import Connection
from pushsvc.store.tables import profile

NAME_PLACE = "profile:name"  # what a name's ciphertext is bound to


@dataclass(frozen=True)
class Profile:
    """One profile as stored; `name` is ciphertext, `facts` are those known, `sources` {fact: [source, ISO date]}."""

    id: int
    ref: str
    kind: str
    name: bytes | None
    locale: str
    zone: str
    guardian_id: int | None
    interests: tuple[str, ...]
    stages: tuple[str, ...]
    sources: Mapping[str, Sequence[str]]
    checksum: bytes | None
    erased: bool
    facts: Mapping[str, object]


_PLAIN = ("id", "ref", "kind", "name", "locale", "zone", "guardian_id", "interests", "stages", "sources", "checksum")
_QUERY = select(
    *(profile.c[name] for name in _PLAIN), profile.c.erased_at.is_not(None), *(profile.c[fact] for fact in FACTS)
)


def profile_by_ref(conn: Connection, ref: str) -> Profile | None:
    """The profile with this outside reference."""
    row = conn.execute(_QUERY.where(profile.c.ref == ref)).first()
    return None if row is None else _profile(tuple(row))


def profile_by_id(conn: Connection, profile_id: int) -> Profile | None:
    """The profile with this number."""
    row = conn.execute(_QUERY.where(profile.c.id == profile_id)).first()
    return None if row is None else _profile(tuple(row))


def lock_profile(conn: Connection, profile_id: int) -> Profile | None:
    """The profile with this number, held until the end of the transaction."""
    row = conn.execute(_QUERY.where(profile.c.id == profile_id).with_for_update(key_share=True)).first()
    return None if row is None else _profile(tuple(row))


def profile_ids(conn: Connection, refs: Sequence[str]) -> dict[str, int]:
    """Numbers by outside reference, for those that exist and are not erased."""
    query = text("select ref, id from profile where ref = any(:refs) and erased_at is null")
    return {row.ref: row.id for row in conn.execute(query, {"refs": list(refs)}).all()}


def ids_after(conn: Connection, after: int, *, limit: int) -> list[int]:
    """Numbers of the next profiles that are not erased, in their order."""
    query = text("select id from profile where id > :after and erased_at is null order by id limit :limit")
    return list(conn.execute(query, {"after": after, "limit": limit}).scalars())


def any_erased(conn: Connection) -> bool:
    """Whether anybody was erased: a look at the index, where all tombstones stand together."""
    among = "ref > 'erased' and ref < 'erasee' and erased_at is not null"
    query = text(f"select exists (select from profile where {among})")
    return bool(conn.execute(query).scalar())


def tombstones_among(conn: Connection, refs: Sequence[str]) -> set[str]:
    """Which of these references stand for erased profiles."""
    query = text("select ref from profile where ref = any(:refs) and erased_at is not null")
    return set(conn.execute(query, {"refs": list(refs)}).scalars())


def count_profiles(conn: Connection) -> dict[str, int]:
    """How many live profiles of each kind there are."""
    query = text("select kind, count(*) as n from profile where erased_at is null group by kind")
    return {row.kind: row.n for row in conn.execute(query)}


def more_profiles_than(conn: Connection, few: int) -> bool:
    """Whether there are more live profiles than so many, without counting them all."""
    query = text("select exists (select from profile where erased_at is null offset :few)")
    return bool(conn.execute(query, {"few": few}).scalar_one())


# Minimal traces stay: the numbers that deliveries and the consent ledger refer to. The reference becomes a keyed hash.
_ERASE = tuple(
    text(statement)
    for statement in (
        "delete from fact_history where profile_id = :id",
        "delete from yearly_fact where profile_id = :id",
        "delete from qualification where profile_id = :id",
        "delete from correction where profile_id = :id",
        "delete from deleted_fact where profile_id = :id",
        "delete from question where profile_id = :id",
        "delete from sensitive_fact where profile_id = :id",
        "delete from dependant where profile_id = :id",
        "delete from feedback where profile_id = :id",
        "delete from usefulness where profile_id = :id",
        "delete from life_event where profile_id = :id",
        "delete from preference where profile_id = :id",
        "delete from refused_tag where profile_id = :id",
        "delete from inbox where recipient_id = :id or profile_id = :id",
        "delete from device where recipient_id = :id",
        "delete from resident_session where person_id = :id",
        "delete from identity where person_id = :id",
        "delete from sign_in_ticket where :id in (person_id, firm_id)",
        "delete from join_request where person_id = :id",
        "delete from firm_code where profile_id = :id",
        "delete from proxy_act a using proxy x where x.id = a.proxy_id and x.profile_id = :id",
        "delete from proxy where profile_id = :id",
        "update proxy set ended_at = coalesce(ended_at, :at), code = null, person_id = null, ended_by = null"
        " where person_id = :id",
        # What spoke for the person names their tags and traits. (By way of the campaigns: that is what is indexed.)
        "update selection s set why = null, score = null from campaign c where s.campaign_id = c.id"
        " and s.profile_id = :id",
        "update member set left_at = :at, wants = false where :id in (person_id, profile_id) and left_at is null",
        "update subscription set themes = '{}', industries = '{}', regions = '{}', agencies = '{}', keyword = null,"
        " ended_at = coalesce(ended_at, :at), ended_reason = coalesce(ended_reason, 'erased') where profile_id = :id",
        "update profile set guardian_id = null where guardian_id = :id",
    )
)


def erase_profile(conn: Connection, profile_id: int, *, tombstone: str, at: datetime) -> None:
    """Delete what is known of the profile; the row stays as an empty stone with `tombstone` for its reference."""
    for statement in _ERASE:
        conn.execute(statement, {"id": profile_id, "at": at})
    empty: dict[str, object] = dict.fromkeys((*FACTS, "name", "guardian_id", "checksum"))
    empty |= {
        "ref": tombstone,
        "interests": [],
        "objectives": None,
        "benefits": None,
        "stages": [],
        "sources": {},
        "own_locale": False,
        "erased_at": at,
        "updated_at": at,
    }
    conn.execute(update(profile).where(profile.c.id == profile_id).values(empty))


def dependants_of(conn: Connection, profile_id: int) -> list[tuple[str, date | None, str | None]]:
    """(reference, date of birth, registered household) of each by which anything may be decided, by reference."""
    query = text("select ref, birth_date, household_region from dependant where profile_id = :id and used order by ref")
    return [(row[0], row[1], row[2]) for row in conn.execute(query, {"id": profile_id})]


def _profile(row: tuple[Any, ...]) -> Profile:
    plain = dict(zip(_PLAIN, row, strict=False))
    plain["interests"], plain["stages"] = tuple(plain["interests"]), tuple(plain["stages"])
    values = row[len(_PLAIN) + 1 :]
    facts = {fact: value for fact, value in zip(FACTS, values, strict=True) if value is not None}
    return Profile(**plain, erased=row[len(_PLAIN)], facts=facts)


def earlier_value(conn: Connection, profile_id: int, fact: str) -> str | None:
    """The value that the fact had before its present one, as text."""
    query = text("select value from fact_history where profile_id = :id and fact = :fact order by id desc limit 1")
    return conn.execute(query, {"id": profile_id, "fact": fact}).scalar()
