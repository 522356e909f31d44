"""The context the running application was made with."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from pushsvc.context import Context

_KEY = "pushsvc"


def attach(app: Flask, ctx: Context) -> None:
    """Hand the application its context, once, in the factory."""
    app.extensions[_KEY] = ctx


def context() -> Context:
    """The context of the application that serves this request."""
    return cast(Context, current_app.extensions[_KEY])
