"""A context on the test's database, channels that remember what they were given, and a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.pipeline.deliver import Sender
from pushsvc.settings import Settings
from pushsvc.store.session import Engine
from tests.apps import open_app
from tests.clock import Clock
from tests.web.browser import Browser


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """What a verb is handed."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


@pytest.fixture
def runner() -> Iterator[Callable[..., object]]:
    """One loop for the test."""
    with asyncio.Runner() as loop:
        yield loop.run


@pytest.fixture
def memory(clock: Clock) -> dict[str, MemoryChannel]:
    """One channel of each kind."""
    return {name: MemoryChannel(name, clock=clock, after_unknown="repeat") for name in ("app", "sms", "email")}


@pytest.fixture
def sender(memory: dict[str, MemoryChannel], runner: Callable[..., object]) -> Sender:
    """A worker's outside that stays inside."""
    return Sender(channels=memory, run=runner, worker="test")


@pytest.fixture
def app(ctx: Context) -> Flask:
    """The application."""
    return open_app(ctx)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody not signed in."""
    return Browser(app)
