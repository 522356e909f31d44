"""The embedded Valkey: hints, rate buckets and caches on a socket, nothing on disk."""

from __future__ import annotations

import signal
from pathlib import Path

import redis

from pushsvc.embedded import processes
from pushsvc.embedded.binaries import valkey_server
from pushsvc.embedded.places import Places


def urls(places: Places) -> tuple[str, str]:
    """The URL for redis-py and the one for Celery, which spells a socket differently."""
    return f"unix://{places.valkey_socket}?db=0", f"redis+socket://{places.valkey_socket}?virtual_host=1"


def argv(places: Places) -> list[str | Path]:
    """The command line of the server."""
    memory: list[str | Path] = ["--maxmemory", "128mb", "--maxmemory-policy", "noeviction"]
    quiet = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--databases", "64", "--dir", "/"]
    socket: list[str | Path] = ["--port", "0", "--unixsocket", places.valkey_socket, "--unixsocketperm", "700"]
    return [valkey_server(), *socket, *memory, *quiet]


def clear(places: Places) -> None:
    """Ends orphans of an earlier start and removes their socket."""
    processes.end(lambda words: _is_ours(words, places), first=signal.SIGKILL, seconds=2)
    places.valkey_socket.unlink(missing_ok=True)


def is_ready(places: Places) -> bool:
    """Whether it answers."""
    client = redis.Redis(unix_socket_path=str(places.valkey_socket), socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _is_ours(words: tuple[str, ...], places: Places) -> bool:
    return "valkey-server" in words[0] and any(str(places.valkey_socket) in word for word in words)
