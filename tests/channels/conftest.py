"""A sandbox on loopback in a thread of its own, and one asyncio loop for the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels.sandbox import Sandbox
from tests.channels.threads import in_thread, sandbox_server
from tests.clock import Clock

KEY = b"key of the channel tests"


@pytest.fixture
def key() -> bytes:
    """What signs requests and receipts."""
    return KEY


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the sandbox keeps its journals."""
    return tmp_path / "sandbox"


@pytest.fixture
def sandbox(root: Path, key: bytes, clock: Clock) -> Iterator[Sandbox]:
    """A running sandbox on free ports, on the test's clock."""
    with in_thread(sandbox_server(root, key=key, clock=clock)) as running:
        yield running


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """The one loop of a worker process."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture
def restart(root: Path, key: bytes, clock: Clock) -> Callable[[], object]:
    """Starts another sandbox on the same journals, as a context manager."""
    return lambda: in_thread(sandbox_server(root, key=key, clock=clock))
