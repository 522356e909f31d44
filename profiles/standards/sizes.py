"""Size classes 大/中/小/微 by 统计上大中小微型企业划分办法 (2017, 国统字〔2017〕213号, on 工信部联企业〔2011〕300号).

The bounds are those of 2011 still; what changed in 2017 is which industries each line names (GB/T 4754-2017), so
there is one table. It is not the tax law's 小型微利企业, which is a qualification with its own certificate year.

Large, medium and small need every listed indicator; micro needs any one below the small bound.
A missing indicator is unknown, never micro; industries the method leaves out (finance, education, …) have no class.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column
from profiles.facts import SIZES
from profiles.ragged import Mask
from profiles.standards.industries import canonical

INDICATORS = ("employees", "revenue", "assets")
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """One line of the table: an indicator's lower bounds of large, medium and small. `name`: in Chinese, as it says."""

    key: str
    industries: tuple[str, ...]
    bounds: dict[str, tuple[float, float, float]]
    name: str = ""


def size_classes(industry: Column, employees: Numbers, revenue: Numbers, assets: Numbers) -> Column:
    """A code column over SIZES from n industries (any written shape), people, 万元 and 万元 (NaN: missing)."""
    return size_classes_of(_group_rows(industry), employees, revenue, assets)


def size_classes_of(groups: NDArray[np.int64], employees: Numbers, revenue: Numbers, assets: Numbers) -> Column:
    """As `size_classes`, from n lines of the table (`group_line`; -1: none, so no class)."""
    given = dict(zip(INDICATORS, (employees, revenue, assets), strict=True))
    rank = np.zeros(len(groups), dtype=np.int32)
    unknown = groups < 0
    bounds = _bound_table()
    for axis, name in enumerate(INDICATORS):
        lower = bounds[groups, axis]  # (n, 3); NaN where the group does not ask this indicator
        asked = ~np.isnan(lower[:, 0])
        value = given[name]
        unknown |= asked & ~np.isfinite(value)
        below = (value[:, None] < lower).sum(axis=1)  # 0 large … 3 micro; NaN compares false
        rank = np.maximum(rank, np.where(asked, below, 0))
    return Column("code", np.where(unknown, -1, rank).astype(np.int32), SIZES)


def lacking(industry: Column, employees: Numbers, revenue: Numbers, assets: Numbers) -> dict[str, Mask]:
    """bool[n] by fact: what is missing for the class; "size" itself where the method gives none for the industry."""
    group = _group_rows(industry)
    known = industry.known()
    result = {"industry": ~known, "size": known & (group < 0)}
    for axis, (name, value) in enumerate(zip(INDICATORS, (employees, revenue, assets), strict=True)):
        asked = (group >= 0) & ~np.isnan(_bound_table()[group, axis, 0])
        result[name] = asked & ~np.isfinite(value)
    return result


@cache
def groups() -> tuple[Group, ...]:
    """The sixteen lines of the table, in its order."""
    text = resources.files("profiles.standards").joinpath("thresholds.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)["groups"]
    return tuple(
        Group(
            row["key"],
            tuple(row["industries"]),
            {name: tuple(bounds) for name, bounds in row["bounds"].items()},
            row["name"],
        )
        for row in rows
    )


def group_line(key: str) -> int:
    """The line of the group with this key (agri, industry, software, …); -1 where there is none."""
    return next((line for line, group in enumerate(groups()) if group.key == key), -1)


def group_of(industry: str) -> int:
    """The line an industry falls under, as an index into `groups()`; -1 where none, or more than one, may."""
    code = canonical(industry)
    return _group_index(code) if code else -1


@lru_cache(maxsize=65_536)
def _group_index(code: str) -> int:
    for index, group in enumerate(groups()):
        # A prefix without a letter speaks of the digits after the section letter.
        if any((code if prefix[0].isalpha() else code[1:]).startswith(prefix) for prefix in group.industries):
            return index
    return -1


@cache
def _bound_table() -> NDArray[np.float64]:
    """(groups, indicators, 3) lower bounds; NaN where an indicator is not asked."""
    result = np.full((len(groups()), len(INDICATORS), 3), np.nan)
    for row, group in enumerate(groups()):
        for name, bounds in group.bounds.items():
            result[row, INDICATORS.index(name)] = bounds
    return result


def _group_rows(industry: Column) -> NDArray[np.int64]:
    """int64[n]: the line of each profile's industry, -1 none."""
    by_level = np.array([*_level_groups(industry.levels), -1], dtype=np.int64)
    return np.asarray(by_level[industry.values])  # code -1 (missing) picks the last


def _level_groups(levels: Sequence[str]) -> list[int]:
    return [group_of(level) for level in levels]
