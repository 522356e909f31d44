"""The access token of a WeChat account: kept by all processes, fetched by one.

A second process that fetches makes the first one's token useless (errcode 40001), so the token stands in a store that
all share, and only who holds the store's lock fetches. `/cgi-bin/stable_token` gives the same token while it lasts,
and a new one in its last five minutes, in which both work (developers.weixin.qq.com, getStableAccessToken).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from channels.base import Clock

EARLY = timedelta(minutes=5)
FORCED_AGAIN = timedelta(hours=2)  # WeChat lets a token be forced 20 times a day
BUSY = "token_busy"


class Token(NamedTuple):
    """A token and the moment (aware) from which it is worth nothing."""

    value: str
    expires_at: datetime


class NoToken(NamedTuple):
    """Why there is no token: the vendor's code, or what went wrong on the way."""

    code: str
    retry_after: float | None = None


class Store(Protocol):
    """Where tokens stand for all processes: a row of a database, a key of Redis. A token is a secret."""

    def get(self, name: str) -> Token | None:
        """The token of this name."""
        ...

    def put(self, name: str, token: Token) -> None:
        """Stores it for everybody."""
        ...

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Entered at once: True if the lock is ours until we leave, False while another process holds it. One that
        died must not hold it for ever."""
        ...


@dataclass
class MemoryStore:
    """A store of one process."""

    tokens: dict[str, Token] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def get(self, name: str) -> Token | None:
        """The token of this name."""
        return self.tokens.get(name)

    def put(self, name: str, token: Token) -> None:
        """Stores it."""
        self.tokens[name] = token

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """True for the first who asks."""
        if name in self.held:
            yield False
            return
        self.held.add(name)
        try:
            yield True
        finally:
            self.held.discard(name)


Fetch = Callable[[bool], Awaitable[Token | NoToken]]  # (force a new one) → what the vendor says


class TokenKeeper:
    """Gives the token of `name`, from the store while it lasts, else fetched by whoever gets the lock first."""

    def __init__(self, name: str, *, store: Store, fetch: Fetch, clock: Clock) -> None:
        self._name = name
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._forced_at: datetime | None = None
        self._asked, self._failure = 0, NoToken("")
        self._turn: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def token(self, failed: str = "") -> str | NoToken:
        """A token that is not `failed`, the one the vendor just refused. NoToken says why there is none now."""
        kept = self._usable(failed, EARLY)
        if kept:
            return kept
        asked = self._asked
        async with self._own_turn():
            if self._asked != asked and self._failure.code:  # who was before us in line asked in vain: once is enough
                return self._failure
            with self._store.lock(self._name) as ours:
                kept = self._usable(failed, EARLY)  # somebody may have been quicker
                if kept:
                    return kept
                if ours:
                    return await self._fetched(failed)
        return self._usable(failed, timedelta()) or NoToken(BUSY, 1.0)

    async def _fetched(self, failed: str) -> str | NoToken:
        found = await self._fetch(False)
        self._asked += 1
        self._failure = found if isinstance(found, NoToken) else NoToken("")
        if isinstance(found, Token) and found.value == failed and self._may_force():
            found = await self._fetch(True)
        if isinstance(found, NoToken):
            return self._usable(failed, timedelta()) or found  # the old one lasts a little
        self._store.put(self._name, found)
        return found.value

    def _usable(self, failed: str, early: timedelta) -> str:
        kept = self._store.get(self._name)
        if kept is None or kept.value == failed or self._clock() >= kept.expires_at - early:
            return ""
        return kept.value

    def _may_force(self) -> bool:
        now = self._clock()
        if self._forced_at is not None and now - self._forced_at < FORCED_AGAIN:
            return False
        self._forced_at = now
        return True

    def _own_turn(self) -> asyncio.Lock:
        """This process's own line; a lock lives on one loop."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = (loop, asyncio.Lock())
        return self._turn[1]
