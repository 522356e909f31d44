"""Where vendors' access tokens stand for all processes: in Redis, as ciphertext; in memory while Redis is away."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from channels.signers.token import MemoryStore, Token
from pushsvc.context import Clock
from pushsvc.keyring import Keyring

if TYPE_CHECKING:
    from redis import Redis

LOCK_SECONDS = 60  # longer than a request for a token; who died holding it holds it no longer
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisTokens:
    """A `Store` of `channels.signers.token`. A lost Redis costs each process a request of its own: the vendor gives all
    of them the same token while it lasts."""

    def __init__(self, redis: Redis, keyring: Keyring, clock: Clock) -> None:
        self._redis = redis
        self._keyring = keyring
        self._clock = clock
        self._own = MemoryStore()

    def get(self, name: str) -> Token | None:
        """The token of this name."""
        try:
            kept = self._redis.get(_key(name))
        except (RedisError, OSError):
            return self._own.get(name)
        return self._opened(name, kept) if isinstance(kept, bytes) else self._own.get(name)

    def put(self, name: str, token: Token) -> None:
        """Stores it for everybody, for as long as it lasts."""
        self._own.put(name, token)
        seconds = int((token.expires_at - self._clock()).total_seconds())
        text = json.dumps([token.value, token.expires_at.isoformat()])
        try:
            self._redis.set(_key(name), self._keyring.encrypt(text, _key(name)), ex=max(seconds, 1))
        except (RedisError, OSError):
            return

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """True for whoever asked first, of all processes; without Redis, of this one."""
        return self._locked(name)

    @contextmanager
    def _locked(self, name: str) -> Iterator[bool]:
        mine, key = secrets.token_hex(8), f"{_key(name)}:lock"
        try:
            ours = bool(self._redis.set(key, mine, nx=True, ex=LOCK_SECONDS))
        except (RedisError, OSError):
            with self._own.lock(name) as alone:
                yield alone
            return
        try:
            yield ours
        finally:
            if ours:
                self._unlock(key, mine)

    def _unlock(self, key: str, mine: str) -> None:
        try:
            self._redis.eval(_UNLOCK, 1, key, mine)
        except (RedisError, OSError):
            return

    def _opened(self, name: str, kept: bytes) -> Token | None:
        """The token that Redis held; None for what is none of ours: then it is fetched anew."""
        try:
            value, until = json.loads(self._keyring.decrypt(kept, _key(name)))
            return Token(str(value), datetime.fromisoformat(until))
        except (ValueError, TypeError):
            return None


def _key(name: str) -> str:
    return f"token:{name}"
