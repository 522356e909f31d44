"""Search for the reader: the library's search, with what each policy means to them."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pushsvc.pipeline.feed_pages import regions_in_use
from pushsvc.pipeline.search import SIZE, search
from pushsvc.store import preferences
from pushsvc.store.session import transaction
from pushsvc.web.access import acting, current_person
from pushsvc.web.current import context
from pushsvc.web.labels import KINDS, TOPICS
from pushsvc.web.library import wanted_policies

blueprint = Blueprint("feed_search", __name__)


@blueprint.get("/m/search", endpoint="search")
@acting("read")
def find() -> ResponseReturnValue:
    """What was typed, filtered; where the reader has a personal list, each with whether it fits."""
    who, wanted = current_person(), wanted_policies()
    page = max(1, min(request.args.get("page", 1, type=int), 1000))
    with transaction(context().engine) as connection:
        personalised = bool(preferences.read_preference(connection, who.id)["personalised"])
        whose = who.profile_id if personalised else None
        found = search(connection, context(), wanted, page=page, profile_id=whose)
        regions = regions_in_use(connection, context())
    lists = {"topics": TOPICS, "kinds": KINDS, "regions": regions, "page": page, "count": -(-found.total // SIZE)}
    return render_template("m/search.html", found=found, wanted=wanted, **lists)
