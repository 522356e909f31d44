"""The distinct conditions that trees are made of, without their place in any of them: equal ones are asked once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from profiles.criteria.quantities import Measure, measured_facts
from profiles.criteria.trees import HasQualification, Leaf


@dataclass(frozen=True)
class DateOf:
    """A date fact, as its day since 1970-01-01."""

    fact: str


@dataclass(frozen=True)
class FlagOf:
    """A yes-or-no fact, as 1 or 0."""

    fact: str


@dataclass(frozen=True)
class AskedDay:
    """The day that is asked for, since 1970-01-01."""


@dataclass(frozen=True)
class Quantity:
    """Something with a number for a person, as of `on`; None: as of today."""

    what: Measure | DateOf | FlagOf | AskedDay
    on: date | None = None


@dataclass(frozen=True)
class Compared:
    """A quantity against a number, or against today and so many days (`from_today`). `op`: eq, ne, lt, le, gt or ge."""

    quantity: Quantity
    op: str
    value: float
    from_today: bool = False


@dataclass(frozen=True)
class OfLevel:
    """A code fact against codes: the leaf without its place, clause and day."""

    leaf: Leaf


@dataclass(frozen=True)
class Listed:
    """A list fact that holds a word."""

    fact: str
    word: str


@dataclass(frozen=True)
class Certified:
    """A certificate, asked as of `on`; None: as of today. `node` has no place, clause or day."""

    node: HasQualification
    on: date | None


@dataclass(frozen=True)
class OfFamily:
    """Family members for whom tree `root` of the family's own program holds: any, or so many (`op`, `value`)."""

    root: int
    op: str = ""
    value: float = 0.0


@dataclass(frozen=True)
class Concerned:
    """The profile is of a kind that can have all of these facts."""

    facts: tuple[str, ...]


@dataclass(frozen=True)
class Always:
    """Yes for everybody, or no."""

    held: bool


def facts_of(condition: Condition) -> tuple[str, ...]:
    """The facts a profile's kind must be able to have for the condition to hold of it."""
    match condition:
        case Compared(quantity=Quantity(what=DateOf() | FlagOf() as held)):
            return (held.fact,)
        case Compared(quantity=Quantity(what=AskedDay())):
            return ()
        case Compared(quantity=Quantity(what=measure)):
            return measured_facts(measure)  # type: ignore[arg-type]  # what is left of the union
        case OfLevel():
            return (condition.leaf.fact,)
        case Concerned():
            return condition.facts
        case _:
            return ()


Condition: TypeAlias = Always | Concerned | Compared | OfLevel | Listed | Certified | OfFamily
