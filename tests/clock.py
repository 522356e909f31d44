"""A clock that goes only when it is told to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Clock:
    """Called like the real one: `clock() -> aware datetime`."""

    now: datetime

    def __call__(self) -> datetime:
        """The moment it stands at."""
        return self.now

    def forward(self, **amount: float) -> datetime:
        """Moves on, e.g. `clock.forward(hours=2)`; the new moment."""
        self.now += timedelta(**amount)
        return self.now
