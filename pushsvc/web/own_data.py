"""The reader's data: a copy of everything, stopping everything, erasure."""

from __future__ import annotations

import json
from datetime import datetime

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline import rights, stopping
from pushsvc.pipeline.stopping import SWITCHES, Stopped
from pushsvc.web import session as sessions
from pushsvc.web.access import acting, current_person, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.preferences import own_choices, source_of
from pushsvc.web.toast import toast

blueprint = Blueprint("own_data", __name__)

_LAST = 2**63 - 1


@blueprint.post("/m/preferences/stop-all")
@acting("read")
def stop_all() -> ResponseReturnValue:
    """Stop everything that is not a duty; what stood before can be had back."""
    who = own_choices()
    ended = stopping.stop_all(context(), who.id, source=source_of(who))
    if ended.anything:
        toast(t("已停止全部通知。必要告知照常"), undo=url_for("own_data.resume_all"), **_slip(ended))
    else:
        toast(t("此前已停止全部通知，没有改动"))
    return redirect(url_for("preferences.show"), 303)


@blueprint.post("/m/preferences/stop-all/undo")
@acting("read")
def resume_all() -> ResponseReturnValue:
    """Take that back: consents are given anew, subscriptions go on, what was on is on."""
    who, slip = own_choices(), _read_slip()
    stopping.resume_all(context(), who.id, slip, source=source_of(who))
    said = t("已恢复。刚才取消的 {n} 条推荐不再补发", n=slip.dropped) if slip.dropped else t("已恢复到停止之前")
    toast(said)
    return redirect(url_for("preferences.show"), 303)


@blueprint.post("/m/preferences/agree")
@acting("read")
def agree() -> ResponseReturnValue:
    """Consent to be told of what one subscribed to and is entitled to."""
    who = own_choices()
    choices_of.give_consent(context(), who.id, "notify", source=source_of(who))
    choices_of.set_choices(context(), who.id, {"entitled": True})
    toast(t("已同意接收。可随时撤回"))
    return redirect(url_for("preferences.show"), 303)


@blueprint.get("/m/preferences/export")
@resident
def export() -> ResponseReturnValue:
    """A copy of all that is held about the reader, as JSON."""
    held = rights.export_data(context(), current_person().id)
    if held is None:
        abort(404)
    text = json.dumps(held, ensure_ascii=False, indent=2, default=str)
    response = Response(text, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@blueprint.get("/m/preferences/erase")
@resident
def confirm_erase() -> ResponseReturnValue:
    """Say what erasing means, and ask."""
    return render_template("m/erase.html", unsure=False)


@blueprint.post("/m/preferences/erase")
@resident
def erase() -> ResponseReturnValue:
    """Erase the reader, and sign them out."""
    if request.form.get("sure") != "1":
        return render_template("m/erase.html", unsure=True), 422
    rights.erase(context(), current_person().id, actor="person")
    sessions.end()
    return render_template("m/erased.html")


def _slip(ended: Stopped) -> dict[str, str]:
    """What the button that takes it back sends: where to look in the reader's own ledgers."""
    numbers = {name: str(getattr(ended, name)) for name in ("before", "after", "dropped")}
    return {"at": ended.at.isoformat(), **numbers, **dict.fromkeys(ended.switches, "1")}


def _read_slip() -> Stopped:
    """Whatever is said there, only what the reader themselves stopped is found by it."""
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        abort(400)
    numbers = [request.form.get(name, -1, type=int) for name in ("before", "after", "dropped")]
    if at.tzinfo is None or not all(0 <= number <= _LAST for number in numbers):
        abort(400)
    switches = tuple(name for name in SWITCHES if name in request.form)
    return Stopped(at, numbers[0], numbers[1], switches, wishes=0, dropped=numbers[2], consented=True)
