"""The reader's data: a copy of everything, stopping everything, erasure."""

from __future__ import annotations

import json

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline import rights
from pushsvc.web import session as sessions
from pushsvc.web.access import current_person, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("own_data", __name__)


@blueprint.post("/m/preferences/stop-all")
@resident
def stop_all() -> ResponseReturnValue:
    """Stop everything that is not a duty."""
    choices_of.stop_all(context(), current_person().id)
    toast(t("已停止全部通知。必要告知照常"))
    return redirect(url_for("preferences.show"), 303)


@blueprint.post("/m/preferences/agree")
@resident
def agree() -> ResponseReturnValue:
    """Consent to be told of what one subscribed to and is entitled to."""
    choices_of.give_consent(context(), current_person().id, "notify")
    choices_of.set_choices(context(), current_person().id, {"entitled": True})
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
    return render_template("m/erase.html")


@blueprint.post("/m/preferences/erase")
@resident
def erase() -> ResponseReturnValue:
    """Erase the reader, and sign them out."""
    if request.form.get("sure") != "1":
        return redirect(url_for("own_data.confirm_erase"), 303)
    rights.erase(context(), current_person().id, actor="person")
    sessions.end()
    return render_template("m/erased.html")
