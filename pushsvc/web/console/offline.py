"""Whom a campaign could not reach, by street and reason; the masked list itself is a file, and taking it is logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import offline as verbs
from pushsvc.pipeline.offline import NAMES, OfflineError, place_name
from pushsvc.store import campaigns as stored
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.console.breakdown import percent
from pushsvc.web.current import context
from pushsvc.web.i18n import locale
from pushsvc.web.words import number

blueprint = Blueprint("offline", __name__)

TAKERS = ("reviewer", "sender", "auditor")
SHOWN = 200  # places on the page; the file has them all
_OVER = ("finished", "cancelled", "expired")


@dataclass(frozen=True)
class Row:
    """One place or reason: its name, what it lies in, its count, the bar beside the longest, its reasons in words."""

    name: str
    within: str
    n: str
    width: str
    reasons: tuple[str, ...] = ()


@blueprint.get("/campaigns/<id:campaign_id>/offline")
@operator()
def show(campaign_id: int) -> ResponseReturnValue:
    """The list's figures: no names."""
    with transaction(context().engine) as connection:
        row = stored.get_campaign(connection, campaign_id) or abort(404)
    found = verbs.totals(context(), campaign_id)
    longest = max((one.total for one in found.places), default=0)
    places = [_place(one, longest) for one in found.places[:SHOWN]]
    more, over, takes = len(found.places) - len(places), row["state"] in _OVER, current_operator().may(*TAKERS)
    page = {"total": number(found.total), "reasons": _reasons(found.reasons), "places": places}
    return render_template("console/offline.html", row=row, more=more, over=over, takes=takes, **page)


@blueprint.get("/campaigns/<id:campaign_id>/offline.csv")
@operator(*TAKERS)
def download(campaign_id: int) -> ResponseReturnValue:
    """The masked list as a file for spreadsheets; who took it is written down."""
    try:
        people = verbs.lines(context(), campaign_id, actor=current_operator().name)
    except OfflineError:
        abort(404)
    text = "".join(verbs.as_csv(people, english=locale() == "en"))
    response = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")  # the mark tells them it is Chinese
    response.headers["Content-Disposition"] = f'attachment; filename="offline-{campaign_id}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _place(one: verbs.Place, longest: int) -> Row:
    district, street = place_name(one, english=locale() == "en")
    told = tuple(f"{_reason(reason)}\u00a0{number(n)}" for reason, n in one.reasons.items())
    return Row(street, district, number(one.total), percent(one.total, longest), told)


def _reasons(counts: Mapping[str, int]) -> list[Row]:
    longest = max(counts.values(), default=0)
    return [Row(_reason(reason), "", number(n), percent(n, longest)) for reason, n in counts.items()]


def _reason(code: str) -> str:
    return NAMES[code][locale() == "en"]
