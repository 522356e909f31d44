"""A gateway that does nothing but count by key: `python -m benchmarks.sinks FOLDER`, a process of its own.

It speaks the protocol of `channels.gateway` and accepts every message. The sandbox's gateway also checks signatures,
draws faults and writes a journal, which on two cores would be measured with the service; this one leaves room.
Control: POST /keep stores the bodies that follow in FOLDER, POST /forget ends that and counts from 0, GET /count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_KEY = re.compile(rb'"key":"([0-9a-f]{32})"')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@dataclass
class Counted:
    """What arrived, by the first step of the path (sms, push)."""

    folder: Path
    keys: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    total: Counter[str] = field(default_factory=Counter)
    keeping: bool = False
    kept: int = 0

    def answer(self, path: str, body: bytes) -> bytes:
        """The body of the answer to one request."""
        verb, _, rest = path.strip("/").partition("/")
        if rest == "send":
            return self._take(verb, body)
        if verb in ("keep", "forget"):
            self.keeping = verb == "keep"
            if verb == "forget":
                self.keys.clear()
                self.total.clear()
        found = {name: {"distinct": len(keys), "total": self.total[name]} for name, keys in self.keys.items()}
        return json.dumps(found).encode()

    def took(self, name: str, path: str, body: bytes, found: list[bytes]) -> None:
        """Counts these keys under a name; keeps the request where it is asked to."""
        self.keys[name].update(found)
        self.total[name] += len(found)
        if self.keeping:
            self.kept += 1
            (self.folder / f"{self.kept:07d}").write_bytes(path.encode() + b"\n" + body)

    def _take(self, verb: str, body: bytes) -> bytes:
        found = _KEY.findall(body)
        self.took(verb, f"/{verb}/send", body, found)
        return b'{"results":[%s]}' % b",".join(
            b'{"key":"%b","status":"accepted","id":"%b"}' % (key, key) for key in found
        )


class Talk(asyncio.Protocol):
    """One connection: as much of HTTP/1.1 as our own clients speak."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._waiting = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each request that has come whole."""
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._waiting[:end])
            told = _LENGTH.search(head)
            whole = end + 4 + (int(told[1]) if told else 0)
            if len(self._waiting) < whole:
                return
            body = bytes(self._waiting[end + 4 : whole])
            del self._waiting[:whole]
            answer = self._counted.answer(head.split(b" ", 2)[1].decode(), body)
            self._transport.write(_ANSWER % len(answer) + answer)


@dataclass(frozen=True)
class Sink:
    """A running sink as the benchmark sees it."""

    url: str
    pid: int
    folder: Path

    def ask(self, path: str) -> dict[str, dict[str, int]]:
        """GET /count, or POST /keep or /forget."""
        with urllib.request.urlopen(self.url + path, data=None if path == "/count" else b"") as answer:
            found: dict[str, dict[str, int]] = json.load(answer)
            return found

    def arrived(self) -> tuple[int, int]:
        """Distinct keys, and messages."""
        found = self.ask("/count").values()
        return sum(one["distinct"] for one in found), sum(one["total"] for one in found)

    def bodies(self) -> list[tuple[str, bytes]]:
        """The path and the body of each request that was kept, in the order in which they came."""
        kept = [file.read_bytes().partition(b"\n") for file in sorted(self.folder.iterdir())]
        return [(path.decode(), body) for path, _, body in kept]


@contextmanager
def counting_sink(folder: Path, vendor: str = "", module: str = "") -> Iterator[Sink]:
    """A sink on loopback for as long as the block runs; `vendor`: one of `benchmarks.vendor_sinks`; `module`: that of
    another sink."""
    folder.mkdir(parents=True, exist_ok=True)
    named = module or f"benchmarks.{'vendor_' * bool(vendor)}sinks"
    command = [sys.executable, "-m", named, str(folder), *([vendor] if vendor else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield Sink(process.stdout.readline().decode().strip(), process.pid, folder)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def serve(counted: Counted, talk: type[Talk] = Talk) -> None:
    """Counts on a free port of loopback, which it prints as a URL, until it is killed."""
    server = await asyncio.get_running_loop().create_server(lambda: talk(counted), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """Serves until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    told: Any = parser.parse_args()
    asyncio.run(serve(Counted(told.folder)))


if __name__ == "__main__":
    main()
