"""The public library: every published policy, searchable; and how the recommender works."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from pushsvc.store import reading
from pushsvc.store.reading import Filter
from pushsvc.store.session import transaction
from pushsvc.web import words
from pushsvc.web.access import public
from pushsvc.web.criteria_words import requirements
from pushsvc.web.current import context
from pushsvc.web.labels import KINDS, TOPICS

blueprint = Blueprint("library", __name__)


@blueprint.get("/")
@public("leads to the public library")
def front() -> ResponseReturnValue:
    """The library is the front door."""
    return policies()


@blueprint.get("/policies/")
@public("published policies are for everyone")
def policies() -> ResponseReturnValue:
    """Search and filter, a page at a time, the newest first."""
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    wanted = _filter()
    with transaction(context().engine) as connection:
        rows, total = reading.policies(connection, wanted, page=page)
        regions = reading.regions_in_use(connection)
    count = -(-total // reading.PAGE)
    lists = {"topics": TOPICS, "kinds": KINDS, "regions": regions}
    return render_template(
        "library/policies.html", rows=rows, total=total, page=page, count=count, wanted=wanted, **lists
    )


@blueprint.get("/policies/<id:policy_id>")
@public("published policies are for everyone")
def policy(policy_id: int) -> ResponseReturnValue:
    """One policy: what, until when, for whom in words, and its text."""
    with transaction(context().engine) as connection:
        found = reading.policy_page(connection, policy_id)
        if found is None:
            abort(404)
        row, text = found
        family = reading.family(connection, row)
    return render_template(
        "library/policy.html", policy=row, text=text, family=family, criteria=requirements(text.criteria)
    )


@blueprint.get("/algorithm")
@public("the rules of recommending are told to everyone")
def algorithm() -> ResponseReturnValue:
    """Purpose, principle and mechanism, from the model now in use."""
    with transaction(context().engine) as connection:
        active = reading.active_card(connection)
    card, since = active if active else ({}, None)
    return render_template("library/algorithm.html", card=card, since=since)


def _filter() -> Filter:
    kind, topic = request.args.get("kind", ""), request.args.get("topic", "")
    region = request.args.get("region", "")
    return Filter(
        words=request.args.get("q", "").strip()[:60],
        topic=topic if topic in TOPICS else "",
        kind=kind if kind in KINDS else "",
        regions=(region,) if region else (),
        open_on=words.today() if request.args.get("open") else None,
    )
