"""The API's own description, OpenAPI 3.1: kept as a file, with the schema of criteria that also decides them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify

from profiles.criteria import SCHEMA
from pushsvc import __version__
from pushsvc.web.access import public
from pushsvc.web.current import context

blueprint = Blueprint("description", __name__)
_FILE = Path(__file__).with_name("openapi.json")


@blueprint.get("/openapi.json")
@public("says what the API is, holds nothing of anybody")
def openapi() -> Response:
    """The description, with this server's address."""
    described = {**description(), "servers": [{"url": context().settings.public_url.rstrip("/")}]}
    response = jsonify(described)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@cache
def description() -> dict[str, Any]:
    """The description without its servers."""
    read: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    read["info"]["version"] = __version__
    read["components"]["schemas"]["Criteria"] = _criteria()
    return read


def _criteria() -> dict[str, Any]:
    """The criteria's schema, its references made to fit this document."""
    moved = json.dumps(SCHEMA).replace("#/$defs/", "#/components/schemas/Criteria/$defs/")
    return {name: part for name, part in json.loads(moved).items() if name != "$schema"}
