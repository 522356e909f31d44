"""The app channel: the inbox row first, then a push to each device that points at it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from channels.base import AfterUnknown, Batch, Clock, InboxWrite, Known, Message, Outcome, Receipt
from channels.fan_out import INBOX_ONLY, Push, Reach, Said, fate, pushes, read_receipts, spread
from channels.inbox import InboxChannel
from channels.push.http import HttpPush

__all__ = ["GATEWAY", "INBOX_ONLY", "AppChannel"]
GATEWAY = "gateway"  # the platform of devices that are registered and pushed to by the push gateway


class AppChannel:
    """Options: `write` stores inbox rows; `url`, `key`, `clock`, `timeout` are those of the push gateway; `reach` leads
    to registered devices, beside the one whose token stands in a message's `to`.

    A push never leaves before its inbox row stands. Of several devices' answers one outcome is made by
    `channels.fan_out.fate`; a message without any device ends in the inbox: accepted, with the code `inbox_only`.
    A repeat is safe: the inbox and the gateway drop a key they hold, and no registered device is pushed to twice.
    """

    name = "app"
    provider = "app"
    after_unknown: AfterUnknown = "repeat"

    def __init__(
        self,
        url: str,
        *,
        write: InboxWrite,
        key: bytes,
        clock: Clock,
        reach: Reach | None = None,
        timeout: float = 20.0,
    ) -> None:
        self.batch_size = 500
        self._inbox = InboxChannel(write=write, clock=clock)
        self._push = HttpPush(url, key=key, clock=clock, timeout=timeout)
        self._reach = reach and replace(reach, pushers={**reach.pushers, GATEWAY: self._push})

    @property
    def platforms(self) -> Collection[str]:
        """Where registered devices are reached; empty where the registry is not asked."""
        return self._reach.pushers.keys() if self._reach is not None else ()

    async def send(self, batch: Batch) -> list[Outcome]:
        """Inbox, then push. Where the registry cannot be asked, nothing is pushed, and all is deferred."""
        written = await self._inbox.send(batch)
        standing = [(n, batch.messages[n]) for n, done in enumerate(written) if done.status == "accepted"]
        try:
            wanted = pushes(self._reach, standing) if self._reach is not None else []
        except Exception as exc:  # whatever the registry raises is this provider's trouble
            put_off = Outcome("deferred", f"devices_{type(exc).__name__}")
            return [put_off if done.status == "accepted" else done for done in written]
        own, said = await asyncio.gather(self._gateway(batch, standing), self._registered(batch, wanted))
        return [
            done if done.status != "accepted" else fate(own.get(n), said.get(n, ())) for n, done in enumerate(written)
        ]

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """What the push gateway knows. A key that it never had is absent though a registered device may have got it:
        writing the row again does nothing, and pushing again leaves that device out."""
        return await self._push.query(keys, proof_after=proof_after)

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """The push gateway's receipts. Raises ChannelError."""
        found = self._push.receipts(body, headers)
        return found if self._reach is None else read_receipts(self._reach, GATEWAY, self._push, found)

    async def close(self) -> None:
        """Closes the connections to the gateway and to the vendors."""
        pushers = self._reach.pushers.values() if self._reach is not None else (self._push,)
        for pusher in pushers:
            await pusher.close()

    async def _gateway(self, batch: Batch, standing: Sequence[tuple[int, Message]]) -> dict[int, Outcome]:
        """What the gateway says of the devices imported with the profiles, by place."""
        own = [(n, message) for n, message in standing if message.to]
        answers = await self._push.send(replace(batch, messages=tuple(message for _, message in own)))
        return {n: answer for (n, _), answer in zip(own, answers, strict=True)}

    async def _registered(self, batch: Batch, wanted: Sequence[Push]) -> Mapping[int, Sequence[Said]]:
        return await spread(self._reach, batch, wanted) if self._reach is not None and wanted else {}
