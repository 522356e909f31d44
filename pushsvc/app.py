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
    api,
    callbacks,
    check,
    compression,
    console,
    csrf,
    current,
    demo,
    devices,
    errors,
    facts,
    headers,
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
    session,
    signin,
    static_files,
    subscriber,
    tags,
    words,
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
    for part in (inputs, i18n, limits, csrf, compression, headers, errors, words, static_files):
        part.init_app(app)
    for room in (
        ops,
        library,
        check,
        links,
        signin,
        subscriber,
        inbox,
        phones,
        preferences,
        devices,
        tags,
        own_data,
        facts,
        console,
        api,
        callbacks,
    ):
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
        "PERMANENT_SESSION_LIFETIME": timedelta(days=session.PERSON_DAYS),
        "SESSION_COOKIE_NAME": "__Host-pushsvc" if secure else "pushsvc",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
    }
