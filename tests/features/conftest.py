"""A service without its processes: the real database, the steps called by hand."""

from __future__ import annotations

import pytest

from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store.session import Engine
from tests.clock import Clock


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """What a verb is handed."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)
