"""The quantities a condition may measure: frozen nodes of sums, shares, yearly figures and durations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Held:
    """A number fact as held; `year` as in a leaf: a calendar year, below zero before the asked day's, 0 current."""

    fact: str
    year: int = 0


@dataclass(frozen=True)
class Combined:
    """The sum, max, min or mean (`how`) of the parts."""

    how: str
    parts: tuple[Measure, ...]


@dataclass(frozen=True)
class Quotient:
    """`over` divided by `under`, in percent where `percent`; unknown where `under` is not above zero."""

    over: Measure
    under: Measure
    percent: bool


@dataclass(frozen=True)
class Weighted:
    """The sum of each part times its weight."""

    parts: tuple[tuple[Measure, float], ...]


@dataclass(frozen=True)
class LastYears:
    """The sum, mean, max, min or growth (`take`) of a yearly fact over the `years` full calendar years before."""

    years: int
    fact: str
    take: str


@dataclass(frozen=True)
class Elapsed:
    """Full `unit`s (years, months, days) from a date to the asked day; below zero for a date still to come.

    `until`: from the asked day to the date instead (days only).
    """

    unit: str
    fact: str
    until: bool = False


Measure: TypeAlias = Held | Combined | Quotient | Weighted | LastYears | Elapsed


def measured_facts(measure: Measure) -> tuple[str, ...]:
    """The facts a quantity is made of, in reading order, without repeats."""
    return tuple(dict.fromkeys(_facts(measure)))


def _facts(measure: Measure) -> list[str]:
    match measure:
        case Combined():
            return [fact for part in measure.parts for fact in _facts(part)]
        case Weighted():
            return [fact for part, _ in measure.parts for fact in _facts(part)]
        case Quotient():
            return [*_facts(measure.over), *_facts(measure.under)]
        case _:
            return [measure.fact]
