"""A context on the test's database."""

from __future__ import annotations

import pytest

from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store.session import Engine
from tests.clock import Clock


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """What a benchmark is handed."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)
