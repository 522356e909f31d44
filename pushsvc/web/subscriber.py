"""The resident's pages: what fits them and why, what they did with it, and all that one digest told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import feedback
from pushsvc.pipeline.event_words import policy_line
from pushsvc.pipeline.plain_feed import Wanted
from pushsvc.store import access as accounts
from pushsvc.store import digests, inbox, preferences, reading
from pushsvc.store.reading import Filter, PolicyRow
from pushsvc.store.session import transaction
from pushsvc.web import cards
from pushsvc.web.access import current_person, resident, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.names import plain_name
from pushsvc.web.toast import toast
from pushsvc.web.words import today

blueprint = Blueprint("subscriber", __name__)

FEED_SIZE = 20
LATEST = 5
EXCERPT = 400
TOASTS = {
    ("saved", True): "已收藏",
    ("saved", False): "已取消收藏",
    ("dismissed", True): "不再为您显示这一条",
    ("dismissed", False): "已恢复显示",
    ("applied", True): "已记下",
    ("applied", False): "已取消",
}


@blueprint.get("/m/")
@resident
def feed() -> ResponseReturnValue:
    """What fits the reader; or the latest, by time alone; or what they saved."""
    view = request.args.get("view", "for-you")
    if view not in ("for-you", "latest", "saved"):
        abort(404)
    who = current_person()
    with transaction(context().engine) as connection:
        marks = reading.marks(connection, who.profile_id)
        latest, _ = reading.policies(connection, Filter(), size=FEED_SIZE)
        unread = inbox.unread(connection, who.id)
        firms = accounts.firms(connection, who.id)
        personalised = bool(preferences.read_preference(connection, who.id)["personalised"])
        regions = reading.regions_in_use(connection)
    wanted = _wanted(regions)
    shown = _shown(view, latest, marks, wanted, personalised=personalised)
    plain = view == "for-you" and not shown.personal
    headline = cards.headline(shown.cards, view)
    if plain:
        headline = cards.plain_headline(wanted, personalised=personalised)
    firm_name = next((plain_name(firm.name) for firm in firms if firm.profile_id == who.profile_id), "")
    mine = {"unread": unread, "firms": firms, "firm_name": firm_name, "personalised": personalised}
    mine |= {
        "saved_count": sum("saved" in kinds for kinds in marks.values()),
        "nearest": cards.nearest(shown.cards),
        "ask": shown.ask,
        "latest": [] if plain else latest[:LATEST],
        "plain": plain,
        "wanted": wanted,
        "regions": regions,
    }
    return render_template("m/feed.html", view=view, cards=shown.cards, headline=headline, **mine)


@blueprint.get("/m/policies/<id:policy_id>")
@resident
def card(policy_id: int) -> ResponseReturnValue:
    """One policy for this reader: the answer, each clause with what is asked and held, and what would tell."""
    who = current_person()
    with transaction(context().engine) as connection:
        found = reading.policy_page(connection, policy_id)
        marks = reading.marks(connection, who.profile_id)
        personalised = bool(preferences.read_preference(connection, who.id)["personalised"])
    if found is None:
        abort(404)
    row, text = found
    asked = "ask" in request.args  # the reader's own act; without it nobody who wishes no such thing is looked at
    answer = cards.answer(who, policy_id, marks, look="always" if asked else "if_personal" if personalised else "never")
    if answer is None:
        abort(404)
    site = urlsplit(row.url or "").hostname or ""
    return render_template("m/policy.html", excerpt=_excerpt(text.body), site=site, **answer)


@blueprint.post("/m/policies/<id:policy_id>/feedback")
@resident
def react(policy_id: int) -> ResponseReturnValue:
    """Save, apply for or dismiss a policy, or take it back."""
    kind, on = request.form.get("kind", ""), request.form.get("on") == "1"
    if kind not in feedback.REACTIONS:
        abort(400)
    if not feedback.react(context(), current_person().profile_id, policy_id, kind=kind, on=on):
        abort(404)
    back = safe_path(request.form.get("next"), url_for("subscriber.feed"))
    undo = url_for("subscriber.react", policy_id=policy_id)
    toast(t(TOASTS[kind, on]), undo=undo if kind != "applied" else None, kind=kind, on="0" if on else "1", next=back)
    return redirect(back, 303)


@blueprint.post("/m/act-for")
@resident
def act_for() -> ResponseReturnValue:
    """Switch between oneself and a firm one belongs to."""
    who, wanted = current_person(), request.form.get("profile", type=int)
    with transaction(context().engine) as connection:
        mine = {firm.profile_id for firm in accounts.firms(connection, who.id)}
    if wanted == who.id:
        session.pop("acting", None)
    elif wanted in mine:
        session["acting"] = wanted
    else:
        abort(403)
    return redirect(url_for("subscriber.feed"), 303)


@blueprint.get("/m/digests/<id:run_id>")
@resident
def digest(run_id: int) -> ResponseReturnValue:
    """Everything that one digest tells the reader; nobody else's digest is there."""
    with transaction(context().engine) as connection:
        listed = digests.listed(connection, run_id, current_person().id)
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


def _shown(
    view: str, latest: Sequence[PolicyRow], marks: Mapping[int, set[str]], wanted: Wanted, *, personalised: bool
) -> cards.List:
    """The cards of a list; with the switch off, "for you" is what everybody sees."""
    if view == "saved":
        return cards.List(cards.saved(marks))
    if view == "latest":
        return cards.List(cards.plain(latest, marks))
    return cards.for_you(current_person(), marks, limit=FEED_SIZE, wanted=wanted, plain_only=not personalised)


def _wanted(regions: Sequence[str]) -> Wanted:
    """How the reader would have a list that is not personal, as this address says; nothing of it is remembered."""
    order, region = request.args.get("order", "newest"), request.args.get("region", "")
    if order not in ("newest", "deadline") or (region and region not in regions):
        abort(404)
    return Wanted("deadline" if order == "deadline" else "newest", region)


def _excerpt(body: str) -> str:
    return body if len(body) <= EXCERPT else body[:EXCERPT].rsplit("\n", 1)[0] + "……"
