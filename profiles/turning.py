"""What the passing of days brings: an age reached, a certificate about to lapse. Over columns, for days handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from profiles.columns import EPOCH, MISSING_DATE, Column, Nested, day
from profiles.derived import months_between

LAPSING_STEPS = (90, 30)  # so many days before its last day it is told that a certificate is about to lapse


def ages_reached(born: Column, ages: Sequence[int], *, since: date, until: date) -> Iterator[tuple[int, int, date]]:
    """(row, age, day) for each of `ages` in full years that is reached after `since` and by `until`."""
    before, now = (np.floor(months_between(born, on) / 12) for on in (since, until))
    for row in np.flatnonzero((now > before) | (np.isnan(before) & ~np.isnan(now))).tolist():
        birth = date.fromordinal(int(born.values[row]) + EPOCH)
        reached = -1 if np.isnan(before[row]) else before[row]
        for age in ages:
            if reached < age <= now[row]:
                yield row, age, birthday(birth, age)


def birthday(born: date, age: int) -> date:
    """The day the age is reached; who was born on 29 February reaches it on the 28th in a common year."""
    year = born.year + age
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 2, 28) if (born.month, born.day) == (2, 29) and not leap else born.replace(year=year)


def about_to_lapse(papers: Nested, days: int, *, since: date, until: date) -> Iterator[tuple[int, str, date]]:
    """(profile row, key, first day) of certificates whose last `days` begin after `since` and by `until`.

    One that was renewed, by another of its kind that ends later or never, is not about to lapse, nor one that lapsed.
    """
    keys, starts, ends = (papers.columns[name] for name in ("key", "valid_from", "valid_until"))
    owner = np.repeat(np.arange(len(papers.offsets) - 1), np.diff(papers.offsets))
    first, last = (day(on + timedelta(days=days)) for on in (since, until))
    first = max(first, day(until) - 1)
    hit = (ends.values != MISSING_DATE) & (ends.values > first) & (ends.values <= last)
    for place in np.flatnonzero(hit).tolist():
        same = (owner == owner[place]) & (keys.values == keys.values[place])
        later = same & ((ends.values == MISSING_DATE) | (ends.values > ends.values[place]))
        if not later.any():
            start = date.fromordinal(int(starts.values[place]) + EPOCH)
            yield int(owner[place]), keys.levels[keys.values[place]], start


def ages_asked(trees: Iterable[Any]) -> tuple[list[int], list[int]]:
    """The ages in full years at which some tree (as JSON) begins to hold: of the person, and of a family member."""
    own: set[int] = set()
    family: set[int] = set()
    for tree in trees:
        _collect(tree, own, family)
    return sorted(own), sorted(family)


def _collect(node: Any, own: set[int], family: set[int]) -> None:
    if isinstance(node, list):
        for child in node:
            _collect(child, own, family)
    elif isinstance(node, dict):
        if node.get("fact") == "age":
            own.update(_bounds(node))
        for name, child in node.items():
            inner = family if name in ("any_dependant", "count_dependants") else own
            _collect(child, inner, family)


def _bounds(leaf: dict[str, Any]) -> Iterator[int]:
    """The ages where a comparison changes its answer: from `le 59` on it is 60 that matters, under a `not` too."""
    for op, shift in (("ge", 0), ("gt", 1), ("lt", 0), ("le", 1), ("eq", 0)):
        value = leaf.get(op)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 150:
            yield int(np.ceil(value)) if op != "gt" and op != "le" else int(np.floor(value)) + shift
    values = leaf.get("in")
    yield from (int(v) for v in values if isinstance(v, (int, float))) if isinstance(values, list) else ()
