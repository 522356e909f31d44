"""A context on the test's database, and a sender whose channels remember what they were given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.pipeline.deliver import Sender
from pushsvc.settings import Settings
from pushsvc.store.session import Engine
from tests.clock import Clock


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
    """One channel of each kind, with the promises of the real ones."""
    return {
        "app": MemoryChannel("app", clock=clock, after_unknown="repeat"),
        "sms": MemoryChannel("sms", clock=clock, after_unknown="settle"),
        "email": MemoryChannel("email", clock=clock, after_unknown="accept_duplicate"),
    }


@pytest.fixture
def sender(memory: dict[str, MemoryChannel], runner: Callable[..., object]) -> Sender:
    """A worker's outside that stays inside."""
    return Sender(channels=memory, run=runner, worker="test")
