"""A number that may have changed hands: whoever holds it says who they are before it opens a profile.

The page is the same whatever is held of the people, and so is its answer: it tells a stranger nothing about them.
"""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import proving
from pushsvc.pipeline.proving import Place
from pushsvc.web import arriving
from pushsvc.web import session as sessions
from pushsvc.web.access import public
from pushsvc.web.arriving import next_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow

blueprint = Blueprint("confirming", __name__)

CONFIRM = Limit("confirm", 3, 86400)  # of some 25,000 dates of birth, for each number
_WHY = "only those whose code was right have anything to confirm"
_DAY = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})\D?")


@blueprint.get("/m/sign-in/confirm")
@public(_WHY)
def show() -> ResponseReturnValue:
    """Ask for the date of birth, or the name."""
    if _proven() is None:
        return redirect(url_for("signin.ask"), 303)
    return _page(next_path(request.args.get("next")))


@blueprint.post("/m/sign-in/confirm")
@public(_WHY)
def check() -> ResponseReturnValue:
    """Let in whom that is of; nobody else learns who it would have been."""
    place, back, ctx = _proven(), next_path(request.form.get("next")), context()
    if place is None:
        return redirect(url_for("signin.ask"), 303)
    if not allow(CONFIRM, place.lookup.hex()):
        sessions.end()
        return render_template("m/unconfirmed.html", ours=False), 429
    name = request.form.get("name", "").strip()[:100]
    people = proving.confirm(ctx, place, born=_day(request.form.get("born", "")), name=name)
    if not people:
        proving.report(ctx, place)
        return _page(back, t("与登记的不一致，请检查后再填")), 422
    if not arriving.use_step():
        return redirect(url_for("signin.ask"), 303)
    proving.put_verified(ctx, place)
    return arriving.let_in(people, "code", back)


@blueprint.post("/m/sign-in/not-me")
@public(_WHY)
def not_me() -> ResponseReturnValue:
    """Whoever holds the number is not whom it is held for: it is written to no more for those."""
    place = _proven()
    if place is None or not arriving.use_step():
        return redirect(url_for("signin.ask"), 303)
    proving.not_theirs(context(), place)
    sessions.end()
    return render_template("m/unconfirmed.html", ours=True)


def _page(back: str, error: str = "") -> str:
    typed = {"born": request.form.get("born", "")[:20], "name": request.form.get("name", "")[:100]}
    return render_template("m/confirm.html", next=back, error=error, **typed)


def _proven() -> Place | None:
    held = arriving.held("proven")
    return Place(str(held[0]), bytes.fromhex(held[1])) if isinstance(held, list) and len(held) == 2 else None


def _day(text: str) -> date | None:
    """1950-05-01, as a browser's field writes it, and 19500501 or 1950年05月01日, as people do without one."""
    match = _DAY.fullmatch(text.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
