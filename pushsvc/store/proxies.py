"""Leave to act for another: who has it now, how far it goes, and what was done by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import profile, proxy, proxy_act


@dataclass(frozen=True)
class Leave:
    """`profile_id` (of `kind`) lets somebody act for them as far as `scopes` goes."""

    id: int
    profile_id: int
    kind: str
    scopes: frozenset[str]


def live_leave(conn: Connection, person_id: int, profile_id: int, now: datetime) -> Leave | None:
    """The leave by which this person may act for that one now; None where there is none, or it lapsed or was ended."""
    row = conn.execute(
        select(proxy.c.id, proxy.c.profile_id, profile.c.kind, proxy.c.scopes)
        .join(profile, profile.c.id == proxy.c.profile_id)
        .where(proxy.c.person_id == person_id, proxy.c.profile_id == profile_id, profile.c.erased_at.is_(None))
        .where(proxy.c.accepted_at.is_not(None), proxy.c.ended_at.is_(None), proxy.c.expires_at > now)
        .order_by(proxy.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Leave(row.id, row.profile_id, row.kind, frozenset(row.scopes))


def record_act(conn: Connection, proxy_id: int, action: str, at: datetime) -> None:
    """Add to the log of what was done by a leave."""
    conn.execute(insert(proxy_act).values(proxy_id=proxy_id, action=action, at=at))


@dataclass(frozen=True)
class Given:
    """A leave as both sides see it. `other`: the one on the other side, None until somebody accepted; `name` is theirs
    as ciphertext."""

    id: int
    other: int | None
    name: bytes | None
    scopes: tuple[str, ...]
    granted_at: datetime
    accepted_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None


_GIVEN = (proxy.c.scopes, proxy.c.granted_at, proxy.c.accepted_at, proxy.c.expires_at, proxy.c.ended_at)


def add_leave(conn: Connection, row: dict[str, object]) -> int:
    """Keep what a person granted; nobody has accepted it yet."""
    return int(conn.execute(insert(proxy).values(row).returning(proxy.c.id)).scalar_one())


def drop_twin(conn: Connection, row: dict[str, object], since: datetime) -> None:
    """A form sent twice grants once: what was granted alike since then, and nobody has accepted, goes."""
    same = [proxy.c[name] == row[name] for name in ("profile_id", "scopes", "expires_at")]
    conn.execute(delete(proxy).where(*same, proxy.c.person_id.is_(None), proxy.c.granted_at > since, *_open(since)))


def count_open(conn: Connection, profile_id: int, now: datetime) -> int:
    """How many leaves of a person live or wait to be accepted."""
    query = select(func.count()).select_from(proxy).where(proxy.c.profile_id == profile_id, *_open(now))
    return conn.scalar(query) or 0


def granted_by(conn: Connection, profile_id: int, *, limit: int = 50) -> list[Given]:
    """What a person granted, the newest first."""
    query = select(proxy.c.id, proxy.c.person_id, profile.c.name, *_GIVEN)
    query = query.outerjoin(profile, profile.c.id == proxy.c.person_id).where(proxy.c.profile_id == profile_id)
    return [_given(tuple(row)) for row in conn.execute(query.order_by(proxy.c.id.desc()).limit(limit))]


def held_by(conn: Connection, person_id: int, now: datetime) -> list[Given]:
    """Whom a person may act for now."""
    query = select(proxy.c.id, proxy.c.profile_id, profile.c.name, *_GIVEN)
    query = query.join(profile, profile.c.id == proxy.c.profile_id)
    query = query.where(proxy.c.person_id == person_id, profile.c.erased_at.is_(None), *_open(now))
    return [_given(tuple(row)) for row in conn.execute(query.order_by(proxy.c.id))]


def by_code(conn: Connection, code: bytes, person_id: int, *, granted_after: datetime, now: datetime) -> Given | None:
    """The leave that waits for whoever has this code, or that this person took by it already, held to the end of the
    transaction; `other` is who granted it."""
    query = select(proxy.c.id, proxy.c.profile_id, profile.c.name, *_GIVEN)
    query = query.join(profile, profile.c.id == proxy.c.profile_id)
    query = query.where(proxy.c.code == code, proxy.c.granted_at > granted_after)
    query = query.where(or_(proxy.c.person_id.is_(None), proxy.c.person_id == person_id))
    row = conn.execute(query.where(profile.c.erased_at.is_(None), *_open(now)).with_for_update(of=proxy)).first()
    return None if row is None else _given(tuple(row))


def accept(conn: Connection, found: Given, person_id: int, at: datetime) -> None:
    """The leave is this person's, instead of what the same one granted them before; its code serves nobody else."""
    older = (proxy.c.profile_id == found.other, proxy.c.person_id == person_id, proxy.c.ended_at.is_(None))
    conn.execute(update(proxy).where(*older).values(ended_at=at, ended_by=person_id, code=None))
    conn.execute(update(proxy).where(proxy.c.id == found.id).values(person_id=person_id, accepted_at=at))


def end(conn: Connection, proxy_id: int, by: int, at: datetime) -> bool | None:
    """End a leave that this person granted or has: True for the first time, False if it had ended, None if it is not
    theirs."""
    mine = (proxy.c.id == proxy_id, or_(proxy.c.profile_id == by, proxy.c.person_id == by))
    ended = {"ended_at": at, "ended_by": by, "code": None}
    if conn.execute(update(proxy).where(*mine, proxy.c.ended_at.is_(None)).values(**ended)).rowcount:
        return True
    return False if conn.scalar(select(proxy.c.id).where(*mine)) is not None else None


def acts_of(conn: Connection, proxy_id: int, profile_id: int, *, limit: int = 200) -> list[tuple[datetime, str]]:
    """(when, what) was done by a leave that this person granted, the newest first."""
    query = select(proxy_act.c.at, proxy_act.c.action).join(proxy, proxy.c.id == proxy_act.c.proxy_id)
    query = query.where(proxy.c.id == proxy_id, proxy.c.profile_id == profile_id)
    return [(row.at, row.action) for row in conn.execute(query.order_by(proxy_act.c.id.desc()).limit(limit))]


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (proxy.c.ended_at.is_(None), proxy.c.expires_at > now)


def _given(row: tuple[Any, ...]) -> Given:
    number, other, name, scopes, *times = row
    return Given(number, other, name, tuple(scopes), *times)
