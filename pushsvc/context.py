"""What every pipeline verb is handed: settings, database, keys, clock, Redis. One file puts it together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from profiles.standards.qualifications import adopt
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store.session import Engine, connect

if TYPE_CHECKING:
    from redis import Redis

Clock = Callable[[], datetime]
Nudge = Callable[[str], object]  # tells the workers that something of this name may be due; a lost one costs a second
T = TypeVar("T")


class Kept:
    """What a process keeps from one call to the next, one object of each type; it is made when first asked for."""

    def __init__(self) -> None:
        self._found: dict[type[Any], Any] = {}
        self._lock = threading.Lock()

    def of(self, kind: type[T]) -> T:
        """The one object of this type."""
        with self._lock:
            if kind not in self._found:
                self._found[kind] = kind()
            found: T = self._found[kind]
            return found


@dataclass(frozen=True)
class Context:
    """The outside world as the pipeline sees it; `clock` gives aware UTC moments."""

    settings: Settings
    engine: Engine
    keyring: Keyring
    clock: Clock
    redis: Redis | None = None  # buckets and rate limits; the service goes on without it
    kept: Kept = field(default_factory=Kept)
    nudge: Nudge = lambda name: None


def utc_now() -> datetime:
    """The system clock, aware."""
    return datetime.now(UTC)


def clock_of(settings: Settings) -> Clock:
    """The system clock, ahead by what the settings say."""
    ahead = timedelta(seconds=settings.ahead_seconds)
    return lambda: utc_now() + ahead


def make_context(
    settings: Settings, *, clock: Clock | None = None, pool: int = 4, nudge: Nudge = lambda name: None
) -> Context:
    """A context on the settings' servers. The database URL must be known by now (embedded ones fill it in)."""
    if settings.database_url is None:
        raise ValueError("The database URL is unknown: start the embedded servers first.")
    adopt(settings.qualifications)  # names of certificates are one table a process
    return Context(
        settings=settings,
        engine=connect(settings.database_url, pool=pool),
        keyring=Keyring(settings.data_keys, settings.secret_key),
        clock=clock or clock_of(settings),
        redis=_redis(settings.redis_url),
        nudge=nudge,
    )


def _redis(url: str | None) -> Redis | None:
    if url is None:
        return None
    from redis import Redis

    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
