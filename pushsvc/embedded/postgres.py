"""The embedded PostgreSQL: made once, started on a socket of its own, cleared of what a crash left behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
from pathlib import Path

import psycopg

from pushsvc.embedded import processes
from pushsvc.embedded.binaries import postgres_bin, postgres_major
from pushsvc.embedded.errors import EmbeddedError
from pushsvc.embedded.places import Places
from pushsvc.embedded.user import User

NAME = "pushsvc"  # of the database and its user
_SOCKET = ".s.PGSQL.5432"
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    # A parallel worker needs shared memory that containers often lack, and two cores have better things to do.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


def url(places: Places) -> str:
    """The SQLAlchemy URL of the service's database."""
    return f"postgresql+psycopg://{NAME}@/{NAME}?host={places.sockets}"


def version_found(data: Path) -> int | None:
    """The major version that made the data directory; None where there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None


def make(places: Places, user: User) -> None:
    """`initdb` where there is no data yet. A half-made directory is made anew. Raises EmbeddedError."""
    found = version_found(places.data)
    if found not in (None, postgres_major()):
        raise EmbeddedError(
            "wrong_version",
            f"{places.data} was made by PostgreSQL {found}, here runs {postgres_major()}: "
            "`pushsvc upgrade-db` keeps it aside and starts with an empty database.",
        )
    if found and (places.data / "global" / "pg_control").exists():
        return
    draft = places.data.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    user.own(draft)
    words = ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "-U", NAME]
    done = user.run([postgres_bin() / "initdb", "-D", draft, *words])
    if done.returncode:
        raise EmbeddedError("initdb", f"initdb failed: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1]}")
    if places.data.exists():
        shutil.rmtree(places.data)
    draft.rename(places.data)


def keep_aside(places: Places) -> Path | None:
    """Renames data of another major version to `postgres-<major>`; where it stands now, None if there was none."""
    found = version_found(places.data)
    if found in (None, postgres_major()):
        return None
    clear(places)
    aside = next(path for path in _names(places.data.with_name(f"postgres-{found}")) if not path.exists())
    places.data.rename(aside)
    return aside


def argv(places: Places, *, durable: bool, buffers_mb: int = 64) -> list[str | Path]:
    """The command line of the server. `durable` False (tests only) does not wait for the disk."""
    options = {**_OPTIONS, "unix_socket_directories": str(places.sockets), "cluster_name": places.tag}
    # Four times as much is written between two checkpoints: each of them has every page written whole once more.
    options |= {"shared_buffers": f"{buffers_mb}MB", "max_wal_size": f"{max(1024, 4 * buffers_mb)}MB"}
    if not durable:
        options |= {"fsync": "off", "full_page_writes": "off"}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return [postgres_bin() / "postgres", "-D", places.data, *words]


def clear(places: Places) -> None:
    """Ends orphans of an earlier start and removes its lock files. Raises EmbeddedError `orphan`."""
    if not processes.end(lambda words: _is_ours(words, places), first=signal.SIGQUIT, seconds=6):
        raise EmbeddedError("orphan", f"A PostgreSQL of an earlier start still runs on {places.data} and does not end.")
    # The numbers in these may by now be other processes', at which PostgreSQL would refuse to start.
    for path in (places.data / "postmaster.pid", places.sockets / f"{_SOCKET}.lock", places.sockets / _SOCKET):
        path.unlink(missing_ok=True)


def is_ready(places: Places) -> bool:
    """Whether the service's database can be used; makes it when the server just came up for the first time."""
    host = str(places.sockets)
    try:
        psycopg.connect(host=host, user=NAME, dbname=NAME, connect_timeout=5).close()
    except psycopg.OperationalError as exc:
        if re.search(r"database .* does not exist", str(exc)):
            create: list[str | Path] = [postgres_bin() / "createdb", "-h", host, "-U", NAME, NAME]
            User(os.geteuid(), os.getegid()).run(create)
        return False
    return True


def stop_now(places: Places) -> None:
    """Immediate shutdown, as a crash would do it; the owner's keeper starts the server again."""
    for pid in processes.find(lambda words: _is_ours(words, places) and "-D" in words):
        processes.send(pid, signal.SIGQUIT)


def _is_ours(words: tuple[str, ...], places: Places) -> bool:
    # The postmaster names the data directory; its children carry the cluster's name in their title.
    if words[0].startswith("postgres: "):
        return words[0].startswith(f"postgres: {places.tag}: ")
    return words[0].endswith("/postgres") and words[1:3] == ("-D", str(places.data))


def _names(path: Path) -> list[Path]:
    return [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, 1000))]
