"""PostgreSQL and Valkey for whoever needs them: ours for as long as we run, or those of the command that has them."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pushsvc.embedded import postgres, valkey
from pushsvc.embedded.binaries import postgres_bin, valkey_server
from pushsvc.embedded.errors import EmbeddedError
from pushsvc.embedded.keeper import Keeper, Kept
from pushsvc.embedded.lock import Claim, claim
from pushsvc.embedded.logfile import await_ready, spawn
from pushsvc.embedded.places import Places, find_places, make_folders, remove_sockets
from pushsvc.embedded.user import User, server_user
from pushsvc.settings import Settings


@dataclass(frozen=True)
class Urls:
    """Where the servers are: for SQLAlchemy, for redis-py, for Celery."""

    database_url: str
    redis_url: str
    broker_url: str

    def environ(self) -> dict[str, str]:
        """The same for a child process."""
        names = ("database_url", "redis_url", "broker_url")
        return {f"PUSHSVC_{name.upper()}": getattr(self, name) for name in names}


@contextmanager
def servers(settings: Settings, *, durable: bool = True, service: bool = False) -> Iterator[Urls]:
    """The servers that `settings` name; embedded ones run at least as long as this context.

    A lone command that became their owner stops them only when no other command uses them any more. The service
    itself (`service`) is always their owner and waits for nobody. `durable` False is for tests. Raises EmbeddedError.
    """
    if settings.database_url and settings.redis_url:
        yield _urls(settings, {})
        return
    with claim(settings.var, service=service) as ours:
        if ours.urls is not None:
            yield _urls(settings, ours.urls)
        else:
            yield from _own(settings, ours, durable=durable)


def with_servers(settings: Settings, urls: Urls) -> Settings:
    """The same settings with every URL filled in."""
    return replace(settings, database_url=urls.database_url, redis_url=urls.redis_url, broker_url=urls.broker_url)


def keep_old_data(settings: Settings) -> Path | None:
    """Moves a data directory of another major version aside; its new place, None where there was none."""
    with claim(settings.var) as ours:
        return postgres.keep_aside(find_places(settings.var)) if ours.urls is None else None


def restart_postgres(settings: Settings) -> None:
    """Ends the embedded PostgreSQL at once, as a crash would; its owner starts it again. For fault tests."""
    postgres.stop_now(find_places(settings.var))


def _own(settings: Settings, ours: Claim, *, durable: bool) -> Iterator[Urls]:
    places = find_places(settings.var)
    keeper = Keeper(_prepare(settings, places, durable=durable))
    keeper.start()
    published = _published(settings, places)
    try:
        ours.publish(published)
        yield _urls(settings, published)
    finally:
        try:
            ours.wait_for_guests()
        finally:
            ours.publish({})
            keeper.stop()
            remove_sockets(places)


def _prepare(settings: Settings, places: Places, *, durable: bool) -> list[Kept]:
    make_folders(places)
    wanted: list[Kept] = []
    binaries = [valkey_server()] if settings.database_url else [valkey_server(), postgres_bin() / "postgres"]
    # Without a database of ours the socket folder is all the servers need to reach.
    user = server_user(places.var, places.sockets if settings.database_url else places.data, binaries)
    user.own(places.sockets)
    if not settings.database_url:
        postgres.clear(places)
        postgres.make(places, user)
        wanted.append(_postgres(places, user, durable=durable, buffers_mb=int(settings.buffers_mb)))
    if not settings.redis_url:
        wanted.append(_valkey(places, user))
    return wanted


def _postgres(places: Places, user: User, *, durable: bool, buffers_mb: int) -> Kept:
    path, words = places.logs / "postgres.log", postgres.argv(places, durable=durable, buffers_mb=buffers_mb)
    return Kept(
        name="PostgreSQL",
        spawn=lambda: spawn(user.command(words, death="QUIT"), path),
        clear=lambda: postgres.clear(places),
        ready=lambda process: await_ready(process, lambda: postgres.is_ready(places), path),
        stops=((signal.SIGINT, 5.0), (signal.SIGQUIT, 3.0)),  # fast, then at once
    )


def _valkey(places: Places, user: User) -> Kept:
    path = places.logs / "valkey.log"
    return Kept(
        name="Valkey",
        spawn=lambda: spawn(user.command(valkey.argv(places), death="KILL"), path),
        clear=lambda: valkey.clear(places),
        ready=lambda process: await_ready(process, lambda: valkey.is_ready(places), path),
        stops=((signal.SIGTERM, 3.0),),
    )


def _published(settings: Settings, places: Places) -> dict[str, str]:
    found: dict[str, str] = {}
    if not settings.database_url:
        found["database_url"] = postgres.url(places)
    if not settings.redis_url:
        found["redis_url"], found["broker_url"] = valkey.urls(places)
    return found


def _urls(settings: Settings, published: Mapping[str, str]) -> Urls:
    """Settings first, then what the owner published; a named Redis is the broker as well."""
    database = settings.database_url or published.get("database_url")
    redis = settings.redis_url or published.get("redis_url")
    if not database or not redis:
        raise EmbeddedError(
            "not_served",
            "The running service has its database elsewhere: give this command its PUSHSVC_DATABASE_URL.",
        )
    broker = settings.broker_url or (settings.redis_url or published["broker_url"])
    return Urls(database, redis, broker)
