"""Administrative divisions (GB/T 2260), functional zones, and codes that died or were kept when territory changed.

The tree is nation → province → city → county → street; zones are scopes of policy beside it. A code that was split,
or recorded before a day on which it was kept for another territory, cannot be mapped without asking: it needs
confirmation (decision 0009). Codes 99xxxx are the invented sample city's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from profiles.standards.regions_names import region_of_name, regions_named
from profiles.standards.regions_places import Place, places_in
from profiles.standards.regions_table import Region, RegionError, lineage, street_provinces, table

__all__ = [
    "NATION",
    "Place",
    "Region",
    "RegionError",
    "known",
    "lineage",
    "name_of",
    "needs_confirmation",
    "parse_region",
    "places_in",
    "region_of_name",
    "region_state",
    "region_states",
    "region_states_of",
    "regions_named",
    "subtree_mask",
    "table",
    "within",
]

NATION = "000000"


@dataclass(frozen=True)
class _Asked:
    """The regions asked about. `above`: they and all above them; `apart`: what holds the zones among them."""

    codes: frozenset[str]
    above: frozenset[str]
    divisions: frozenset[str]
    apart: frozenset[str]


def known(code: str) -> bool:
    """Whether the code is in the table, current or stale."""
    return code in table()


def name_of(code: str) -> str:
    """The division's name, or the code itself where it is unknown."""
    found = table().get(code)
    return found.name if found else code


def parse_region(text: str, as_of: date | None = None) -> str:
    """A code of 6, 9 or 12 digits as recorded on `as_of` -> the code to store. Raises RegionError "unknown_region".

    A code that was kept while its territory changed later becomes its `.old` form, a dead code whose whole territory
    went to one successor becomes that one, any other dead code stays and needs confirmation. A street is cut to its
    county where we hold no streets, where the county's code is dead, or where it is of before the county's change.
    """
    code = _shortened(text.strip(), as_of)
    if not known(code):
        raise RegionError("unknown_region", "", f"{text.strip()[:20]!r} is no known region code.")
    found = _as_of(code, as_of) or table()[code]
    return found.successors[0] if len(found.successors) == 1 and not found.ask else found.code


def needs_confirmation(code: str) -> bool:
    """Whether the code is stale in a way that only the person can resolve."""
    found = table().get(code)
    return found is not None and (found.ask or len(found.successors) > 1)


def within(code: str, ancestor: str) -> bool:
    """Whether `code` surely is `ancestor` or lies below it: a split code only if all its successors do."""
    return region_state(code, frozenset({ancestor})) == 1


def subtree_mask(levels: Sequence[str], ancestors: Sequence[str]) -> NDArray[np.bool_]:
    """bool[len(levels)]: the codes that surely lie within any of the ancestors."""
    return np.asarray(region_states(levels, ancestors) == 1)


def region_states(levels: Sequence[str], ancestors: Collection[str]) -> NDArray[np.int8]:
    """int8[len(levels)]: 1 within any of the ancestors, 0 outside all, -1 where only asking would tell."""
    asked = _asked(tuple(ancestors))
    within: dict[str, int] = {}  # by parent: thousands of streets have few
    return np.fromiter((_plain_state(level, asked, within) for level in levels), dtype=np.int8, count=len(levels))


def region_states_of(code: str, asked: Sequence[tuple[str, ...]]) -> NDArray[np.int8]:
    """int8[len(asked)]: the one place against many lists, each as `region_states` answers it."""
    return np.fromiter((_state(code, _asked(codes)) for codes in asked), dtype=np.int8, count=len(asked))


def region_state(code: str, asked: frozenset[str]) -> int:
    """1 yes, 0 no, -1 unknown: is a place recorded as `code` within one of `asked`?"""
    return _state(code, _asked(tuple(asked)))


@lru_cache(maxsize=8192)
def _asked(codes: tuple[str, ...]) -> _Asked:
    found = [table()[code] for code in codes if code in table()]
    divisions = {above for region in found if region.level != "zone" for above in lineage(region.code)}
    zones = [region for region in found if region.level == "zone"]
    above = divisions.union(*(lineage(zone.code) for zone in zones))
    return _Asked(frozenset(codes), frozenset(above), frozenset(divisions), frozenset(zone.parent for zone in zones))


def _plain_state(code: str, asked: _Asked, within: dict[str, int]) -> int:
    """`_state`, where a living place that nobody asks for by its own name or below is as its parent."""
    found = table().get(code)
    if found is None or found.successors or found.level != "street" or code in asked.codes or code in asked.above:
        return _state(code, asked)
    state = within.get(found.parent)
    if state is None:
        state = within[found.parent] = _state(code, asked)
    return state


def _state(code: str, asked: _Asked) -> int:
    found = table().get(code)
    if found is None:
        return -1
    if not found.successors:
        return _place_state(code, asked)
    states = {_place_state(place, asked) for place in found.successors}
    state = states.pop() if len(states) == 1 else -1
    if state == 1 and found.ask and asked.codes.isdisjoint(lineage(found.parent)):
        return -1
    return state


def _place_state(code: str, asked: _Asked) -> int:
    line = lineage(code)
    if not asked.codes.isdisjoint(line):
        return 1
    # A place known only as "the city" may or may not lie in one of its districts.
    if code in asked.above:
        return -1
    # A zone and a division side by side may overlap: only one that holds the other is sure.
    if table()[code].level == "zone":
        return -1 if table()[code].parent in asked.divisions else 0
    return 0 if asked.apart.isdisjoint(line) else -1


def _as_of(code: str, as_of: date | None) -> Region | None:
    old = table().get(f"{code}.old")
    return old if old and old.until and as_of and as_of < old.until else None


def _shortened(code: str, as_of: date | None) -> str:
    """12 digits to 9, 9 to 6 where the street says nothing sure; the statistical "市辖区" forms to what holds them."""
    if not (code.isascii() and code.isdigit()) or len(code) not in (6, 9, 12):
        return ""
    street = code[:9]
    if len(street) == 9 and (street.endswith("000") or _only_county(street, as_of)):
        street = street[:6]
    if known(street) or len(street) != 6:
        return street
    above = street[:4] + "00" if street.endswith("01") else street[:2] + "0000"
    return above if street[4:] == "01" or street[2:] in ("0100", "0200", "9000") else street


def _only_county(street: str, as_of: date | None) -> bool:
    county = table().get(street[:6])
    if county is None or county.level != "county":
        return False
    if county.successors or _as_of(county.code, as_of):
        return True
    return not known(street) and street[:2] not in street_provinces() and street[:2] != "99"
