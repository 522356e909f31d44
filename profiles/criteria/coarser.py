"""Street codes a condition names that are read as their county, for no streets of there are held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from profiles.criteria.places import join
from profiles.facts import FACTS
from profiles.standards.regions import RegionError, parse_region

_OPS = ("in_region", "eq", "ne", "in")


def coarser_regions(tree: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Place, code as written, and the wider code it is read as, of a tree of criteria as JSON, in reading order."""
    if isinstance(tree, list):
        for i, one in enumerate(tree):
            yield from coarser_regions(one, f"{place}[{i}]")
    if not isinstance(tree, dict):
        return
    fact = FACTS.get(str(tree.get("fact", "")))
    if fact is not None and fact.tree == "region":
        given: Any = next((tree[op] for op in _OPS if op in tree), [])
        for code in map(str, given if isinstance(given, list) else [given]):
            if wider := _wider(code.strip()[:9]):
                yield place, code, wider
    for name, below in tree.items():
        if isinstance(below, (dict, list)):
            yield from coarser_regions(below, join(place, name))


def _wider(code: str) -> str:
    """The county a street's code is read as; "" where the code stands, or is itself a county's."""
    try:
        read = parse_region(code)
    except RegionError:
        return ""
    return read if len(code) == 9 and not code.endswith("000") and len(read) == 6 else ""
