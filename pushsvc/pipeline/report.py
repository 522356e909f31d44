"""What an import says when it is done: rows by what became of them, one file or many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from profiles.records import RowError

__all__ = ["Funnel", "ImportReport", "Progress", "RowError"]

Progress = Callable[[int], object]  # called with the number of rows done since the last call


@dataclass(frozen=True)
class ImportReport:
    """Rows by what became of them; each row counts once, a bad row may have several errors.

    `held`: rows that stand in the queue, by the first code that holds them.
    """

    new: int
    changed: int
    unchanged: int
    errors: tuple[RowError, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def loaded(self) -> int:
        """Rows that now stand in the database as the file says."""
        return self.new + self.changed + self.unchanged

    @property
    def passed(self) -> int:
        """Loaded rows that nothing holds back."""
        return self.loaded - sum(self.held.values())

    @property
    def read(self) -> int:
        """All rows: those loaded and those refused."""
        return self.loaded + sum(self.refused().values())

    def refused(self) -> Counter[str]:
        """Bad rows by the first error of each."""
        first: dict[int, str] = {}
        for error in self.errors:
            first.setdefault(error.line, error.code)
        return Counter(first.values())

    def codes(self) -> Counter[str]:
        """How often each kind of error occurred."""
        return Counter(error.code for error in self.errors)


@dataclass(frozen=True)
class Funnel:
    """An import of several files: the report of each under its name. Their errors' lines are the files' own."""

    files: tuple[tuple[str, ImportReport], ...]

    def total(self) -> Figures:
        """All files together."""
        return sum((figures(report) for _, report in self.files), start=Figures())


@dataclass(frozen=True)
class Figures:
    """The counts of an import; they add up: read = passed + held + refused = new + changed + unchanged + refused."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    passed: int = 0
    held: int = 0
    refused: int = 0
    held_by: Mapping[str, int] = field(default_factory=dict)
    refused_by: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Figures) -> Figures:
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        held, refused = (
            Counter(self.held_by) + Counter(other.held_by),
            Counter(self.refused_by) + Counter(other.refused_by),
        )
        return Figures(**counts, held_by=dict(held), refused_by=dict(refused))


_COUNTS = ("read", "new", "changed", "unchanged", "passed", "held", "refused")


def figures(report: ImportReport) -> Figures:
    """What one file's report comes to."""
    refused = report.refused()
    counts = {name: getattr(report, name) for name in ("read", "new", "changed", "unchanged", "passed")}
    counts |= {"held": sum(report.held.values()), "refused": refused.total()}
    return Figures(**counts, held_by=dict(report.held), refused_by=dict(refused))
