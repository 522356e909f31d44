"""The public library: every published policy, searchable; and how the recommender works."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from profiles.standards.agencies_bearers import renamed
from pushsvc.pipeline import faq
from pushsvc.pipeline.search import cut
from pushsvc.pipeline.shared_figures import bound_tree
from pushsvc.store import reading
from pushsvc.store.policy_links import DUPLICATES, links_from, links_to
from pushsvc.store.reading import Filter
from pushsvc.store.session import transaction
from pushsvc.web import words
from pushsvc.web.access import public
from pushsvc.web.algorithm import told
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
    wanted = wanted_policies()
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
        criteria = bound_tree(connection, text.criteria, words.today())
        answers = faq.on_policy(connection, policy_id)
        says, said_of = links_from(connection, policy_id), links_to(connection, policy_id)
    page = {
        "answers": answers,
        "says": [link for link in says if link.relation != DUPLICATES],
        "said_of": [link for link in said_of if link.target_state == "published"],
        "ended": row.valid_to is not None and row.valid_to < words.today(),
        "criteria": requirements(criteria),
        "renamed": renamed(text.agencies or (row.agency,), words.today()),
    }
    return render_template("library/policy.html", policy=row, text=text, family=family, **page)


@blueprint.get("/algorithm")
@public("the rules of recommending are told to everyone")
def algorithm() -> ResponseReturnValue:
    """Purpose, principle and mechanism, from the model now in use."""
    with transaction(context().engine) as connection:
        found = told(connection)
    return render_template("library/algorithm.html", model=found)


def wanted_policies() -> Filter:
    """What this address asks for; what it holds beside that is left out."""
    kind, topic = request.args.get("kind", ""), request.args.get("topic", "")
    region = request.args.get("region", "")
    typed = request.args.get("q", "").strip()[:60]
    return Filter(
        words=typed,
        terms=cut(typed),
        topic=topic if topic in TOPICS else "",
        kind=kind if kind in KINDS else "",
        regions=(region,) if region else (),
        open_on=words.today() if request.args.get("open") else None,
    )
