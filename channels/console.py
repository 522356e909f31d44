"""A channel that prints: one line a message, addresses masked. For a first look without any provider."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TextIO

from channels.base import AfterUnknown, Batch, ChannelError, Clock, Known, Message, Outcome, Receipt, all_outcomes

SHOWN = 60


class ConsoleChannel:
    """Options: `name` (app, sms or email), `stream` (standard output), `clock` (then expired batches are deferred)."""

    provider = "console"
    after_unknown: AfterUnknown = "settle"

    def __init__(self, name: str = "sms", *, stream: TextIO | None = None, clock: Clock | None = None) -> None:
        self.name = name
        self.batch_size = 500
        self._stream = stream if stream is not None else sys.stdout
        self._clock = clock

    async def send(self, batch: Batch) -> list[Outcome]:
        """Prints the batch in one write; a closed stream defers what it did not take."""
        if self._clock is not None and self._clock() >= batch.expires_at:
            return all_outcomes(batch, "deferred", "expired")
        try:
            self._stream.write("".join(self._line(message) for message in batch.messages))
            self._stream.flush()
        except (OSError, ValueError):
            return all_outcomes(batch, "unknown", "console_closed")
        return [Outcome("accepted", provider_id=f"console-{message.key}") for message in batch.messages]

    def _line(self, message: Message) -> str:
        shown = " ".join(f"{message.title} {message.text}".split()) or f"{len(message.raw)} bytes"
        plain = "".join(char if char.isprintable() else "�" for char in shown)  # no terminal codes from a message
        cut = plain if len(plain) <= SHOWN else plain[:SHOWN] + "…"
        to = f"{message.to[:2]}***{message.to[-2:]}" if len(message.to) > 6 else "***"
        return f"{self.name} {message.key} → {to}: {cut}\n"

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """A console remembers nothing."""
        return {}

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """A console calls nobody back. Raises ChannelError "no_receipts"."""
        raise ChannelError("no_receipts", "The console sends no receipts.")

    async def close(self) -> None:
        """The stream stays open: it is not ours."""
