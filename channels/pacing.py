"""Token buckets: how fast a provider may be called. The rule is a pure function; two keepers hold its state."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rate:
    """`per_second` tokens flow in, up to `burst`; both above 0."""

    per_second: float
    burst: float

    def __post_init__(self) -> None:
        if not (self.per_second > 0 and self.burst > 0):
            raise ValueError("a rate and its burst must be above 0")


@dataclass(frozen=True)
class Level:
    """How many tokens a bucket held at a moment (seconds on a clock that never goes back). Below 0 is a debt."""

    tokens: float
    at: float


def take(level: Level | None, wanted: float, *, now: float, rate: Rate) -> tuple[Level, float]:
    """The level after asking for `wanted` tokens, and the seconds to wait: 0 means that they were taken.

    None is a full bucket. A bucket that holds one token, or is full, gives what is asked for and may go into debt, for
    which those who come next wait: so a batch larger than the burst is slowed, never stuck. A clock that went back
    adds nothing. Below 0 gives tokens back.
    """
    held = rate.burst
    if level is not None:
        held = min(rate.burst, level.tokens + max(0.0, now - level.at) * rate.per_second)
    needed = min(wanted, rate.burst, 1.0)
    if wanted <= 0 or held >= needed:
        return Level(min(rate.burst, held - wanted), now), 0.0
    return Level(held, now), (needed - held) / rate.per_second


def share(rate: Rate, sharers: int) -> Rate:
    """What each of so many may take alone, so that all together keep the rate and its burst."""
    return Rate(rate.per_second / sharers, rate.burst / sharers)


class Pace(Protocol):
    """What a caller asks before it claims work."""

    def take(self, wanted: float) -> float:
        """Seconds to wait before asking again; 0 means that the tokens are taken."""
        ...


class MemoryPace:
    """A bucket of this process. `clock` gives seconds and never goes back, as `time.monotonic` does."""

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._level: Level | None = None

    def take(self, wanted: float) -> float:
        """As Pace says."""
        self._level, wait = take(self._level, wanted, now=self._clock(), rate=self._rate)
        return wait


class RedisClient(Protocol):
    """The one command that is used of a Redis client."""

    def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any:
        """Runs a Lua script."""
        ...


SCRIPT = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local level = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local held = burst
if level[1] and level[2] then
  held = math.min(burst, tonumber(level[1]) + math.max(0, now - tonumber(level[2])) * rate)
end
local needed = math.min(wanted, burst, 1)
local wait = 0
if wanted <= 0 or held >= needed then held = math.min(burst, held - wanted) else wait = (needed - held) / rate end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', held), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - held) / rate * 1000) + 60000)
redis.call('ZADD', KEYS[2], now, ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60)
redis.call('PEXPIRE', KEYS[2], 60000)
return {string.format('%.6f', wait), redis.call('ZCARD', KEYS[2])}
"""
UNSEEN = 4  # workers that are taken to share a bucket while Redis has not yet said how many do
PATIENCE = 5.0  # seconds before a Redis that failed is asked again: each claim would wait for its time-out


class RedisPace:
    """A bucket that all workers share, on Redis's own clock. `worker` is this process's name among them.

    Redis may vanish: then each worker takes its part of the rate alone, by how many took from the bucket in the minute
    before. A lost key is a full bucket: it costs one burst. `clock` as for MemoryPace.
    """

    def __init__(self, client: RedisClient, name: str, *, rate: Rate, worker: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._key = f"pace:{name}"
        self._rate = rate
        self._worker = worker
        self._clock = clock
        self._sharers = UNSEEN
        self._alone: MemoryPace | None = None
        self._again = 0.0  # on the clock: when Redis may be asked again

    def take(self, wanted: float) -> float:
        """As Pace says."""
        if self._alone is not None and self._clock() < self._again:
            return self._alone.take(wanted)
        try:
            given = self._rate.per_second, self._rate.burst, wanted, self._worker
            wait, sharers = self._client.eval(SCRIPT, 2, self._key, f"{self._key}:by", *given)
            self._sharers, self._alone = max(1, int(sharers)), None
            return float(wait)
        except Exception as exc:  # the client is handed in, so are its errors; pacing must never stop the sending
            return self._without(exc).take(wanted)

    def _without(self, exc: Exception) -> MemoryPace:
        """This worker's part, kept for as long as Redis is away."""
        self._again = self._clock() + PATIENCE
        if self._alone is None:  # said once, not at every claim
            log.warning("pace %s: Redis does not answer (%s), pacing alone", self._key, type(exc).__name__)
            self._alone = MemoryPace(share(self._rate, self._sharers), self._clock)
        return self._alone
