"""A host app's ticket, exchanged from server to server for who its user is, as government apps do it.

We ask `POST <exchange address> {"ticket": …}`, signed with the shared key; the host answers
`{"type": "person", "subject": …, "mobile": …, "mobile_verified": true, "name": …, "birth_date": …}` or
`{"type": "legal", "subject": <of the person who acts>, "credit_code": …, …}`. An adapter in front of a host that
speaks otherwise says it like this.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date, timedelta
from urllib.parse import quote

from channels.signing import signed_headers
from pushsvc.context import Context
from pushsvc.pipeline.host_asking import HostError, ask_json, text_of
from pushsvc.pipeline.host_identity import Claim
from pushsvc.sign_in_offers import BACK, HostLogin
from pushsvc.store import codes
from pushsvc.store.session import transaction

REPLAYED = timedelta(days=1)  # a used ticket is known for as long: at the host it lives minutes
LONGEST = 2048  # characters of a ticket


def login_url(offer: HostLogin, back: str) -> str:
    """Where the host asks who it is; it sends people `back` with the ticket in the query."""
    return offer.login_url.replace(BACK, quote(back, safe=""))


def exchange(ctx: Context, offer: HostLogin, ticket: str) -> Claim:
    """Who the ticket is. Raises HostError: replayed, refused or away. It is used up here before the host is asked."""
    if not ticket or len(ticket) > LONGEST or not ticket.isprintable():
        raise HostError("refused", "That is no ticket.")
    now = ctx.clock()
    mark = hmac.new(ctx.keyring.secret, f"host-ticket\0{ticket}".encode(), hashlib.sha256).hexdigest()
    with transaction(ctx.engine) as conn:
        if not codes.use_link(conn, f"host:{mark}", expires_at=now + REPLAYED):
            raise HostError("replayed", "This ticket was used before.")
    body = json.dumps({"ticket": ticket}).encode()
    headers = {"Content-Type": "application/json", **signed_headers(offer.key, body, now)}
    return _claim(offer, ask_json("POST", offer.exchange_url, body=body, headers=headers))


def _claim(offer: HostLogin, found: dict[str, object]) -> Claim:
    kind, subject = text_of(found, "type"), text_of(found, "subject")
    firm = text_of(found, "credit_code") if kind == "legal" else ""
    if kind not in ("person", "legal") or not subject or (kind == "legal" and not firm):
        raise HostError("away", "The host does not say who it is.")
    mobile = text_of(found, "mobile") if found.get("mobile_verified") is True else ""
    born = day_of(text_of(found, "birth_date"))
    return Claim(offer.issuer, subject, mobile, text_of(found, "name"), born, firm)


def day_of(text: str) -> date | None:
    """A day, None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
