"""A registry of devices in memory, and vendors that do what they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from channels.base import AfterUnknown, Batch, Channel, Message, Outcome
from channels.fan_out import Pair, Reach
from channels.memory import MemoryChannel

TOOK = Outcome("accepted", "", "vendor-7")
LATER = Outcome("deferred", "busy", retry_after=5.0)
DEAD = Outcome("rejected", "43004")  # of WeChat: no longer following
NO = Outcome("rejected", "47003")
SILENT = Outcome("unknown", "read_timeout")


class Vendor(MemoryChannel):
    """`say(message)` gives what it answers and whether it shows the push; one that drops repeats shows a key once."""

    def __init__(
        self,
        say: Callable[[Message], tuple[Outcome, bool]] = lambda message: (TOOK, True),
        *,
        after_unknown: AfterUnknown = "repeat",
        provider: str = "wechat_mp",
        batch_size: int = 500,
    ) -> None:
        super().__init__("app", after_unknown=after_unknown, batch_size=batch_size)
        self.provider = provider
        self.shown: list[tuple[str, str]] = []
        self._say = say

    async def send(self, batch: Batch) -> list[Outcome]:
        """Answers for each, and keeps what it showed in `shown`, as (key, token)."""
        self.batches.append(batch)
        return [self._one(message) for message in batch.messages]

    def _one(self, message: Message) -> Outcome:
        outcome, shows = self._say(message)
        known = any(key == message.key for key, _ in self.shown)
        if shows and not (known and self.after_unknown == "repeat" and self.provider != "jpush"):
            self.shown.append((message.key, message.to))
        return outcome


@dataclass
class Registry:
    """Devices as (platform, token, number) by recipient; what was dropped and claimed."""

    held: dict[int, list[tuple[str, str, int]]]
    dropped: dict[int, str] = field(default_factory=dict)
    claims: set[Pair] = field(default_factory=set)

    def reach(self, pushers: Mapping[str, Channel]) -> Reach:
        """What the app channel knows of it."""
        return Reach(pushers, self.find, self.drop, claim=self.claim, release=self.release, owners=self.owners)

    def find(self, recipients: Sequence[int]) -> dict[int, list[tuple[str, str, int]]]:
        """The live ones."""
        return {one: [d for d in self.held.get(one, []) if d[2] not in self.dropped] for one in recipients}

    def drop(self, platform: str, dead: Mapping[int, str]) -> None:
        """Ends them, where they are this platform's."""
        mine = {number for some in self.held.values() for where, _, number in some if where == platform}
        self.dropped |= {number: code for number, code in dead.items() if number in mine}

    def claim(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Each once."""
        free = set(pairs) - self.claims
        self.claims |= free
        return free

    def release(self, pairs: Sequence[Pair]) -> None:
        """Gives them back."""
        self.claims -= set(pairs)

    def owners(self, platform: str, tokens: Sequence[str]) -> dict[str, int]:
        """Who has these tokens."""
        mine = {token: n for some in self.held.values() for where, token, n in some if where == platform}
        return {token: mine[token] for token in tokens if token in mine}
