"""A channel that keeps what it is given: for tests, rehearsals and dry runs. Part of the product."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from channels.base import AfterUnknown, Batch, Clock, Known, Message, Outcome, Receipt
from channels.receipts import read_receipts

Answer = Callable[[Message], Outcome]


class MemoryChannel:
    """Keeps batches in `batches` and accepted messages in `sent`; `answer` may decide another outcome for a message.

    Options: `name` (app, sms or email), `clock` (needed to read signed receipts and to refuse expired batches),
    `key` (signs the receipts), `after_unknown`, `batch_size`.
    """

    provider = "memory"

    def __init__(
        self,
        name: str = "sms",
        *,
        answer: Answer | None = None,
        clock: Clock | None = None,
        key: bytes = b"memory",
        after_unknown: AfterUnknown = "settle",
        batch_size: int = 500,
    ) -> None:
        self.name = name
        self.batch_size = batch_size
        self.after_unknown: AfterUnknown = after_unknown
        self.batches: list[Batch] = []
        self.sent: list[Message] = []
        self.closed = False
        self._answer = answer
        self._clock = clock
        self._key = key

    async def send(self, batch: Batch) -> list[Outcome]:
        """Accepts each message unless `answer` says otherwise; an expired batch is deferred whole."""
        self.batches.append(batch)
        return [self._decide(message, batch.expires_at) for message in batch.messages]

    def _decide(self, message: Message, expires_at: datetime) -> Outcome:
        if self._clock is not None and self._clock() >= expires_at:
            return Outcome("deferred", "expired")
        outcome = self._answer(message) if self._answer else Outcome("accepted", provider_id=f"memory-{message.key}")
        if outcome.status == "accepted":
            self.sent.append(message)
        return outcome

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """Accepted for what was sent; absent for the rest, once `proof_after` has passed."""
        sent = {message.key for message in self.sent}
        absent_proves = proof_after is None or (self._clock is not None and self._clock() > proof_after)
        return {key: "accepted" if key in sent else "absent" for key in keys if key in sent or absent_proves}

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """Reads a signed callback as the gateway adapters do."""
        return read_receipts(self._key, body, headers, self._clock)

    async def close(self) -> None:
        """Remembers that it was closed."""
        self.closed = True
