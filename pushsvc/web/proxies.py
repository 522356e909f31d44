"""Letting a trusted person act for oneself: leaves granted, what was done by them, accepting one by its code."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from profiles.address import mask_name
from pushsvc.pipeline import proxying
from pushsvc.pipeline.proxying import DEFAULT_DAYS, MOST_DAYS, ProxyError
from pushsvc.store import proxies
from pushsvc.store.session import transaction
from pushsvc.web.access import current_person, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.names import plain_name
from pushsvc.web.proxy_words import SCOPES, WORDINGS, act_words, scope_words
from pushsvc.web.toast import toast
from pushsvc.web.words import moment, today

blueprint = Blueprint("proxies", __name__)

GRANT = Limit("proxy-grant", 10, 86_400)
TRY = Limit("proxy-code", 10, 3_600)
SENTENCES = {
    "bad_scope": "请选择委托的事项",
    "bad_day": "到期日请选明天以后、一年以内的一天",
    "too_many": "有效的委托太多，请先结束一个",
    "minor": "未满 18 周岁不能委托他人，请由监护人办理",
    "bad_code": "邀请码不对、已用过或已过期",
    "own": "这是您自己发出的邀请码，请交给您信任的人",
}


@blueprint.get("/m/proxies")
@resident
def show() -> ResponseReturnValue:
    """The leaves granted, those held, and the form to grant one; the code of a new one is shown once."""
    return _page()


@blueprint.post("/m/proxies")
@resident
def grant() -> ResponseReturnValue:
    """Give leave; the next page shows its code."""
    who = current_person()
    if not allow(GRANT, f"profile:{who.id}"):
        abort(429)
    try:
        until = date.fromisoformat(request.form.get("until", ""))
        session["invitation"] = proxying.grant(context(), who.id, request.form.getlist("scopes"), until)
    except ProxyError as error:
        return _page(error), 422
    except ValueError:
        return _page(ProxyError("bad_day", "until")), 422
    return redirect(url_for("proxies.show", _anchor="code"), 303)


@blueprint.get("/m/proxies/<id:proxy_id>")
@resident
def log(proxy_id: int) -> ResponseReturnValue:
    """What was done by a leave that the reader granted, by day."""
    who = current_person()
    with transaction(context().engine) as connection:
        found = next((one for one in proxies.granted_by(connection, who.id) if one.id == proxy_id), None)
        acts = proxies.acts_of(connection, proxy_id, who.id)
    if found is None:
        abort(404)
    done = [(*moment(at).rsplit(" ", 1), act_words(action)) for at, action in acts]
    days = [(name, [one[1:] for one in some]) for name, some in groupby(done, lambda one: one[0])]
    return render_template("m/proxy.html", leave=_told(found), days=days)


@blueprint.post("/m/proxies/<id:proxy_id>/end")
@resident
def end(proxy_id: int) -> ResponseReturnValue:
    """End a leave, from either side, at once."""
    try:
        proxying.end(context(), current_person().id, proxy_id)
    except ProxyError:
        abort(404)
    toast(t("委托已结束，立即生效"))
    return redirect(url_for("proxies.show"), 303)


@blueprint.get("/m/proxies/accept")
@resident
def enter() -> ResponseReturnValue:
    """Ask for the code."""
    return render_template("m/proxy_accept.html", code="", leave=None, error="")


@blueprint.post("/m/proxies/accept")
@resident
def accept() -> ResponseReturnValue:
    """Show whom and what a code is for; with `sure`, take it."""
    who, code = current_person(), request.form.get("code", "").strip()[:40]
    if not allow(TRY, f"profile:{who.id}") or not allow(TRY, f"client:{request.remote_addr}"):
        abort(429)
    try:
        if request.form.get("sure") == "1":
            session["acting"] = proxying.accept(context(), who.id, code)
            toast(t("已接受委托。现在代其办理，可随时切回"))
            return redirect(url_for("subscriber.feed"), 303)
        leave = _told(proxying.look(context(), who.id, code))
    except ProxyError as error:
        return render_template("m/proxy_accept.html", code=code, leave=None, error=t(SENTENCES[error.code])), 422
    return render_template("m/proxy_accept.html", code=code, leave=leave, error="")


def _page(error: ProxyError | None = None) -> str:
    who, now = current_person(), context().clock()
    with transaction(context().engine) as connection:
        granted = [_told(one) for one in proxies.granted_by(connection, who.id)]
        held = [_told(one) for one in proxies.held_by(connection, who.id, now)]
    form: dict[str, object] = {
        "until": request.form.get("until") or (today() + timedelta(days=DEFAULT_DAYS)).isoformat()
    }
    form |= {"scopes": request.form.getlist("scopes") if error else ["manage", "ask"]}
    days = {"first": today() + timedelta(days=1), "last": today() + timedelta(days=MOST_DAYS)}
    said = {"error": t(SENTENCES[error.code]) if error else "", "place": error.place if error else ""}
    scopes = {scope: t(words) for scope, words in SCOPES.items()}
    invitation = session.pop("invitation", "")
    lists = {"granted": granted, "held": held, "scopes": scopes, "form": form, "invitation": invitation}
    lists["consent"] = t(WORDINGS[proxying.WORDING])
    return render_template("m/proxies.html", **lists, **days, **said)


def _told(one: proxies.Given) -> dict[str, object]:
    """A leave as pages show it; `state`: waiting, live or over."""
    over = one.ended_at is not None or one.expires_at <= context().clock()
    state = "over" if over else "live" if one.accepted_at is not None else "waiting"
    name = mask_name(plain_name(one.name)) if one.other is not None else ""
    last = one.expires_at - timedelta(seconds=1)
    return {"id": one.id, "state": state, "name": name, "scopes": scope_words(one.scopes), "until": last, "given": one}
