"""A push service that does nothing but count: `python -m benchmarks.web_push_sink FOLDER`, a process of its own.

It answers 201 to each POST under `/wp/` and counts by Topic; `/forget` and `/count` are those of `benchmarks.sinks`.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.sinks import Counted, Sink, Talk, counting_sink, serve

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TOPIC = re.compile(rb"topic: *([\w-]+)", re.IGNORECASE)
_TAKEN = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /wp-message/1\r\n\r\n"
_SAID = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_PUSH = b"POST /wp/"


class PushTalk(Talk):
    """One connection of a push service."""

    def data_received(self, data: bytes) -> None:
        """Answers each request that has come whole."""
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._waiting[:end])
            told = _LENGTH.search(head)
            whole = end + 4 + (int(told[1]) if told else 0)
            if len(self._waiting) < whole:
                return
            del self._waiting[:whole]
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(_PUSH):
            found = _TOPIC.search(head)
            self._counted.keys["wp"].add(found[1] if found else b"")
            self._counted.total["wp"] += 1
            return _TAKEN
        said = self._counted.answer(head.split(b" ", 2)[1].decode(), b"")
        return _SAID % len(said) + said


def push_sink(folder: Path) -> AbstractContextManager[Sink]:
    """A sink on loopback for as long as the block runs."""
    return counting_sink(folder, module="benchmarks.web_push_sink")


def main() -> None:
    """Serves until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(serve(Counted(parser.parse_args().folder), PushTalk))


if __name__ == "__main__":
    main()
