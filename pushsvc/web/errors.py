"""Errors people and programs can act on: a page in the reader's language, or {code, place, sentence} as JSON."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

log = logging.getLogger(__name__)

_SENTENCES = {
    400: "The request is not well-formed.",
    403: "This is not allowed.",
    404: "There is nothing here.",
    405: "This method is not allowed here.",
    413: "The request is too large.",
    415: "Send JSON with Content-Type: application/json.",
    429: "Too many requests: wait a little.",
    500: "Something went wrong here; it has been logged.",
}


class ApiError(Exception):
    """A refusal with a status, a code, the place in the input, and a sentence."""

    def __init__(self, status: int, code: str, *, place: str = "", sentence: str = "") -> None:
        super().__init__(sentence or code)
        self.status, self.code, self.place = status, code, place
        self.sentence = sentence or _SENTENCES.get(status, code)


def init_app(app: Flask) -> None:
    """Answer every error in the caller's form."""
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


def _api_error(error: ApiError) -> Response:
    said = {"code": error.code, "place": error.place, "sentence": error.sentence}
    response = jsonify({**said, "errors": [said]} if error.status == 422 else said)
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:
        return make_response(error.response)
    if _wants_json():
        answer = _api_error(ApiError(status, error.name.lower().replace(" ", "_")))
    else:
        answer = make_response(render_template("error.html", status=status, reason=_reason(error)), status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _crash(error: Exception) -> Response:
    log.error("%s %s failed", request.method, said_path(request.path), exc_info=error)
    return _http_error(InternalServerError())


def said_path(path: str) -> str:
    """A path as it may stand in a log: what follows a hook's name may be the secret that proves its caller."""
    parts = path.split("/")
    return "/".join([*parts[:3], "…"]) if parts[1:2] == ["hooks"] and len(parts) > 3 else path


def _reason(error: HTTPException) -> str:
    """The short code a view gave to abort(), such as "csrf" or "role"."""
    text = error.description or ""
    return text if text.isidentifier() else ""


def _wants_json() -> bool:
    asked = request.accept_mimetypes.best == "application/json"
    return asked or request.path.startswith(("/api/", "/hooks/")) or request.path.endswith(".json")
