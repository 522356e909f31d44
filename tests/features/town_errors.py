"""Addresses of the served city that answer with each error page; they are no part of the service."""

from __future__ import annotations

from flask import Flask, abort

PREFIX = "/m/-/error/"
STATUSES = (400, 403, 404, 405, 410, 413, 429, 500)
REASONS = {"csrf": 403, "role": 403, "proxy": 403, "scope": 403}  # the codes that views give to abort()


def add_errors(app: Flask) -> None:
    """Serve every error page at an address of its own."""

    def fail(what: str) -> str:
        if what in REASONS:
            abort(REASONS[what], what)
        abort(int(what))

    fail.guard = "public: of the tests"  # type: ignore[attr-defined]  # the mark of every view
    app.add_url_rule(f"{PREFIX}<what>", "tests.error", fail)
