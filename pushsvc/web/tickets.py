"""Links and tickets that sign in once: opening one changes nothing, pressing its button uses it up."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from pushsvc.links import LinkError, read_sign_in
from pushsvc.pipeline import host_tickets
from pushsvc.pipeline.host_tickets import TicketError
from pushsvc.store import access as accounts
from pushsvc.store import codes
from pushsvc.store.session import transaction
from pushsvc.web import arriving
from pushsvc.web import session as sessions
from pushsvc.web.access import public
from pushsvc.web.current import context
from pushsvc.web.limits import Limit, allow

blueprint = Blueprint("tickets", __name__)

ENTER_CLIENT = Limit("enter-client", 60, 3600)


@blueprint.get("/m/enter/<token>")
@public("shows a button; the signature is read when it is pressed")
def enter(token: str) -> ResponseReturnValue:
    """A signed link: opening it changes nothing, so a mail scanner cannot use it up."""
    return render_template("m/enter.html", token=token)


@blueprint.post("/m/enter/<token>")
@public("the signature is the proof, and works once")
def enter_now(token: str) -> ResponseReturnValue:
    """Sign in by the link, once."""
    ctx = context()
    allow_or_abort()
    try:
        link = read_sign_in(ctx.settings.secret_key, token, ctx.clock())
    except LinkError:
        abort(410)
    with transaction(ctx.engine) as connection:
        alive = accounts.is_alive(connection, link.profile_id)
        fresh = codes.use_link(connection, link.jti, expires_at=link.expires_at)
    if not alive or not fresh:
        abort(410)
    arriving.arrive(link.profile_id, "link")
    return redirect(url_for("subscriber.feed"), 303)


@blueprint.get("/m/ticket/<ticket>")
@public("shows a button; the ticket is read when it is pressed")
def ticket(ticket: str) -> ResponseReturnValue:
    """A host app's ticket: its webview presses the button by itself, where the app and nobody else opened the page."""
    reader = sessions.reader()
    if reader is not None and host_tickets.was_for(context(), ticket) == reader.person.id:
        return redirect(url_for("subscriber.feed"), 303)  # back from another page, to where one is signed in
    site = request.headers.get("Sec-Fetch-Site", "none")
    auto = reader is None and site in ("none", "same-origin")
    return render_template("m/ticket.html", ticket=ticket, auto=auto)


@blueprint.post("/m/ticket/<ticket>")
@public("the ticket is the proof, and works once")
def ticket_now(ticket: str) -> ResponseReturnValue:
    """Sign in by the ticket, once."""
    ctx = context()
    allow_or_abort()
    try:
        found = host_tickets.redeem(ctx, ticket)
    except TicketError:
        abort(410)
    arriving.arrive(found.person_id, "ticket")
    if found.firm_id is not None:
        session["acting"] = found.firm_id
    return redirect(url_for("subscriber.feed"), 303)


def allow_or_abort() -> None:
    """One client tries only so many proofs."""
    if not allow(ENTER_CLIENT, request.remote_addr or ""):
        abort(429)
