"""Counting over the API: whom some criteria fit now, in figures. Nothing of the criteria is kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, g, jsonify

from profiles.criteria import CriteriaError
from pushsvc.pipeline.counting import read_criteria
from pushsvc.web.access import api_key
from pushsvc.web.api.bodies import only, read_object
from pushsvc.web.counts import BY_KEY, count_for, may_count
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

blueprint = Blueprint("audience", __name__)


@blueprint.post("/audience/count")
@api_key("audience:count")
def count() -> Response:
    """The figures of a criteria tree over all profiles; `deadline` and `published` are the days it may speak of."""
    body = read_object()
    only(body, "criteria", "deadline", "published")
    if not isinstance(body.get("criteria"), dict):
        code = "missing" if body.get("criteria") is None else "wrong_type"
        raise ApiError(422, code, place="criteria", sentence="criteria is a tree: one JSON object.")
    days = {name: _day(body, name) for name in ("deadline", "published")}
    by = f"key:{g.api_key}"
    if not may_count(BY_KEY, by):
        raise ApiError(429, "too_many_requests")
    try:
        criteria = read_criteria(context(), body["criteria"])
        return jsonify(count_for(by, body["criteria"], criteria, **days).figures)
    except CriteriaError as error:
        place = f"criteria.{error.place}" if error.place else "criteria"
        raise ApiError(422, error.code, place=place, sentence=error.sentence) from error


def _day(body: dict[str, Any], name: str) -> date | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, str) and len(value) == len("2026-06-30"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ApiError(422, "bad_date", place=name, sentence=f"{name} is a day such as 2026-06-30.")
