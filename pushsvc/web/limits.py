"""Rate limits: counted in Redis, so that all web processes share them; counted here while Redis is away."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field

from flask import Flask, current_app
from redis.exceptions import RedisError

from pushsvc.web.current import context

_AWAY_SECONDS = 5.0  # after a failure Redis is left alone this long: a limit must not slow a page
_LOCAL_KEYS = 10_000
_KEY = "pushsvc.limits"


@dataclass(frozen=True)
class Limit:
    """At most `times` within each window of `seconds`."""

    name: str
    times: int
    seconds: int


@dataclass
class _Local:
    """Counts of this process alone, with the moment Redis may be asked again."""

    counts: dict[str, int] = field(default_factory=dict)
    away_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


def init_app(app: Flask) -> None:
    """Give the application its own counts, for when Redis is away."""
    app.extensions[_KEY] = _Local()


def allow(limit: Limit, who: str) -> bool:
    """Count one use by `who`; False once the window is full. Never raises for Redis."""
    ctx = context()
    now = ctx.clock().timestamp()
    window = int(now // limit.seconds)
    digest = hashlib.blake2b(who.encode(), key=ctx.keyring.secret[:64], digest_size=12).hexdigest()
    key = f"limit:{limit.name}:{window}:{digest}"
    local: _Local = current_app.extensions[_KEY]
    count = _shared(local, key, seconds=limit.seconds, now=now)
    return (_counted_here(local, key) if count is None else count) <= limit.times


def _shared(local: _Local, key: str, *, seconds: int, now: float) -> int | None:
    redis = context().redis
    if redis is None or now < local.away_until:
        return None
    try:
        with redis.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, seconds)
            return int(pipe.execute()[0])
    except (RedisError, OSError):
        local.away_until = now + _AWAY_SECONDS
        return None


def _counted_here(local: _Local, key: str) -> int:
    with local.lock:
        if len(local.counts) >= _LOCAL_KEYS:
            for old in list(local.counts)[: _LOCAL_KEYS // 2]:
                del local.counts[old]
        local.counts[key] = local.counts.get(key, 0) + 1
        return local.counts[key]
