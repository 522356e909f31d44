"""What a vendor of the sandbox works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from channels.base import Clock
from channels.sandbox.faults import Faults
from channels.sandbox.journal import Journal


class Desk(Protocol):
    """The sandbox as its vendors see it: journals by channel, faults, the key that is every account's secret."""

    @property
    def root(self) -> Path:
        """Where the journals lie."""
        ...

    @property
    def journals(self) -> Mapping[str, Journal]:
        """One a channel."""
        ...

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        ...

    @property
    def key(self) -> bytes:
        """The secret of the account `sandbox`."""
        ...

    @property
    def clock(self) -> Clock:
        """The vendor's own clock."""
        ...

    @property
    def die(self) -> Callable[[], None]:
        """Ends the process as a power cut would."""
        ...

    def hash(self, to: str) -> str:
        """What the journal keeps of an address."""
        ...
