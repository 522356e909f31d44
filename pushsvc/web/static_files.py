"""Style sheets, one script and the icons, addressed by their content so that they cache for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort, request

from pushsvc.web.access import public

FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def init_app(app: Flask) -> None:
    """Serve `/static/`; give templates `asset(name)`."""
    app.add_url_rule("/static/<path:name>", "static_file", static_file)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    app.jinja_env.globals["asset"] = asset


@cache
def asset(name: str) -> str:
    """The address of a static file, with the digest of what it holds; a page asks for that of its icons often."""
    return f"/static/{quote(name)}?v={_digest(name)}"


@public("style sheets, script and icons hold nothing of anybody")
def static_file(name: str) -> Response:
    """One file under `static/`; nothing else can be named."""
    if name not in _files():
        abort(404)
    return _served(name)


@public("browsers ask for it unasked")
def favicon() -> Response:
    """The mark in the browser's tab."""
    return _served("mark.svg")


def _served(name: str) -> Response:
    response = Response(_files()[name], mimetype=_TYPES[Path(name).suffix])
    age = 31536000 if request.args.get("v") == _digest(name) else 3600
    response.headers["Cache-Control"] = f"public, max-age={age}"
    response.set_etag(_digest(name))
    response.make_conditional(request)
    return response


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in _TYPES}


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_files()[name]).hexdigest()[:10]
