"""Tickets over the API: a host app's backend asks for one, its webview opens the address and is signed in, once."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, url_for

from pushsvc.pipeline import host_tickets
from pushsvc.pipeline.host_tickets import TicketError
from pushsvc.web.access import api_key
from pushsvc.web.api.bodies import only, read_object, take_text
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

blueprint = Blueprint("tickets", __name__)


@blueprint.post("/tickets")
@api_key("tickets")
def issue() -> tuple[Response, int]:
    """A ticket for `person`, acting for `firm` where one is named: both outside references."""
    body = read_object()
    only(body, "person", "firm")
    ref = take_text(body, "person")
    firm = None if body.get("firm") is None else take_text(body, "firm")
    try:
        ticket, until = host_tickets.issue(context(), ref, firm_ref=firm, by=f"key:{g.api_key}")
    except TicketError as error:
        place = "person" if error.code == "unknown_person" else "firm"
        raise ApiError(404, error.code, place=place, sentence=error.sentence) from error
    url = context().settings.public_url.rstrip("/") + url_for("tickets.ticket", ticket=ticket)
    return jsonify(ticket=ticket, url=url, expires_at=until.isoformat()), 201
