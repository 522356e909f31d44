"""The in-app inbox: rows that the webview reads, written by a callable that is handed in."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from datetime import datetime

from channels.base import (
    AfterUnknown,
    Batch,
    ChannelError,
    Clock,
    InboxLook,
    InboxWrite,
    Known,
    Outcome,
    Receipt,
    all_outcomes,
)


class InboxChannel:
    """Options: `write(messages)` stores messages at once or raises, ignoring keys it holds; `look(keys)` gives the
    keys it holds; `clock`. Both callables may be plain or async."""

    name = "app"
    provider = "inbox"
    after_unknown: AfterUnknown = "repeat"  # a key is written once

    def __init__(
        self, *, write: InboxWrite, clock: Clock, look: InboxLook | None = None, batch_size: int = 500
    ) -> None:
        self.batch_size = batch_size
        self._write = write
        self._look = look
        self._clock = clock

    async def send(self, batch: Batch) -> list[Outcome]:
        """Writes the batch in one call. A failure is unknown: the rows may have been committed before it."""
        if not batch.messages:
            return []
        if self._clock() >= batch.expires_at:
            return all_outcomes(batch, "deferred", "expired")
        try:
            written = self._write(batch.messages)
            if inspect.isawaitable(written):
                await written
        except Exception as exc:  # whatever the store raises is this provider's trouble
            return all_outcomes(batch, "unknown", f"inbox_{type(exc).__name__}")
        return [Outcome("accepted", provider_id=message.key) for message in batch.messages]

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """Accepted or absent, by `look`; empty without one or when it fails."""
        if self._look is None:
            return {}
        try:
            seen = self._look(keys)
            held = set(await seen if inspect.isawaitable(seen) else seen)
        except Exception:  # as in send
            return {}
        proves = proof_after is None or self._clock() > proof_after
        return {key: "accepted" if key in held else "absent" for key in keys if key in held or proves}

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """An inbox calls nobody back. Raises ChannelError "no_receipts"."""
        raise ChannelError("no_receipts", "The inbox sends no receipts.")

    async def close(self) -> None:
        """Nothing is kept open here."""
