"""Every form that changes something carries a token that stands in the reader's signed session.

Pages show it under a mask of their own, so that compressed lengths tell nothing of it (BREACH, CVE-2013-3587).
A view where another proof stands in for it (a signature, a bearer key) says so with `@csrf_exempt(reason)`.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request, session
from markupsafe import Markup

from pushsvc.web.current import context

View = TypeVar("View", bound=Callable[..., object])
_FIELD = "csrf_token"
MEANT = "meant_for"  # the profile that was acted for when the page was shown; the guards compare
_BYTES = 24
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
    """This session's token under this page's mask; the token is made on first use."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(_BYTES)
    if "csrf_mask" not in g:
        g.csrf_mask = secrets.token_bytes(_BYTES)
    return urlsafe_b64encode(g.csrf_mask + _xor(g.csrf_mask, _held())).decode()


def hidden_field() -> Markup:
    """What a form carries: the token, and for whom the page was shown."""
    if "csrf_field" not in g:  # a page has it in each of its forms
        field = Markup('<input type="hidden" name="{}" value="{}">')
        person = g.get("person")
        g.csrf_field = field.format(_FIELD, token()) + (field.format(MEANT, person.profile_id) if person else "")
    return Markup(g.csrf_field)


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
    if not hmac.compare_digest(_unmasked(request.form.get(_FIELD, "")), _held() or secrets.token_bytes(_BYTES)):
        abort(403, "csrf")


def _held() -> bytes:
    """The session's token; nothing where there is none, or none of ours."""
    return _decoded(str(session.get("csrf", "")), _BYTES)


def _unmasked(given: str) -> bytes:
    both = _decoded(given, 2 * _BYTES)
    return _xor(both[:_BYTES], both[_BYTES:])


def _decoded(text: str, size: int) -> bytes:
    try:
        found = urlsafe_b64decode(text.encode())
    except ValueError:
        return b""
    return found if len(found) == size else b""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))
