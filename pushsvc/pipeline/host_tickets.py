"""Tickets that a host app's backend asks for: its webview opens one and is signed in, once, within a minute."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from pushsvc.context import Context
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import access, people, tickets
from pushsvc.store.audit import record
from pushsvc.store.session import Connection, transaction
from pushsvc.store.tickets import Ticket

LASTS = timedelta(seconds=60)  # from the backend's answer to the webview's request


class TicketError(PipelineError):
    """No ticket: `code` is unknown_person, unknown_firm, used, expired or unknown."""


def issue(ctx: Context, ref: str, *, firm_ref: str | None, by: str) -> tuple[str, datetime]:
    """A ticket for the person with this outside reference, acting for the firm; (ticket, until when).

    Raises TicketError: unknown_person, or unknown_firm for one that the person is no member of.
    """
    ticket, now = secrets.token_urlsafe(32), ctx.clock()
    until = now + LASTS
    with transaction(ctx.engine) as conn:
        person = people.profile_by_ref(conn, ref)
        if person is None or person.erased or person.kind not in access.PERSONS:
            raise TicketError("unknown_person", "There is no person with this reference.")
        firm_id = None if firm_ref is None else _firm(conn, person.id, firm_ref)
        row = {"digest": _digest(ticket), "person_id": person.id, "firm_id": firm_id, "issued_by": by}
        tickets.put(conn, {**row, "issued_at": now, "expires_at": until})
        about, detail = f"profile:{person.id}", {"firm": firm_id}
        record(conn, at=now, actor=by, action="ticket.issue", object=about, detail=detail)
    return ticket, until


def redeem(ctx: Context, ticket: str) -> Ticket:
    """Use a ticket up: whom it signs in. Raises TicketError, after writing down why: used, expired or unknown."""
    now, digest = ctx.clock(), _digest(ticket)
    with transaction(ctx.engine) as conn:
        found = tickets.use(conn, digest, now)
        if found is None:
            why, whose = tickets.why_not(conn, digest)
            about = "ticket" if whose is None else f"profile:{whose}"
            record(conn, at=now, actor="web", action="ticket.refuse", object=about, detail={"why": why})
    if found is None:
        raise TicketError(why, "This ticket signs nobody in.")
    return found


def was_for(ctx: Context, ticket: str) -> int | None:
    """Whom a ticket that was used signed in: a webview that comes back to it may go on where it is signed in."""
    with transaction(ctx.engine) as conn:
        why, whose = tickets.why_not(conn, _digest(ticket))
    return whose if why == "used" else None


def _firm(conn: Connection, person_id: int, ref: str) -> int:
    found = people.profile_by_ref(conn, ref)
    if found is None or found.id not in {firm.profile_id for firm in access.firms(conn, person_id)}:
        raise TicketError("unknown_firm", "This person is no member of a firm with this reference.")
    return found.id


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode(errors="replace")).digest()
