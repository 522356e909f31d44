"""What an import says when it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from profiles.records import RowError

__all__ = ["ImportReport", "Progress", "RowError"]

Progress = Callable[[int], object]  # called with the number of rows done since the last call


@dataclass(frozen=True)
class ImportReport:
    """Rows by what became of them; each row counts once, a bad row may have several errors."""

    new: int
    changed: int
    unchanged: int
    errors: tuple[RowError, ...] = ()

    @property
    def loaded(self) -> int:
        """Rows that now stand in the database as the file says."""
        return self.new + self.changed + self.unchanged

    def codes(self) -> Counter[str]:
        """How often each kind of error occurred."""
        return Counter(error.code for error in self.errors)
