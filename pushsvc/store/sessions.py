"""Sessions of residents: a row for each browser or webview somebody is signed in at, found by its token's digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from pushsvc.store.access import Person
from pushsvc.store.session import Connection
from pushsvc.store.tables import profile
from pushsvc.store.tables import resident_session as table


@dataclass(frozen=True)
class Signed:
    """A session as the guard reads it."""

    id: int
    agent: bytes
    seen_at: datetime
    person: Person


@dataclass(frozen=True)
class Listed:
    """A session as its person sees it."""

    id: int
    device: str
    how: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


_LIVE = (
    select(table.c.id, table.c.agent, table.c.seen_at, profile.c.id, profile.c.locale, profile.c.zone, profile.c.kind)
    .join(profile, profile.c.id == table.c.person_id)
    .where(table.c.digest == bindparam("digest"), profile.c.erased_at.is_(None))
    .where(table.c.ends_at > bindparam("now"), table.c.seen_at > bindparam("seen_after"))
)


def put(conn: Connection, row: Mapping[str, Any]) -> None:
    """Begin a session: digest, person_id, agent, device, how, began_at, seen_at, ends_at."""
    conn.execute(insert(table).values(dict(row)))


def live(conn: Connection, digest: bytes, *, now: datetime, seen_after: datetime) -> Signed | None:
    """The session with this digest, unless it ended, nobody was seen in it since `seen_after`, or they were erased."""
    row = conn.execute(_LIVE, {"digest": digest, "now": now, "seen_after": seen_after}).first()
    if row is None:
        return None
    number, agent, seen_at, person, locale, zone, kind = row
    return Signed(number, bytes(agent), seen_at, Person(person, locale, zone, person, kind))


def see(conn: Connection, session_id: int, now: datetime) -> None:
    """Somebody was seen in it."""
    conn.execute(update(table).where(table.c.id == session_id).values(seen_at=now))


def end(conn: Connection, digest: bytes) -> None:
    """End the session with this digest, if there is one."""
    conn.execute(delete(table).where(table.c.digest == digest))


def end_own(conn: Connection, person_id: int, session_id: int) -> bool:
    """End one of the person's own sessions; False where they have none of this number."""
    mine = delete(table).where(table.c.id == session_id, table.c.person_id == person_id)
    return conn.execute(mine).rowcount > 0


def end_others(conn: Connection, person_id: int, keep: bytes | None) -> int:
    """End the person's sessions, but for the one with the digest `keep`; how many those were."""
    mine = delete(table).where(table.c.person_id == person_id)
    return conn.execute(mine if keep is None else mine.where(table.c.digest != keep)).rowcount


def of_person(conn: Connection, person_id: int, *, now: datetime, seen_after: datetime) -> list[Listed]:
    """Where the person is signed in, the place they were seen at last first."""
    columns = (table.c[name] for name in Listed.__dataclass_fields__)
    rows = select(*columns).where(table.c.person_id == person_id, table.c.ends_at > now, table.c.seen_at > seen_after)
    return [Listed(*row) for row in conn.execute(rows.order_by(table.c.seen_at.desc(), table.c.id.desc()))]


def exists(conn: Connection, session_id: int) -> bool:
    """Whether anybody has a session of this number."""
    return conn.scalar(select(table.c.id).where(table.c.id == session_id)) is not None


def forget(conn: Connection, *, now: datetime, seen_after: datetime) -> int:
    """Delete sessions that are over; how many."""
    over = delete(table).where((table.c.ends_at <= now) | (table.c.seen_at <= seen_after))
    return conn.execute(over).rowcount
