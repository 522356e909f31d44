"""Check-up: every policy in force for whom the reader acts, what it may bring and until when: page, table, calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from profiles.criteria.settling import Question
from profiles.facts import fact_words
from pushsvc.pipeline.checkup import Checkup, Line, checkup
from pushsvc.pipeline.corrections import correctable
from pushsvc.pipeline.fitting import Fit
from pushsvc.store import access as accounts
from pushsvc.store.access import Person
from pushsvc.store.session import transaction
from pushsvc.web.access import acting, current_person
from pushsvc.web.card_words import band
from pushsvc.web.checkup_files import as_calendar, as_table, money
from pushsvc.web.current import context
from pushsvc.web.i18n import locale
from pushsvc.web.names import plain_name

blueprint = Blueprint("checkup", __name__)

SHOWN = {"yes": 60, "might": 40, "no": 20}  # on the page: the table holds all


@dataclass(frozen=True)
class Asked:
    """The one answer that would settle most: the fact in words, how many policies, and where to give it."""

    fact: str
    n: int
    link: str


@blueprint.get("/m/checkup")
@acting("read")
def show() -> ResponseReturnValue:
    """The page: the total and its parts, what to answer first, then the three lists."""
    who, found = current_person(), _found(SHOWN["no"])
    with transaction(context().engine) as connection:
        name = plain_name(accounts.names(connection, [who.profile_id]).get(who.profile_id))
    alone = [line for line in found.yes if not line.group]
    lists = {"groups": found.groups, "alone": alone[: SHOWN["yes"]], "might": found.might[: SHOWN["might"]]}
    lists |= {"no": [(line, _said(who, line)) for line in found.no]}
    more = {"alone": len(alone), "might": len(found.might), "no": found.not_now}
    page = {"found": found, "name": name, "ask": _ask(who, found.questions), "bar": _bar(found), "more": more}
    return render_template("m/checkup.html", money=money, fact_words=_words, **lists, **page)


@blueprint.get("/m/checkup.csv")
@acting("read")
def table() -> ResponseReturnValue:
    """All of it as a table for spreadsheets."""
    return _file("\ufeff" + as_table(_found()), "text/csv; charset=utf-8", "csv")


@blueprint.get("/m/checkup.ics")
@acting("read")
def calendar() -> ResponseReturnValue:
    """The days until which one may apply for what fits or may fit, for a calendar."""
    return _file(as_calendar(context(), _found()), "text/calendar; charset=utf-8; method=PUBLISH", "ics")


def _found(nearest: int | None = None) -> Checkup:
    return checkup(context(), current_person().profile_id, locale(), nearest=nearest) or abort(404)


def _file(content: str | bytes, kind: str, ending: str) -> Response:
    day = context().clock().strftime("%Y%m%d")
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="checkup-{day}.{ending}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _ask(who: Person, questions: Sequence[Question]) -> Asked | None:
    """The first that the reader can answer for whom they act."""
    askable = correctable(who.kind, agrees=False) if who.may("ask") else []
    for one in questions:
        name, _, year = one.fact.partition("@")
        if name in askable:
            link = url_for("facts.form", fact=name, year=year or None, next=url_for("checkup.show"))
            return Asked(_words([one.fact]), one.settles, link)
    return None


def _said(who: Person, line: Line) -> tuple[str, str, str]:
    """(emphasised, rest, where to correct) of a policy that does not fit."""
    return band(who, Fit(0, "", () if line.against is None else (line.against,)))


def _bar(found: Checkup) -> list[tuple[str, float, float]]:
    """(class, start, width) in per cent of each part of the bar; a part that there is can be seen."""
    sizes = {"y": len(found.yes), "hatch": len(found.might), "c": found.not_now}
    total = sum(sizes.values()) or 1
    widths = {name: max(2.0, 100 * n / total) if n else 0.0 for name, n in sizes.items()}
    scale, start, bars = 100 / (sum(widths.values()) or 1), 0.0, []
    for name, width in widths.items():
        if width:
            bars.append((name, round(start, 2), round(width * scale, 2)))
            start += width * scale
    return bars


def _words(facts: Sequence[str]) -> str:
    return fact_words(facts, locale())
