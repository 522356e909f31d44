"""江澜市, served: the application on a database of its own, with people, firms, offices, policies and letters in it.

Whatever can be done by the service's own verbs is done by them, so that every page shows what it would show.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from pushsvc.context import Context
from tests.apps import open_app
from tests.clock import Clock
from tests.features.chrome import aside, cookies_of
from tests.features.town_errors import add_errors
from tests.features.town_letters import write_letters
from tests.features.town_people import people
from tests.features.town_policies import policies
from tests.features.town_questions import ask_offices
from tests.features.town_work import office_work


@dataclass(frozen=True)
class Town:
    """A served city. `holes`: the numbers, codes and tokens that addresses are made of, by name."""

    ctx: Context
    clock: Clock
    app: Flask
    url: str
    holes: Mapping[str, Any]
    kept: dict[str, list[Any]] = field(default_factory=dict)

    def cookies(self, who: str) -> list[Any]:
        """The cookies of somebody by the name they have in the table of pages, signed in once; of nobody for ""."""
        if who not in self.kept:
            self.kept[who] = self._sign_in(who)
        return self.kept[who]

    def _sign_in(self, who: str) -> list[Any]:
        if who.startswith("op:"):
            return cookies_of(self.app, self.url, operator=who.removeprefix("op:"))
        person, _, acting = who.partition("@")
        signed = {"person": self.holes[person]} if person else {}
        return cookies_of(self.app, self.url, **signed | ({"acting": self.holes[acting]} if acting else {}))

    def relax(self) -> None:
        """Forget what was counted against limits: here the clock stands still, and nothing else would."""
        self.app.extensions["pushsvc.limits"].counts.clear()


class Quiet(WSGIRequestHandler):
    """Answers on kept connections and tells nobody of it."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """The application on a port of its own; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def open_town(ctx: Context, clock: Clock) -> Iterator[Town]:
    """The filled city on an empty database; it is half past nine on 25 June 2026 when it opens."""
    holes: dict[str, Any] = {}
    for fill in (policies, people, write_letters, office_work, ask_offices):
        holes |= aside(partial(fill, ctx, clock, holes))
    app = open_app(ctx)
    add_errors(app)
    with serve(app) as url:
        yield Town(ctx, clock, app, url, holes)
