"""The channel contract: what crosses it is frozen, and a provider's trouble is an outcome, never an exception."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

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
    """What the provider said later about one message; `raw` is its own words, without the address.

    A vendor that never saw the wire key leaves `key` empty and names the message by `batch` (the attempt's key) and
    `to` (the address as it was sent); one whose callbacks name no attempt either, by `provider_id`, the id of its
    outcome. `soft`: a bounce that may pass, which counts and does not end the address.
    """

    key: str
    status: ReceiptStatus
    code: str
    raw: dict[str, Any]
    batch: str = ""
    to: str = ""
    soft: bool = False
    provider_id: str = ""


class Reply(NamedTuple):
    """What a person answered to an SMS. `id` is the vendor's own, so that the same reply twice is one."""

    to: str
    text: str
    id: str = ""


class Asked(NamedTuple):
    """A message whose fate is asked of its vendor: what was sent where, in which attempt, and when (aware)."""

    key: str
    to: str
    batch: str
    sent_at: datetime
    provider_id: str = ""


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


@runtime_checkable
class Asks(Protocol):
    """A channel whose vendor never saw the wire keys: it is asked by address and attempt, and answers in receipts."""

    async def ask(self, members: Sequence[Asked]) -> list[Receipt]:
        """What is known of these messages now; one that nothing is known of is left out. Never raises."""
        ...


@runtime_checkable
class Listens(Protocol):
    """A channel on which people can answer."""

    def replies(self, body: bytes, headers: Mapping[str, str]) -> list[Reply]:
        """The replies in a callback. Raises ChannelError "bad_signature" or "bad_reply"."""
        ...


InboxWrite = Callable[[Sequence[Message]], Awaitable[None] | None]
InboxLook = Callable[[Sequence[str]], "Awaitable[Sequence[str]] | Sequence[str]"]


def all_outcomes(batch: Batch, status: Status, code: str, *, retry_after: float | None = None) -> list[Outcome]:
    """The same outcome for every message of the batch."""
    return [Outcome(status, code, retry_after=retry_after)] * len(batch.messages)
