"""Every form that changes something carries a token that stands in the reader's signed session.

A view where another proof stands in for it (a signature, a bearer key) says so with `@csrf_exempt(reason)`.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request, session
from markupsafe import Markup

from pushsvc.web.current import context

View = TypeVar("View", bound=Callable[..., object])
_FIELD = "csrf_token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Check each changing request; give templates `csrf()`, the hidden field."""
    app.before_request(_check)
    app.jinja_env.globals["csrf"] = hidden_field


def csrf_exempt(reason: str) -> Callable[[View], View]:
    """Mark a view that proves the caller's will in another way; `reason` says which."""

    def mark(view: View) -> View:
        view.csrf_exempt = reason  # type: ignore[attr-defined]  # a mark on the function, read in _check
        return view

    return mark


def token() -> str:
    """This session's token, made on first use."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def hidden_field() -> Markup:
    """The field a form carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(_FIELD, token())


def _is_ours(origin: str) -> bool:
    """Whether a page of ours sent the form: a proxy may have put another Host in the place of the public one."""
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return host in (request.host, urlsplit(context().settings.public_url).netloc)


def _check() -> None:
    if request.method in _SAFE or request.endpoint is None:
        return
    if getattr(current_app.view_functions[request.endpoint], "csrf_exempt", None):
        return
    origin = request.headers.get("Origin")
    if origin and origin != "null" and not _is_ours(origin):
        abort(403, "csrf")
    given, held = request.form.get(_FIELD, ""), str(session.get("csrf", ""))
    if not held or not hmac.compare_digest(given.encode(), held.encode()):
        abort(403, "csrf")
