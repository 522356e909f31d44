"""Where the embedded servers keep their files: all under `var`, sockets elsewhere when the path would be too long."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pushsvc.embedded.errors import EmbeddedError

_LONGEST = 100  # of a socket's whole path; Linux ends at 107
_LONGEST_VAR = 900  # bytes; PostgreSQL ends at 1023, with the names of its own files
_SOCKET = "/.s.PGSQL.5432"  # the longest name we put there
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")  # anything else would need quoting in three URL dialects


@dataclass(frozen=True)
class Places:
    """Paths of one set of embedded servers. `tag` marks its processes' command lines."""

    var: Path
    data: Path
    sockets: Path
    logs: Path
    tag: str

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"


def find_places(var: Path) -> Places:
    """The places for `var` (absolute). Nothing is made yet."""
    tag = "pushsvc-" + hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    roots = [var / "run", Path(tempfile.gettempdir()) / tag, Path("/tmp") / tag]
    sockets = next((root for root in roots if _fits(root)), roots[-1])
    return Places(var=var, data=var / "postgres", sockets=sockets, logs=var / "log", tag=tag)


def make_folders(places: Places) -> None:
    """Makes `var`, its log folder and the socket folder (0700). Raises EmbeddedError."""
    make_var(places.var)
    places.logs.mkdir(exist_ok=True)
    places.sockets.mkdir(mode=0o700, exist_ok=True)
    found = places.sockets.lstat()
    # In a shared temporary folder somebody else may have been there first.
    if not stat.S_ISDIR(found.st_mode) or (places.sockets.parent != places.var and not _ours(found, places)):
        raise EmbeddedError("socket_folder", f"{places.sockets} is another user's; set PUSHSVC_VAR to a short path.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        places.sockets.chmod(0o700)


def remove_sockets(places: Places) -> None:
    """Takes away a socket folder that stands outside `var`, once the servers are gone."""
    if places.sockets.parent != places.var:
        shutil.rmtree(places.sockets, ignore_errors=True)


def make_var(var: Path) -> None:
    """Makes `var`; it must be writable. Raises EmbeddedError `var_too_long` or `var_not_writable`."""
    if len(os.fsencode(var)) > _LONGEST_VAR:
        raise EmbeddedError(
            "var_too_long", f"The path of PUSHSVC_VAR is over {_LONGEST_VAR} bytes: take a shorter one."
        )
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise EmbeddedError("var_not_writable", f"{var} cannot be made: {exc.strerror}; set PUSHSVC_VAR.") from exc
    if not os.access(var, os.W_OK | os.X_OK, effective_ids=True):
        raise EmbeddedError("var_not_writable", f"{var} cannot be written to; set PUSHSVC_VAR or change its owner.")


def _fits(folder: Path) -> bool:
    text = os.fspath(folder)
    return len(text + _SOCKET) <= _LONGEST and bool(_PLAIN.fullmatch(text))


def _ours(found: os.stat_result, places: Places) -> bool:
    owners = {os.geteuid()}
    if os.geteuid() == 0 and places.data.exists():
        owners.add(places.data.stat().st_uid)
    return found.st_uid in owners
