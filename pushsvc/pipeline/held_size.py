"""The size class of an enterprise with the figures that make it: each indicator, what is held, and the bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from profiles.facts import MARKET, SIZES
from profiles.standards import sizes
from pushsvc.pipeline.held import Held, Told
from pushsvc.pipeline.value_words import fact_name, say_value


@dataclass(frozen=True)
class Indicator:
    """One figure of the method: what is held, None where nothing is, and the lower bounds of large, medium and small.

    `reaches`: the class that this figure alone would reach, in words; "" where it is not held.
    """

    fact: str
    name: str
    held: Told | None
    bounds: tuple[str, str, str]
    reaches: str


@dataclass(frozen=True)
class Sizing:
    """The class in words, "" where it cannot be told; `group`: the line of the table, "" where the method has none.

    `lacking`: the facts that are missing for the class.
    """

    size: str
    industry: Told | None
    group: str
    indicators: tuple[Indicator, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The stored facts without which the class stays open."""
        if self.industry is None:
            return ("industry",)
        return tuple(one.fact for one in self.indicators if one.held is None)


def sizing_of(held: Held, locale: str) -> Sizing | None:
    """The size class from what is held; None for people, who have none."""
    if held.kind not in MARKET:
        return None
    told = {one.fact: one for one in held.facts}
    industry = told.get("industry")
    line = sizes.group_of(str(industry.value)) if industry else -1
    if line < 0:
        return Sizing("", industry, "", ())
    group = sizes.groups()[line]
    ranks = {fact: _rank(told.get(fact), bounds) for fact, bounds in group.bounds.items()}
    rows = tuple(_indicator(fact, bounds, told, (ranks[fact], locale)) for fact, bounds in group.bounds.items())
    known = [rank for rank in ranks.values() if rank is not None]
    size = say_value("size", SIZES[max(known)], locale) if len(known) == len(rows) else ""
    return Sizing(size, industry, group.name, rows)


def _rank(one: Told | None, bounds: tuple[float, float, float]) -> int | None:
    """The class that this figure alone reaches, as a place in SIZES."""
    value = one.value if one else None
    return sum(value < bound for bound in bounds) if isinstance(value, int | float) else None


def _indicator(
    fact: str, bounds: tuple[float, float, float], told: Mapping[str, Told], reached: tuple[int | None, str]
) -> Indicator:
    rank, locale = reached
    large, medium, small = (say_value(fact, bound, locale) for bound in bounds)
    words = "" if rank is None else say_value("size", SIZES[rank], locale)
    return Indicator(fact, fact_name(fact, locale), told.get(fact), (large, medium, small), words)
