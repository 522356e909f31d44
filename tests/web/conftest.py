"""The application on the test's database, and browsers (clients) that fill in forms as people do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store.session import Engine
from tests.apps import open_app
from tests.clock import Clock
from tests.web.browser import Browser


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """A context without Redis: limits are counted by the application itself."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


@pytest.fixture
def app(ctx: Context) -> Flask:
    """The application."""
    return open_app(ctx)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody not signed in."""
    return Browser(app)


@pytest.fixture
def make_app(ctx: Context) -> Callable[..., Flask]:
    """An application with other settings."""

    def make(**changes: object) -> Flask:
        return open_app(replace(ctx, settings=replace(ctx.settings, **changes)))  # type: ignore[arg-type]

    return make
