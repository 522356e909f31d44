"""Sign-in tickets: kept as digests, used once, forgotten a day after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import login_code, sign_in_ticket, used_link


@dataclass(frozen=True)
class Ticket:
    """Whom a ticket signs in, and for which firm they then act."""

    person_id: int
    firm_id: int | None


def put(conn: Connection, row: Mapping[str, Any]) -> None:
    """Keep a ticket: digest, person_id, firm_id, issued_by, issued_at, expires_at."""
    conn.execute(insert(sign_in_ticket).values(dict(row)))


def use(conn: Connection, digest: bytes, now: datetime) -> Ticket | None:
    """Use a ticket up; None where it is not known, was used or came too late. Two at once: one of them."""
    row = conn.execute(
        update(sign_in_ticket)
        .where(sign_in_ticket.c.digest == digest, sign_in_ticket.c.used_at.is_(None), sign_in_ticket.c.expires_at > now)
        .values(used_at=now)
        .returning(sign_in_ticket.c.person_id, sign_in_ticket.c.firm_id)
    ).first()
    return None if row is None else Ticket(*row)


def why_not(conn: Connection, digest: bytes) -> tuple[str, int | None]:
    """Why a ticket that was refused is none: (used | expired | unknown, whom it was for)."""
    row = conn.execute(
        select(sign_in_ticket.c.used_at, sign_in_ticket.c.person_id).where(sign_in_ticket.c.digest == digest)
    ).first()
    if row is None:
        return "unknown", None
    return ("expired" if row.used_at is None else "used"), row.person_id


def forget(conn: Connection, *, now: datetime, before: datetime) -> int:
    """Delete what can sign nobody in any more: codes, marks of used links, and tickets from before `before`."""
    gone = conn.execute(delete(sign_in_ticket).where(sign_in_ticket.c.expires_at <= before)).rowcount
    gone += conn.execute(delete(login_code).where(login_code.c.expires_at <= now)).rowcount
    return gone + conn.execute(delete(used_link).where(used_link.c.expires_at <= now)).rowcount
