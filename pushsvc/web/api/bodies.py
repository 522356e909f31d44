"""JSON in and out: an object, within limits, or an error that names its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from pushsvc.web.errors import ApiError

_DEPTH = 60  # deeper than any criteria tree we accept


class Refusal(Protocol):
    """One error of a row, whichever reader found it."""

    @property
    def column(self) -> str:
        """Where."""

    @property
    def code(self) -> str:
        """Which."""

    @property
    def sentence(self) -> str:
        """In words."""


def read_object() -> dict[str, Any]:
    """The request's JSON object. Raises ApiError: not_json, not_object, too_deep, bad_text."""
    try:
        body = request.get_json()
    except UnsupportedMediaType as error:
        raise ApiError(415, "not_json", place="Content-Type") from error
    except (BadRequest, RecursionError) as error:
        raise ApiError(400, "not_json", place="body", sentence="The body is not JSON.") from error
    if not isinstance(body, dict):
        raise ApiError(400, "not_object", place="body", sentence="Send one JSON object.")
    for depth, level in enumerate(_levels(body)):
        if depth == _DEPTH:
            raise ApiError(400, "too_deep", place="body", sentence=f"The JSON is nested deeper than {_DEPTH} levels.")
        if not all(map(_storable, level)):
            raise ApiError(422, "bad_text", place="body", sentence="A text holds a character that cannot be stored.")
    return body


def only(body: dict[str, Any], *names: str) -> None:
    """Raises ApiError unknown_field for anything else: a field misspelt is not a field left out."""
    for name in body:
        if name not in names:
            raise ApiError(422, "unknown_field", place=name[:60], sentence=f"Known are {', '.join(names)}.")


def take_text(body: dict[str, Any], name: str) -> str:
    """A text the object must have. Raises ApiError: missing, wrong_type."""
    value = body.get(name)
    if value is None:
        raise ApiError(422, "missing", place=name, sentence=f"{name} is missing.")
    if not isinstance(value, str) or not value.strip() or len(value) > 400:
        raise ApiError(422, "wrong_type", place=name, sentence=f"{name} is a text of 1 to 400 characters.")
    return value.strip()


def refuse(errors: Sequence[Refusal]) -> Response:
    """422 with the first error at the top and all of them below."""
    listed = [{"code": one.code, "place": one.column, "sentence": one.sentence} for one in errors]
    response = jsonify(**listed[0], errors=listed)
    response.status_code = 422
    return response


def _levels(body: object) -> Iterator[list[object]]:
    """The nodes of the JSON, a level at a time; stops below _DEPTH."""
    level = [body]
    for _ in range(_DEPTH + 1):
        yield level
        level = [child for node in level for child in _children(node)]
        if not level:
            return


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return [*node, *node.values()]
    return node if isinstance(node, list) else []


def _storable(node: object) -> bool:
    """Whether PostgreSQL could keep it: no NUL, no half of a surrogate pair."""
    return not isinstance(node, str) or ("\0" not in node and not any("\ud800" <= char <= "\udfff" for char in node))


def whole_number(name: str, otherwise: int, *, digits: int = 9) -> int:
    """A whole number of the address, or `otherwise` where it is not there. Raises ApiError 400 not_a_number."""
    text = request.args.get(name)
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > digits:
        raise ApiError(400, "not_a_number", place=name, sentence=f"{name} is a whole number from 1 on.")
    return int(text)
