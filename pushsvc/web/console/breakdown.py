"""Who an audience is made of, as bars with their numbers: by kind, district, trade, size, stage and age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiles.facts import LEVEL_WORDS
from profiles.standards import industries
from pushsvc.pipeline.coverage import OTHERS
from pushsvc.web.i18n import locale, t
from pushsvc.web.labels import FACETS
from pushsvc.web.words import named, number, region

FIRST = 6  # rows shown at once; the others unfold


@dataclass(frozen=True)
class Part:
    """One value: its name, how many have it, their share of all the eligible, and its bar beside the longest."""

    name: str
    n: str
    share: str
    width: str


@dataclass(frozen=True)
class Facet:
    """One breakdown. `total`: its parts added up, "" in whole tens, which do not add up; `apart`: the eligible that can
    have no such value, "" for none. `overlaps`: a profile may count under several values, or under none.
    """

    code: str
    parts: tuple[Part, ...]
    total: str
    apart: str
    overlaps: bool


@dataclass(frozen=True)
class Split:
    """How many a node says yes, perhaps and no of, and where the parts of its bar end."""

    yes: str
    maybe: str
    no: str
    yes_width: str
    maybe_width: str


def facets(figures: Mapping[str, Any]) -> tuple[Facet, ...]:
    """The breakdowns of the eligible; nothing where there are none, or where they were not counted."""
    found, of = figures.get("eligible_by") or {}, int(figures.get("eligible") or 0)
    exact = step_of(figures) == 1
    return tuple(_facet(code, found[code], of, exact=exact) for code in FACETS if found.get(code) and of)


def step_of(figures: Mapping[str, Any]) -> int:
    """What the figures are multiples of: 1 where they are exact."""
    return int(figures.get("step", 1))


def split(yes: int, unknown: int, no: int, step: int = 1) -> Split:
    """Three counts, multiples of `step`, as one bar."""
    of = yes + unknown + no
    return Split(told(yes, step), told(unknown, step), told(no, step), percent(yes, of), percent(unknown, of))


def told(n: int, step: int) -> str:
    """A count that was cut to a multiple of `step`; of what is less nothing is left."""
    return f"<{step}" if n < step and step > 1 else number(n)


def percent(n: int, of: int) -> str:
    """A share as SVG takes it; what is there at all is never drawn as nothing."""
    return f"{max(100 * n / of, 0.4 if n else 0):.1f}%" if of else "0%"


def _facet(code: str, counts: Mapping[str, int], of: int, *, exact: bool) -> Facet:
    longest, total = max(counts.values()), sum(counts.values())
    parts = (Part(name_of(code, value), number(n), _share(n, of), percent(n, longest)) for value, n in counts.items())
    overlaps = code == "stage"
    apart = number(of - total) if exact and not overlaps and total < of else ""
    return Facet(code, tuple(parts), number(total) if exact else "", apart, overlaps)


def _share(n: int, of: int) -> str:
    return f"{100 * n / of:.1f} %"


def name_of(code: str, value: str) -> str:
    """What a value of a facet is called on pages."""
    if not value:
        return t("没有登记")
    if value == OTHERS:
        return t("其余小组合计")
    if code == "district":
        return region(value)
    if code == "section":
        return f"{value} {industries.name_of(value)}"
    if code == "size":
        return LEVEL_WORDS[value][0 if locale() == "zh" else 1]
    if code == "age":
        return t("{band} 岁", band=value.replace("-", "–"))
    return named(value, "profile") if code == "kind" else value
