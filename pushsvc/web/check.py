"""Whether a message was ours: anybody enters the code that it quotes, residents and the clerks of 12345 alike."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from pushsvc.pipeline.checking import LOOK_BACK, check, read_code
from pushsvc.web import session as sessions
from pushsvc.web.access import public
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.words import today

blueprint = Blueprint("check", __name__)

TRY_CLIENT = Limit("check-client", 60, 3600)
TRY_CLERK = Limit("check-clerk", 600, 3600)  # a signed-in operator looks things up for those who telephone
SHOWN = 5  # policies: with more, the code alone proves nothing, and the page asks for the day
_YEARS = range(2000, 2101)


@blueprint.get("/check")
@public("whether a message is ours is told to everyone; whom it went to is told to nobody")
def show() -> ResponseReturnValue:
    """The form; with `code`, and the `day` that the message came, the answer too."""
    typed = {"code": request.args.get("code", "")[:40], "day": request.args.get("day", "")[:10]}
    page = {"typed": typed, "back": LOOK_BACK, "shown": SHOWN, "today": today()}
    if not typed["code"].strip():
        return render_template("library/check.html", **page)
    if not _may_try():
        abort(429)
    code, day = read_code(typed["code"]), _day(typed["day"])
    if code is None or (day is None and typed["day"]):
        error = t("校验码是 6 位数字或字母 A–F，请看清后再填") if code is None else t("这不是日期，请重新选择")
        return render_template("library/check.html", **page, error=error), 422
    found = check(context(), code, day)
    return render_template("library/check.html", **page, asked=code.upper(), day=day, found=found)


def _may_try() -> bool:
    name = sessions.operator_name()
    return allow(TRY_CLERK, name) if name else allow(TRY_CLIENT, request.remote_addr or "")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None
