"""Who the servers run as, and the command that makes them so and ties their life to ours.

PostgreSQL refuses to run as root. Started by root, the servers drop to another user by `setpriv`. Folders above `var`
may be closed to that user: then the servers keep one capability to pass through, and no folder's mode is touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pushsvc.embedded.errors import EmbeddedError

# setpriv sets the death signal; the shell then makes sure that the parent did not die just before.
_GUARD = '[ "$PPID" = "$0" ] && exec "$@"'
_TRY = 'cd "$1" && : >.probe && rm .probe && "$2" --version'
_CAPABILITIES = ("", "dac_read_search", "dac_override")


@dataclass(frozen=True)
class User:
    """A user of this machine and the words of `setpriv` that lead to it (none: we are that user)."""

    uid: int
    gid: int
    words: tuple[str, ...] = ()

    def command(self, argv: Sequence[str | Path], *, death: str) -> list[str]:
        """`argv` run as this user, signalled with `death` (e.g. "QUIT") when the calling thread ends."""
        guard = ["--pdeathsig", death, "--", "/bin/sh", "-c", _GUARD, str(os.getpid())]
        return [_setpriv(), *self.words, *guard, *map(str, argv)]

    def run(self, argv: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Runs a short command to its end as this user, from `/`."""
        command = self.command(argv, death="KILL")
        env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)

    def own(self, folder: Path) -> None:
        """Makes `folder` (0700) and all in it this user's. Raises EmbeddedError `wrong_owner`."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid == self.uid:
            return
        if os.geteuid() != 0:
            raise EmbeddedError("wrong_owner", f"{folder} belongs to another user; run as that user or as root.")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_user(var: Path, data: Path, binaries: Sequence[Path]) -> User:
    """The user for servers that keep `data` (made when missing) under `var`. Raises EmbeddedError `no_user`."""
    if os.geteuid() != 0:
        user = User(os.geteuid(), os.getegid())
        user.own(data)
        return user
    uid, gid = _target(var, data)
    for capability in _CAPABILITIES:
        user = User(uid, gid, _drop(uid, gid, capability))
        user.own(data)
        if all(user.run(["/bin/sh", "-c", _TRY, "sh", data, path]).returncode == 0 for path in binaries):
            return user
    raise EmbeddedError(
        "no_user",
        f"The servers may not run as root, and user {uid} can reach neither {data} nor {binaries[0]}: "
        "run as an ordinary user, or set PUSHSVC_VAR to a folder that others may pass through.",
    )


def _target(var: Path, data: Path) -> tuple[int, int]:
    for place in (data, var):
        if place.exists() and (owner := place.stat()).st_uid != 0:
            return owner.st_uid, owner.st_gid
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise EmbeddedError("no_user", "The servers may not run as root, and there is no user postgres or nobody here.")


def _drop(uid: int, gid: int, capability: str) -> tuple[str, ...]:
    words = ("--reuid", str(uid), "--regid", str(gid), "--clear-groups")
    # access(2), by which PostgreSQL looks for its own parts, leaves capabilities aside unless the secure bit is set.
    # What the bit keeps over the change of user goes with the next exec: only the ambient capability stays.
    bits = ("--securebits", "+no_setuid_fixup")
    keep = ("--inh-caps", f"-all,+{capability}", "--ambient-caps", f"-all,+{capability}")
    return words + keep + bits if capability else words


def _setpriv() -> str:
    found = shutil.which("setpriv", path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin:/usr/local/bin")
    if not found:
        raise EmbeddedError("no_setpriv", "The program setpriv (of util-linux) is missing; the servers need it.")
    return found
