"""The demo's four doors. They exist only while the demo runs: the factory leaves this file out otherwise."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, session, url_for
from flask.typing import ResponseReturnValue

from pushsvc.store import access as accounts
from pushsvc.store.session import transaction
from pushsvc.web import session as sessions
from pushsvc.web.access import public
from pushsvc.web.current import context

blueprint = Blueprint("demo", __name__)

PEOPLE = {"r": "demo-resident", "e": "demo-enterprise"}  # references of profiles of the sample city
OPERATORS = {"o": "limeng", "v": "zhoulan"}  # names of operators of the sample city


@blueprint.get("/demo/<who>")
@public("only while the demo runs, and only to people it invented")
def enter(who: str) -> ResponseReturnValue:
    """Sign in as one of the sample city: r a resident, e a member of a firm, o the author, v the reviewer."""
    if who in PEOPLE:
        return _person(PEOPLE[who])
    if who in OPERATORS:
        return _operator(OPERATORS[who])
    return abort(404)


def _person(ref: str) -> ResponseReturnValue:
    with transaction(context().engine) as connection:
        found = accounts.demo_person(connection, ref)
    if found is None:
        abort(404)
    person_id, firm_id = found
    sessions.begin_person(person_id, "demo")
    if firm_id is not None:
        session["acting"] = firm_id
    return redirect(url_for("subscriber.feed"), 303)


def _operator(name: str) -> ResponseReturnValue:
    with transaction(context().engine) as connection:
        known = accounts.operator(connection, name)
    if known is None:
        abort(404)
    sessions.begin_operator(name)
    return redirect(url_for("console.campaigns.index"), 303)
