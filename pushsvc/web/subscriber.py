"""The resident's pages: what fits them and why, what they did with it, and all that one digest told them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from pushsvc.pipeline.event_words import policy_line
from pushsvc.pipeline.feed_pages import regions_in_use
from pushsvc.pipeline.plain_feed import Wanted
from pushsvc.store import access as accounts
from pushsvc.store import digests, inbox, preferences, proxies, reading
from pushsvc.store.feedback import found_useful, reasons_of
from pushsvc.store.reading import PolicyRow
from pushsvc.store.session import Connection, transaction
from pushsvc.web import cards
from pushsvc.web.access import acting, current_person
from pushsvc.web.card_words import headline, nearest, plain_headline
from pushsvc.web.current import context
from pushsvc.web.i18n import locale
from pushsvc.web.kept_pages import kept
from pushsvc.web.names import plain_name
from pushsvc.web.words import today

blueprint = Blueprint("subscriber", __name__)

VIEWS = ("for-you", "latest", "saved", "hidden")
EXCERPT = 400


@blueprint.get("/m/")
@acting("read")
@kept
def feed() -> ResponseReturnValue:
    """What fits the reader; or the latest, by time alone; or what they saved, or hid."""
    view = request.args.get("view", "for-you")
    if view not in VIEWS:
        abort(404)
    who = current_person()
    with transaction(context().engine) as connection:
        marks = reading.marks(connection, who.profile_id)
        personalised = bool(preferences.read_preference(connection, who.id)["personalised"])
        wanted = _wanted(connection)
        shown = _shown(connection, view, marks, wanted, personalised=personalised)
        firms = accounts.firms(connection, who.id) if who.by is None else []  # a leave covers no firm
        others = proxies.held_by(connection, who.id, context().clock()) if who.by is None else []
        page: dict[str, object] = {"unread": inbox.unread(connection, who.id), "firms": firms, "others": others}
        plain = view == "for-you" and not shown.personal
        page["regions"] = regions_in_use(connection, context()) if plain else []
        page["reasons"] = reasons_of(connection, who.profile_id) if view == "hidden" else {}
    name = next((plain_name(firm.name) for firm in firms if firm.profile_id == who.profile_id), "")
    page |= {
        "headline": plain_headline(wanted, personalised=personalised) if plain else headline(shown, view),
        "saved_count": sum("saved" in kinds for kinds in marks.values()),
        "hidden_count": sum("dismissed" in kinds for kinds in marks.values()),
        "nearest": nearest(shown.closes),
        "firm_name": name,
    }
    return render_template(
        "m/feed.html", view=view, listed=shown, personalised=personalised, plain=plain, wanted=wanted, **page
    )


@blueprint.get("/m/policies/<id:policy_id>")
@acting("read")
def card(policy_id: int) -> ResponseReturnValue:
    """One policy for this reader: the answer, each clause with what is asked and held, and what would tell."""
    who = current_person()
    with transaction(context().engine) as connection:
        found = reading.policy_page(connection, policy_id)
        marks = reading.marks(connection, who.profile_id)
        personalised = bool(preferences.read_preference(connection, who.id)["personalised"])
        reason = reasons_of(connection, who.profile_id).get(policy_id, "")
        useful = found_useful(connection, who.id, policy_id)
    if found is None:
        abort(404)
    row, text = found
    asked = "ask" in request.args  # the reader's own act; without it nobody who wishes no such thing is looked at
    answer = cards.answer(who, policy_id, marks, look="always" if asked else "if_personal" if personalised else "never")
    if answer is None:
        abort(404)
    site = urlsplit(row.url or "").hostname or ""
    page = {"excerpt": _excerpt(text.body), "site": site, "reason": reason, "useful": useful}
    return render_template("m/policy.html", **answer, **page)


@blueprint.get("/m/digests/<id:run_id>")
@acting("read")
def digest(run_id: int) -> ResponseReturnValue:
    """Everything that one digest tells the reader; nobody else's digest is there."""
    who = current_person()
    about = None if who.by is None else who.id  # a leave covers no firm of theirs
    with transaction(context().engine) as connection:
        listed = digests.listed(connection, run_id, who.id, about=about)
        found = reading.policies_by_id(connection, [policy_id for policy_id, *_ in listed])
    if not listed:
        abort(404)
    kept = [(found[policy_id], door, detail) for policy_id, door, detail in listed if policy_id in found]
    items = [(row, door, _said(row, detail)) for row, door, detail in kept]
    return render_template("m/digest.html", items=items)


def _said(row: PolicyRow, detail: Mapping[str, Any]) -> str:
    """What the message said of the event, with the days that are left by now; "" where it said nothing."""
    line = policy_line(detail, sensitive=row.sensitive, locale=locale(), on=today())
    return line[:1].upper() + line[1:]


def _shown(connection: Connection, view: str, marks: cards.Marks, wanted: Wanted, *, personalised: bool) -> cards.List:
    """The cards of a list; with the switch off, "for you" is what everybody sees."""
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    if view == "latest":
        return cards.latest(connection, marks, page)
    if view in ("saved", "hidden"):
        return cards.marked(connection, marks, "saved" if view == "saved" else "dismissed", page)
    return cards.for_you(connection, current_person(), marks, page=page, wanted=wanted, plain_only=not personalised)


def _wanted(connection: Connection) -> Wanted:
    """How the reader would have a list that is not personal, as this address says; nothing of it is remembered."""
    order, region = request.args.get("order", "newest"), request.args.get("region", "")
    if order not in ("newest", "deadline") or (region and region not in regions_in_use(connection, context())):
        abort(404)
    return Wanted("deadline" if order == "deadline" else "newest", region)


def _excerpt(body: str) -> str:
    return body if len(body) <= EXCERPT else body[:EXCERPT].rsplit("\n", 1)[0] + "……"
