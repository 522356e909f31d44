"""A host app at its own end, over HTTP: tickets that it gave out, exchanged once for who its user is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from channels.base import ChannelError
from channels.signing import verify
from tests.clock import Clock

KEY = b"shared-key-of-the-host"


@dataclass
class Host:
    """Its tickets by name; what it was asked; `raw` stands for any answer where it is set."""

    url: str
    clock: Clock
    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    raw: tuple[int, bytes] | None = None

    def answer(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """What it says to a question."""
        try:
            verify(KEY, body, headers, self.clock())
        except ChannelError:
            return 403, b"{}"
        ticket = json.loads(body)["ticket"]
        self.asked.append(ticket)
        if self.raw is not None:
            return self.raw
        found = self.tickets.pop(ticket, None)
        return (404, b"{}") if found is None else (200, json.dumps(found, ensure_ascii=False).encode())


@contextmanager
def serve_host(clock: Clock) -> Iterator[Host]:
    """A host on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, said = host.answer(body, dict(self.headers))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = Host(f"http://127.0.0.1:{server.server_port}", clock)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
