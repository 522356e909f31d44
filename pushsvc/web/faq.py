"""Questions that were answered to everybody."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pushsvc.pipeline.faq import similar
from pushsvc.store import faq
from pushsvc.store.session import transaction
from pushsvc.web.access import public
from pushsvc.web.current import context

blueprint = Blueprint("faq", __name__)

MOST_SEARCHED = 60  # characters
MOST_FOUND = 20


@blueprint.get("/faq")
@public("what offices answered to everybody")
def index() -> ResponseReturnValue:
    """All of them, the newest first; with `q`, those that share words with it."""
    sought = " ".join(request.args.get("q", "").split())[:MOST_SEARCHED]
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    with transaction(context().engine) as connection:
        if sought:
            rows, total = similar(connection, sought, limit=MOST_FOUND), 0
        else:
            rows, total = faq.published(connection, page=page)
    return render_template("library/faq.html", rows=rows, sought=sought, page=page, count=-(-total // faq.PAGE))
