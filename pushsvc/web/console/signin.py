"""Operators come in by name and password (argon2), and go out."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline.accounts import is_password
from pushsvc.store.audit import record
from pushsvc.store.session import transaction
from pushsvc.web import session as sessions
from pushsvc.web.access import current_operator, operator, public, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow

blueprint = Blueprint("signin", __name__)

TRY_NAME = Limit("console-name", 10, 900)
TRY_CLIENT = Limit("console-client", 30, 900)


@blueprint.get("/sign-in")
@public("the operators' way in")
def ask() -> ResponseReturnValue:
    """Ask for name and password."""
    return render_template("console/sign_in.html", next=_next(request.args.get("next")))


@blueprint.post("/sign-in")
@public("the operators' way in")
def check() -> ResponseReturnValue:
    """Let an operator in. The answer to a wrong name and to a wrong password is the same, and takes as long."""
    name, password = request.form.get("name", "").strip()[:80], request.form.get("password", "")[:200]
    back = _next(request.form.get("next"))
    if not allow(TRY_CLIENT, request.remote_addr or "") or not allow(TRY_NAME, name.casefold()):
        abort(429)
    if not is_password(context(), name, password):
        return render_template("console/sign_in.html", next=back, name=name, error=t("姓名或密码不对")), 422
    sessions.begin_operator(name)
    _note(name, "console.sign_in")
    return redirect(back, 303)


@blueprint.post("/sign-out")
@operator()
def leave() -> ResponseReturnValue:
    """Sign out."""
    _note(current_operator().name, "console.sign_out")
    sessions.end()
    return redirect(url_for("console.signin.ask"), 303)


def _note(name: str, action: str) -> None:
    with transaction(context().engine) as connection:
        record(connection, at=context().clock(), actor=name, action=action, object=f"operator:{name}")


def _next(path: str | None) -> str:
    back = safe_path(path, "")
    return back if back.startswith("/console/") else url_for("console.campaigns.index")
