"""The web application, put together in one place from a context."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from pushsvc.context import Context, make_context
from pushsvc.settings import Settings
from pushsvc.web import (
    acting,
    api,
    callbacks,
    check,
    checkup,
    choosers,
    compression,
    confirming,
    console,
    csrf,
    current,
    demo,
    devices,
    errors,
    facts,
    family,
    faq,
    feed_search,
    firms,
    headers,
    history,
    host,
    i18n,
    inbox,
    inputs,
    library,
    limits,
    links,
    ops,
    own_data,
    phones,
    preferences,
    proxies,
    questions,
    reacting,
    self_check,
    session,
    shell,
    signed_in,
    signin,
    stages,
    static_files,
    subscriber,
    tags,
    tickets,
    wishes,
    words,
)

_PARTS = (inputs, i18n, limits, csrf, compression, headers, errors, words, static_files)
_ROOMS = (
    ops,
    library,
    check,
    links,
    signin,
    confirming,
    tickets,
    host,
    signed_in,
    subscriber,
    reacting,
    acting,
    firms,
    proxies,
    feed_search,
    self_check,
    inbox,
    phones,
    preferences,
    wishes,
    choosers,
    devices,
    tags,
    own_data,
    history,
    facts,
    family,
    stages,
    questions,
    checkup,
    faq,
    shell,
    console,
    api,
    callbacks,
)
_BODY_LIMIT = 1 << 20  # bytes: one policy or one profile, never an import


def create_app(given: Context | Settings) -> Flask:
    """The WSGI application on a context, or on settings whose database URL is known."""
    ctx = given if isinstance(given, Context) else make_context(given)
    app = Flask("pushsvc", static_folder=None)
    app.config.update(_config(ctx.settings))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    current.attach(app, ctx)
    if ctx.settings.proxies:
        believed = ProxyFix(app.wsgi_app, x_for=ctx.settings.proxies, x_proto=0, x_host=0)
        app.wsgi_app = believed  # type: ignore[method-assign]  # Flask's documented way to wrap itself
    for part in _PARTS:
        part.init_app(app)
    for room in _ROOMS:
        app.register_blueprint(room.blueprint)
    if ctx.settings.demo:
        app.register_blueprint(demo.blueprint)
    return app


def _config(settings: Settings) -> dict[str, object]:
    secure = settings.public_url.startswith("https:")
    return {
        "SECRET_KEY": hmac.digest(settings.secret_key, b"session", hashlib.sha256),
        "MAX_CONTENT_LENGTH": _BODY_LIMIT,
        "MAX_FORM_MEMORY_SIZE": _BODY_LIMIT,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=session.COOKIE_DAYS),
        "SESSION_REFRESH_EACH_REQUEST": False,  # sign-ins end by the database; a cookie is signed anew where it changes
        "SESSION_COOKIE_NAME": "__Host-pushsvc" if secure else "pushsvc",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
    }
