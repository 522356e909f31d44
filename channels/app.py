"""The app channel: the inbox row first, then a push to the device that points at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from channels.base import AfterUnknown, Batch, Clock, InboxLook, InboxWrite, Known, Message, Outcome, Receipt
from channels.inbox import InboxChannel
from channels.push.http import HttpPush

INBOX_ONLY = "inbox_only"


class AppChannel:
    """Options: those of the inbox (`write`, `look`) and of the push gateway (`url`, `key`, `clock`, `timeout`).

    A push never leaves before its inbox row stands. A message without a device token in `to` ends in the inbox:
    accepted, with the code `inbox_only`.
    """

    name = "app"
    provider = "app"
    after_unknown: AfterUnknown = "repeat"  # both halves drop a key they hold

    def __init__(
        self,
        url: str,
        *,
        write: InboxWrite,
        key: bytes,
        clock: Clock,
        look: InboxLook | None = None,
        timeout: float = 20.0,
    ) -> None:
        self.batch_size = 500
        self._inbox = InboxChannel(write=write, look=look, clock=clock)
        self._push = HttpPush(url, key=key, clock=clock, timeout=timeout)

    async def send(self, batch: Batch) -> list[Outcome]:
        """Inbox, then push; where there is a device, the push gateway's answer is the outcome."""
        written = await self._inbox.send(batch)
        pushed = [message for message, done in zip(batch.messages, written, strict=True) if _has_device(message, done)]
        answers = iter(await self._push.send(replace(batch, messages=tuple(pushed))))
        return [
            next(answers) if _has_device(message, done) else _without_device(done)
            for message, done in zip(batch.messages, written, strict=True)
        ]

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """What the push gateway knows. A key that only the inbox holds is absent: writing it again does nothing."""
        return await self._push.query(keys, proof_after=proof_after)

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """The push gateway's receipts. Raises ChannelError."""
        return self._push.receipts(body, headers)

    async def close(self) -> None:
        """Closes the push connections."""
        await self._push.close()


def _has_device(message: Message, written: Outcome) -> bool:
    return bool(message.to) and written.status == "accepted"


def _without_device(written: Outcome) -> Outcome:
    return written._replace(code=INBOX_ONLY) if written.status == "accepted" else written
