"""Who is this for? An operator turns the conditions of a policy, or of a tree of their own, and sees whom they fit.

Nothing of the tree is kept; the audit log has who counted what.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, get_template_attribute, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from profiles.criteria import CriteriaError
from pushsvc.store.policies import Policy, criteria_policies, policy_by_ref
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.console.exploring import Asked, Look, look, missing_policy, not_read, typed, unmatched
from pushsvc.web.console.tree import flat
from pushsvc.web.counts import BY_HAND, may_count
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError
from pushsvc.web.words import spoken

blueprint = Blueprint("audience", __name__)

COUNTERS = ("author", "reviewer", "sender")
KNOB = "v:"  # before the place of a knob, in the names of a form's fields
_OFFERED = 100  # policies whose reference the field proposes


@blueprint.route("/audience", methods=["GET", "POST"])
@operator(*COUNTERS)
def index() -> ResponseReturnValue:
    """The page: empty, with a policy's criteria, or with what was sent, counted."""
    policy = _policy()
    if request.method == "POST" or (policy is not None and policy.criteria is not None):
        if not may_count(BY_HAND, current_operator().name):
            abort(429)
        found = _look(policy)
    else:
        found = Look() if policy is not None or not _ref() else missing_policy()
    with transaction(context().engine) as connection:
        offered = criteria_policies(connection, limit=_OFFERED)
    page = {"look": found, "policy": policy, "ref": _ref(), "offered": offered, "unmatched": unmatched(policy)}
    return render_template("console/audience.html", knob=KNOB, **page), _status(found)


@blueprint.post("/audience/count")
@operator(*COUNTERS)
def count() -> Response | tuple[Response, int]:
    """The same as JSON, for a slider that is dragged: the pieces of the page that change."""
    if not may_count(BY_HAND, current_operator().name):
        raise ApiError(429, "too_many_requests")
    found = _look(_policy())
    if found.problem is not None or found.tally is None:
        wrong = found.problem
        said = _part("problem")(wrong) if wrong else ""
        return jsonify(
            code=wrong.code if wrong else "", place=wrong.place if wrong else "", at=found.at, said=said
        ), 422
    split_ = _part("split")
    rows = {
        row.place: {"words": spoken(row.words), "split": row.split and split_(row.split)} for row in flat(found.rows)
    }
    pieces = {"figures": _part("figures")(found.tally), "breakdown": _part("breakdown")(found.tally.facets)}
    return jsonify(said=found.tally.said, ms=found.tally.ms, tree=found.text, rows=rows, **pieces)


def _status(found: Look) -> int:
    if found.problem is None:
        return 200
    if request.method == "POST":
        return 422
    return 404 if found.problem.code == "unknown_policy" else 200


def _look(policy: Policy | None) -> Look:
    if request.method == "GET":
        return look(Asked(policy.criteria if policy else None, policy))
    text = request.form.get("criteria", "")
    given = {name.removeprefix(KNOB): value for name, value in request.form.items() if name.startswith(KNOB)}
    try:
        tree = typed(text)
    except CriteriaError as error:
        return not_read(text[:1000] if error.code == "too_big" else text, error)
    return look(Asked(tree, policy, given))


def _ref() -> str:
    return request.values.get("policy", "").strip()[:400]


def _policy() -> Policy | None:
    if not _ref():
        return None
    with transaction(context().engine) as connection:
        return policy_by_ref(connection, _ref())


def _part(name: str) -> Any:
    """A macro of the page's parts."""
    return get_template_attribute("console/audience_parts.html", name)
