"""Places to choose from: today's tree from the nation down to streets, and what a name or a code may mean in it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from profiles.standards.regions_names import LONGEST, regions_named
from profiles.standards.regions_table import Region, lineage, table

NATION = "000000"
_ALL_OF_IT = re.compile(r"(?:00)+$")
_DIVISIONS = ("province", "city", "county", "street")


def children(code: str) -> tuple[Region, ...]:
    """The divisions of today directly below; none below a street, or where no streets are held."""
    return _below().get(code, ())


def line(code: str) -> tuple[Region, ...]:
    """From the nation down to the place itself; empty for an unknown code."""
    return tuple(table()[one] for one in reversed(lineage(code)))


def find(text: str, near: str | None = None) -> tuple[Region, ...]:
    """Every place of today that a name, a part of one, a chain (杭州西湖区) or a code may mean.

    What is meant exactly comes first, then what is nearest to the place `near`, the wider before the narrower. A dead
    name gives what it became.
    """
    plain = unicodedata.normalize("NFKC", text[: LONGEST + 1]).strip()
    if len(plain) < 2 or len(plain) > LONGEST:
        return ()
    if plain.isdecimal():
        found = _coded(plain)
    else:
        exact = _nearest([today for code in regions_named(plain) for today in _today(code)], near)
        found = [*exact, *(code for code in _nearest(_named(plain), near) if code not in exact)]
    return tuple(table()[code] for code in dict.fromkeys(found))


def _coded(plain: str) -> list[str]:
    """What a dead code became, and codes that begin so: without the noughts that stand for "all of it"."""
    code = plain[:6] if plain[6:9] == "000" else plain[:9]
    begun = _ALL_OF_IT.sub("", code) if len(code) == 6 else code
    dead = [today for today in _today(code) if today != code]
    return dead + sorted((one for one in _places() if begun and one.startswith(begun)), key=_rank)


def _named(plain: str) -> list[str]:
    return sorted((code for code, region in _places().items() if plain in region.name), key=_rank)


def _nearest(codes: list[str], near: str | None) -> list[str]:
    around = lineage(near) if near else ()
    return sorted(codes, key=lambda code: -len(set(around) & set(lineage(code))))


def _today(code: str) -> tuple[str, ...]:
    """The place itself, or what became of it."""
    region = table().get(code)
    later = region.successors if region else ()
    return tuple(one for one in (later or (code,)) if one in _places())


def _rank(code: str) -> tuple[int, str]:
    return _DIVISIONS.index(table()[code].level), code


@cache
def _places() -> dict[str, Region]:
    """Today's divisions without the nation. Dead codes, zones and `.old` forms are none."""
    return {
        code: region
        for code, region in table().items()
        if region.level in _DIVISIONS and not region.successors and not region.until
    }


@cache
def _below() -> dict[str, tuple[Region, ...]]:
    found: dict[str, list[Region]] = {}
    for region in _places().values():
        found.setdefault(region.parent, []).append(region)
    return {code: tuple(sorted(rows, key=lambda row: row.code)) for code, rows in found.items()}
