"""Administrative divisions (GB/T 2260 codes), functional zones, and codes that died when districts were split.

The tree is national → province → city → county or zone. A code that has been split among several successors, or that
was recorded before a split and kept by one part, cannot be mapped without asking: it needs confirmation.
Codes 99xxxx are the invented sample city's.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError

NATION = "000000"


class RegionError(ProfilesError):
    """A region code is in no table."""


@dataclass(frozen=True)
class Region:
    """One division. `successors`: what a dead code became; `until`: facts recorded before that day mean the old one."""

    code: str
    level: str
    parent: str
    name: str
    successors: tuple[str, ...] = ()
    until: date | None = None


@cache
def table() -> dict[str, Region]:
    """Every known division by code."""
    text = resources.files("profiles.standards").joinpath("regions.csv").read_text(encoding="utf-8")
    return {row["code"]: _region(row) for row in csv.DictReader(text.splitlines())}


def known(code: str) -> bool:
    """Whether the code is in the table, current or stale."""
    return code in table()


def name_of(code: str) -> str:
    """The division's name, or the code itself where it is unknown."""
    found = table().get(code)
    return found.name if found else code


def parse_region(text: str, as_of: date | None = None) -> str:
    """A code as recorded on `as_of` -> the code to store. Raises RegionError code "unknown_region".

    A code whose territory was split later becomes its `.old` form, a dead code with one successor becomes that one.
    """
    code = text.strip()
    if not (code.isascii() and code.isdigit()) or not known(code):
        raise RegionError("unknown_region", "", f"{code[:20]!r} is no known region code.")
    old = table().get(f"{code}.old")
    if old and old.until and as_of and as_of < old.until:
        return old.code
    successors = table()[code].successors
    return successors[0] if len(successors) == 1 else code


def needs_confirmation(code: str) -> bool:
    """Whether the code is stale in a way that only the person can resolve."""
    found = table().get(code)
    return found is not None and len(found.successors) > 1


def within(code: str, ancestor: str) -> bool:
    """Whether `code` surely is `ancestor` or lies below it: a split code only if all its successors do."""
    return region_state(code, frozenset({ancestor})) == 1


def subtree_mask(levels: Sequence[str], ancestors: Sequence[str]) -> NDArray[np.bool_]:
    """bool[len(levels)]: the codes that surely lie within any of the ancestors."""
    return np.asarray(region_states(levels, ancestors) == 1)


def region_states(levels: Sequence[str], ancestors: Sequence[str]) -> NDArray[np.int8]:
    """int8[len(levels)]: 1 within any of the ancestors, 0 outside all, -1 where only asking would tell."""
    asked = frozenset(ancestors)
    return np.array([region_state(level, asked) for level in levels], dtype=np.int8)


def region_state(code: str, asked: frozenset[str]) -> int:
    """1 yes, 0 no, -1 unknown: is a place recorded as `code` within one of `asked`?"""
    found = table().get(code)
    if found is None:
        return -1
    states = {_place_state(place, asked) for place in found.successors or (code,)}
    return states.pop() if len(states) == 1 else -1


def lineage(code: str) -> tuple[str, ...]:
    """The code and everything above it, nearest first; empty for an unknown code."""
    return _lineage(code)


@cache
def _lineage(code: str) -> tuple[str, ...]:
    found = table().get(code)
    if found is None:
        return ()
    return (code, *_lineage(found.parent)) if found.parent else (code,)


def _place_state(code: str, asked: frozenset[str]) -> int:
    if asked.intersection(_lineage(code)):
        return 1
    # A place known only as "the city" may or may not lie in one of its districts.
    return -1 if any(code in _lineage(one) for one in asked) else 0


def _region(row: dict[str, str]) -> Region:
    until = date.fromisoformat(row["until"]) if row["until"] else None
    successors = tuple(row["successors"].split("|")) if row["successors"] else ()
    return Region(row["code"], row["level"], row["parent"], row["name"], successors, until)
