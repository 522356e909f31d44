"""Who an audience is made of: how many of the chosen rows fall under each value of a facet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.criteria.blocks import BLOCK
from profiles.criteria.lookups import level_frame
from profiles.derived import fact_column
from profiles.facts import FACTS, KINDS, SIZES
from profiles.ragged import Rows, offsets_of, spans
from profiles.snapshot.encoding import Levels
from profiles.snapshot.segments import Segment, Snapshot
from profiles.stages import STAGES
from profiles.standards.industries import canonical

MISSING = ""  # the value of those whose fact is missing
AGE_BOUNDS = (0, 3, 6, 18, 35, 60, 80)  # full years: nursery, school, work, late career, pension, great age
AGE_BANDS = (*(f"{low}-{high - 1}" for low, high in pairwise(AGE_BOUNDS)), f"{AGE_BOUNDS[-1]}+")
_COUNTY = 6  # digits of a county's code; a street's begins with them


@dataclass(frozen=True, eq=False)
class Named:
    """Which values a column's codes fall under: codes[i] under values[at[i]]; a code may have several."""

    values: tuple[str, ...]
    codes: Rows
    at: Rows


@dataclass(frozen=True)
class Facet:
    """One breakdown: the published column it is read from, the values of its levels as of a day, and their order."""

    column: str
    words: Callable[[Levels, date], Iterable[Sequence[str]]]
    order: tuple[str, ...] = ()


def breakdown(snapshot: Snapshot, rows: Sequence[Rows], *, on: date, threads: int = 2) -> dict[str, dict[str, int]]:
    """By facet and value: how many of these rows (of each segment) there are.

    A facet leaves out kinds of profile that have no such column; "" counts those whose fact is missing. Of stages a
    profile may be in several, or in none.
    """
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(_counted, snapshot.segments, rows))
    total: Counter[tuple[str, str]] = Counter()
    for name, levels, counts in _by_levels(part for part_of in parts for part in part_of):
        named = _named(name, levels, on)
        sums = np.bincount(named.at, weights=counts[named.codes], minlength=len(named.values))
        total.update({(name, value): int(n) for value, n in zip(named.values, sums, strict=True) if n})
    for segment, chosen in zip(snapshot.segments, rows, strict=True):
        total["kind", segment.kind] += len(chosen)
        for name in FACETS:
            if _nobody_told(segment, FACETS[name].column):
                total[name, MISSING] += len(chosen)
    names = ("kind", *FACETS)
    return {name: in_order(name, {value: n for (of, value), n in total.items() if of == name and n}) for name in names}


@dataclass(frozen=True, eq=False)
class Memberships:
    """m pairs: the row at position owners[i], of all that were asked for, is in groups[codes[i]].

    A group is a facet and one of its values. A row is in one group of a facet, in several stages, or in none.
    """

    groups: tuple[tuple[str, str], ...]
    owners: Rows
    codes: Rows


def memberships(asked: Sequence[tuple[Segment, Rows]], facets: Sequence[str], *, on: date) -> Memberships:
    """Which groups of these facets each of the rows is in, one segment after the other; counted, the `breakdown`."""
    groups: dict[tuple[str, str], int] = {}
    owners, codes, start = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for segment, chosen in asked:
        for name in facets:
            whose, which, values = _grouped(segment, chosen, name, on)
            known = np.array([groups.setdefault((name, value), len(groups)) for value in values], dtype=np.int64)
            owners.append(whose + start)
            codes.append(known[which])
        start += len(chosen)
    return Memberships(tuple(groups), np.concatenate(owners), np.concatenate(codes))


def _grouped(segment: Segment, rows: Rows, name: str, on: date) -> tuple[Rows, Rows, Sequence[str]]:
    """Positions in the rows, for each the index of a value, and the values."""
    held = segment.columns.get(FACETS[name].column) or segment.sets.get(FACETS[name].column)
    if held is None or held.levels is None:
        told = np.arange(len(rows) if _nobody_told(segment, FACETS[name].column) else 0)
        return told, np.zeros(len(told), np.int64), (MISSING,)
    named = _named(name, held.levels, on)
    sizes = np.bincount(named.codes, minlength=len(held.levels) + 1)
    picked, offsets = spans(offsets_of(sizes), held.values[rows])
    return np.repeat(np.arange(len(rows)), np.diff(offsets)), named.at[picked], named.values


def _nobody_told(segment: Segment, column: str) -> bool:
    """Whether the kind of profile can have the fact, and none of the segment has."""
    return column in FACTS and segment.kind in FACTS[column].subjects and column not in segment.columns


def _counted(segment: Segment, rows: Rows) -> list[tuple[str, Levels, Rows]]:
    """By facet: its column's levels, and how many of the rows hold each code."""
    found = []
    for name, facet in FACETS.items():
        held = segment.columns.get(facet.column) or segment.sets.get(facet.column)
        if held is not None and held.levels is not None and len(rows):
            found.append((name, held.levels, _count(held.values, rows, len(held.levels) + 1)))
    return found


def _count(codes: NDArray[Any], rows: Rows, size: int) -> Rows:
    """int64[size]: how many of the rows hold each code; in blocks that stay in the cache."""
    counts = np.zeros(size, dtype=np.int64)
    for start in range(0, len(rows), BLOCK):
        counts += np.bincount(codes[rows[start : start + BLOCK]], minlength=size)
    return counts


def _by_levels(parts: Iterable[tuple[str, Levels, Rows]]) -> Iterable[tuple[str, Levels, Rows]]:
    """The counts of segments that share their levels as one."""
    sums: dict[tuple[str, int], tuple[str, Levels, Rows]] = {}
    for name, levels, counts in parts:
        before = sums.get((name, id(levels)))
        sums[name, id(levels)] = (name, levels, counts if before is None else before[2] + counts)
    return sums.values()


def _named(name: str, levels: Levels, on: date) -> Named:
    key = ("facet", name, on)
    found: Named | None = levels.answers.get(key)  # asked once: another thread may empty them meanwhile
    if found is None:
        nothing: Sequence[str] = () if levels.kind == "set" else (MISSING,)
        words = [nothing, *FACETS[name].words(levels, on)]
        index: dict[str, int] = {}
        pairs = [(code, index.setdefault(word, len(index))) for code, held in enumerate(words) for word in held]
        flat = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        found = levels.answers[key] = Named(tuple(index), flat[:, 0], flat[:, 1])
    return found


def in_order(name: str, counts: Mapping[str, int]) -> dict[str, int]:
    """Along the facet's own order where it has one, else the most first; what is missing comes last."""
    order = KINDS if name == "kind" else FACETS[name].order
    place = {value: i for i, value in enumerate(order)}
    return dict(sorted(counts.items(), key=lambda item: (item[0] == MISSING, place.get(item[0], -item[1]), item[0])))


def _districts(levels: Levels, on: date) -> Iterable[Sequence[str]]:
    return ((word[:_COUNTY],) for word in levels.words)


def _sections(levels: Levels, on: date) -> Iterable[Sequence[str]]:
    return ((canonical(word)[:1],) for word in levels.words)


def _as_is(levels: Levels, on: date) -> Iterable[Sequence[str]]:
    return ((word,) for word in levels.words)


def _members(levels: Levels, on: date) -> Iterable[Sequence[str]]:
    assert levels.sets is not None
    return (levels.sets.words(row) for row in range(len(levels)))


def _ages(levels: Levels, on: date) -> Iterable[Sequence[str]]:
    ages = fact_column(level_frame("birth_date", levels), "age", on).values[1:]
    bands = np.searchsorted(AGE_BOUNDS, np.nan_to_num(ages, nan=-1), side="right") - 1
    return ((AGE_BANDS[band] if band >= 0 else MISSING,) for band in bands.tolist())


FACETS: dict[str, Facet] = {
    "district": Facet("region", _districts),
    "section": Facet("industry", _sections),
    "size": Facet("size", _as_is, SIZES),
    "stage": Facet("stages", _members, STAGES),
    "age": Facet("birth_date", _ages, AGE_BANDS),
}
