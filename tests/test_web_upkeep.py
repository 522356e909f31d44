"""A web process brings the policies in force up to date by itself, and troubles of the database do not end that."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pushsvc import web_upkeep
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.pipeline.in_force import is_kept_up
from pushsvc.settings import Settings
from pushsvc.store.session import Engine, connect
from tests.clock import Clock


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """A context on the test's database."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


class Rounds(threading.Event):
    """Never waits; is set after so many rounds, and remembers how long each would have waited."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.waits = most, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        """The next round."""
        self.waits.append(timeout or 0.0)
        return len(self.waits) > self.most


def test_it_goes_on_after_trouble(ctx: Context) -> None:
    away, stop = replace(ctx, engine=connect("postgresql+psycopg://nobody@/nothing?host=/nowhere")), Rounds(2)
    web_upkeep.keep(away, stop)
    assert stop.waits == [0, web_upkeep.TROUBLE_SECONDS, web_upkeep.TROUBLE_SECONDS]
    stop = Rounds(1)
    web_upkeep.keep(ctx, stop)
    assert stop.waits == [0, web_upkeep.LOOK_SECONDS]


def test_gunicorn_begins_it_for_our_application_alone(monkeypatch: pytest.MonkeyPatch, ctx: Context) -> None:
    begun: list[Context] = []
    monkeypatch.setattr(web_upkeep, "start_upkeep", begun.append)
    web_upkeep.post_worker_init(SimpleNamespace(wsgi=SimpleNamespace(extensions={"pushsvc": ctx})))
    web_upkeep.post_worker_init(SimpleNamespace(wsgi=lambda environ, start: []))
    assert begun == [ctx]


def test_the_procfile_asks_for_it() -> None:
    with open("Procfile", encoding="utf-8") as file:
        (line,) = (line for line in file if line.startswith("web:"))
    assert f"--config python:{web_upkeep.__name__}" in line
    assert "--preload" not in line, "before fork, nothing runs in a thread"


def test_a_thread_keeps_up_until_it_is_stopped(ctx: Context) -> None:
    stop = threading.Event()
    thread = web_upkeep.start_upkeep(ctx, stop)
    until = time.monotonic() + 20
    while not is_kept_up(ctx) and time.monotonic() < until:
        thread.join(0.05)
    stop.set()
    thread.join(20)
    assert is_kept_up(ctx)
    assert not thread.is_alive()
