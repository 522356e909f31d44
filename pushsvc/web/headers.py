"""What a browser is told to refuse: nothing inline, nothing from elsewhere, no framing, no referrer, no stale copy."""

from __future__ import annotations

from flask import Flask, Response, request

from pushsvc.web.current import context

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; worker-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_TOKEN_PATHS = (
    "/u/",
    "/m/enter/",
    "/m/ticket/",
    "/m/host",
    "/m/oidc",
)  # the address itself is a proof: it goes nowhere


def init_app(app: Flask) -> None:
    """Put the headers on every answer, errors included."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(_TOKEN_PATHS):
        response.headers["Referrer-Policy"] = "no-referrer"
    if context().settings.public_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
