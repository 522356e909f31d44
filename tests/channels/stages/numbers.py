"""Numbers for keys, where keys do not travel."""

from __future__ import annotations

from pathlib import Path

from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows


class Numbers:
    """A mainland number for each key, and the keys behind what a sandbox's journal knows by hash."""

    def __init__(self, sandbox: Sandbox, root: Path) -> None:
        self._sandbox = sandbox
        self._root = root
        self._numbers: dict[str, str] = {}

    def of(self, key: str) -> str:
        """The number of a key."""
        return self._numbers.setdefault(key, f"+86138{len(self._numbers):08d}")

    def arrived(self) -> list[str]:
        """The keys whose numbers were sent to, in order."""
        keys = {self._sandbox.gateway.hash(number): key for key, number in self._numbers.items()}
        return [keys[row["to"]] for row in rows(journal_path(self._root, "sms"))]
