"""For whom a person acts: themselves, a firm they belong to, or somebody who gave them leave; one tap between them."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from profiles.address import mask_name
from pushsvc.store import access as accounts
from pushsvc.store import proxies
from pushsvc.store.session import transaction
from pushsvc.web.access import acting, current_person
from pushsvc.web.current import context
from pushsvc.web.names import plain_name
from pushsvc.web.proxy_words import scope_words

blueprint = Blueprint("acting", __name__)


@blueprint.get("/m/acting")
@acting("read")
def show() -> ResponseReturnValue:
    """All whom the reader may act for."""
    me = _me()
    with transaction(context().engine) as connection:
        firms = accounts.firms(connection, me)
        leaves = proxies.held_by(connection, me, context().clock())
    named = [(firm.profile_id, plain_name(firm.name), firm.role) for firm in firms]
    others = [(one.other, mask_name(plain_name(one.name)), scope_words(one.scopes)) for one in leaves]
    return render_template("m/acting.html", me=me, firms=named, others=others, now=current_person().profile_id)


@blueprint.post("/m/act-for")
@acting("read")
def act_for() -> ResponseReturnValue:
    """Switch to oneself, a firm one belongs to, or somebody who gave leave."""
    me, wanted = _me(), request.form.get("profile", type=int)
    with transaction(context().engine) as connection:
        mine = {firm.profile_id for firm in accounts.firms(connection, me)}
        leaves = {one.other: one.id for one in proxies.held_by(connection, me, context().clock())}
        if wanted in leaves:  # that it began is of the record too; that it ended the guard writes down
            proxies.record_act(connection, leaves[wanted], "POST acting.act_for", context().clock())
    if wanted == me:
        session.pop("acting", None)
    elif wanted in mine or (wanted is not None and wanted in leaves):
        session["acting"] = wanted
    else:
        abort(403)
    return redirect(url_for("subscriber.feed"), 303)


@blueprint.app_template_global("acted_for")
def acted_for() -> str:
    """Whom the reader acts for by their leave, masked; "" where it is nobody."""
    person = g.get("person")
    if person is None or person.by is None:
        return ""
    with transaction(context().engine) as connection:
        found = accounts.names(connection, [person.id])
    return mask_name(plain_name(found.get(person.id)))


def _me() -> int:
    """Who really reads."""
    who = current_person()
    return who.by or who.id
