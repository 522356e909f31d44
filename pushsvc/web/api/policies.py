"""Policies over the API: bring one in as a draft, publish a reviewed one, read what is published."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from pushsvc.pipeline.audience_rule import RuleError, read_limits
from pushsvc.pipeline.ingest_policies import held_codes, upsert_policy
from pushsvc.pipeline.publish import PublishError, publish
from pushsvc.store import reading
from pushsvc.store.audit import record
from pushsvc.store.reading import Filter
from pushsvc.store.session import transaction
from pushsvc.web.access import api_key
from pushsvc.web.api.bodies import only, read_object, refuse, take_text, whole_number
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

blueprint = Blueprint("policies", __name__)
_MOST = 100


@blueprint.post("/policies")
@api_key("policies:write")
def create() -> tuple[Response, int] | Response:
    """Bring in one policy as a draft, or change a draft: 201 new, 200 changed or unchanged, 422 with the errors.

    `held` names what an operator must settle before it can be published.
    """
    body = read_object()
    outcome = upsert_policy(context(), body)
    if not isinstance(outcome, str):
        return refuse(outcome)
    ref = str(body.get("ref", body.get("id")))
    _note("policy.write", ref, outcome)
    return jsonify(ref=ref, outcome=outcome, held=held_codes(context(), ref)), 201 if outcome == "new" else 200


@blueprint.post("/policies/<ref>/publish")
@api_key("policies:write")
def publish_one(ref: str) -> Response:
    """Publish a draft: its author and another person as reviewer. Makes a draft campaign, sends nothing.

    `audience`: the campaign's rule, an object with `min_z`, `top_n` and `floor`, each optional.
    """
    body = read_object()
    only(body, "author", "reviewer", "basis", "audience")
    author, reviewer = take_text(body, "author"), take_text(body, "reviewer")
    basis = take_text(body, "basis") if body.get("basis") is not None else None
    rule = body.get("audience")
    try:
        read_limits({} if rule is None else rule)
        campaign_id = publish(context(), ref, author=author, reviewer=reviewer, basis=basis, audience=rule)
    except RuleError as error:
        raise ApiError(422, error.code, place=error.place, sentence=str(error)) from error
    except PublishError as error:
        status = 404 if error.code == "unknown_policy" else 409
        raise ApiError(status, error.code, place="ref" if status == 404 else "body", sentence=str(error)) from error
    _note("policy.publish", ref, f"campaign:{campaign_id}")
    return jsonify(ref=ref, campaign=campaign_id)


@blueprint.get("/policies")
@api_key("read")
def index() -> Response:
    """Published policies, the newest first: `q`, `topic`, `kind`, `page`, `size`."""
    page = min(max(1, whole_number("page", 1)), 100_000)
    size = min(max(1, whole_number("size", reading.PAGE)), _MOST)
    texts = {name: request.args.get(name, "")[:60] for name in ("q", "topic", "kind")}
    wanted = Filter(words=texts["q"], topic=texts["topic"], kind=texts["kind"])
    with transaction(context().engine) as connection:
        rows, total = reading.policies(connection, wanted, page=page, size=size)
    return jsonify(total=total, page=page, size=size, policies=[_plain(asdict(row)) for row in rows])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, (date, datetime)) else value for name, value in row.items()}


def _note(action: str, ref: str, outcome: str) -> None:
    with transaction(context().engine) as connection:
        record(
            connection,
            at=context().clock(),
            actor=f"key:{g.api_key}",
            action=action,
            object=f"policy:{ref}",
            detail={"outcome": outcome},
        )
