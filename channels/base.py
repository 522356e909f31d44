"""The channel contract: what crosses it is frozen, and a provider's trouble is an outcome, never an exception."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

Status = Literal["accepted", "deferred", "rejected", "unknown"]
ReceiptStatus = Literal["delivered", "bounced", "complained", "rejected"]
Known = Literal["accepted", "delivered", "rejected", "absent"]
AfterUnknown = Literal["repeat", "accept_duplicate", "settle"]
Clock = Callable[[], datetime]  # always aware


class ChannelError(Exception):
    """A call that cannot be answered: a forged receipt, a wrong option. `code` is stable, `sentence` is for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Message(NamedTuple):
    """One message to one recipient. `key` is the wire key; `raw` is a complete RFC 5322 message (email only)."""

    key: str
    to: str
    text: str = ""
    title: str = ""
    raw: bytes = b""
    recipient: int = 0
    meta: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Batch:
    """One attempt: members that never change, under one key. Nothing of it may leave after `expires_at` (aware)."""

    key: str
    messages: tuple[Message, ...]
    expires_at: datetime


class Outcome(NamedTuple):
    """What the provider said at once about one message. `retry_after` is in seconds."""

    status: Status
    code: str = ""
    provider_id: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class Receipt:
    """What the provider said later about one message; `raw` is its own words."""

    key: str
    status: ReceiptStatus
    code: str
    raw: dict[str, Any]


class Channel(Protocol):
    """An adapter to one vendor behind one channel. Connections belong to the asyncio loop of the first `send`."""

    name: str
    provider: str
    batch_size: int
    after_unknown: AfterUnknown

    async def send(self, batch: Batch) -> list[Outcome]:
        """One outcome for each message, in order. Never raises for trouble on the provider's side."""
        ...

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """What the provider knows of these keys; empty if it cannot say or cannot be reached.

        "absent" is left out while the provider's clock stands at or before `proof_after` (the attempt's expiry):
        until then the request may still be on its way, and its absence proves nothing.
        """
        ...

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """The receipts in a callback. Raises ChannelError "bad_signature", "bad_receipt" or "no_receipts"."""
        ...

    async def close(self) -> None:
        """Gives the connections back; the channel may be used again and opens new ones."""
        ...


InboxWrite = Callable[[Sequence[Message]], Awaitable[None] | None]
InboxLook = Callable[[Sequence[str]], "Awaitable[Sequence[str]] | Sequence[str]"]


def all_outcomes(batch: Batch, status: Status, code: str, *, retry_after: float | None = None) -> list[Outcome]:
    """The same outcome for every message of the batch."""
    return [Outcome(status, code, retry_after=retry_after)] * len(batch.messages)
