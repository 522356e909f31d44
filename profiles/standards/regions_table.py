"""The table of divisions: today's tree, dead and kept codes with their days, streets, zones. Read once, when asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from profiles.errors import ProfilesError

FILES = ("regions.csv", "regions_changes.csv", "regions_streets.csv", "regions_zones.csv")


class RegionError(ProfilesError):
    """A region is in no table, or its name means several (`candidates`: their codes)."""

    def __init__(self, code: str, place: str, sentence: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(code, place, sentence)
        self.candidates = candidates

    def __reduce__(self) -> tuple[type[RegionError], tuple[str, str, str, tuple[str, ...]]]:  # type: ignore[override]  # one more
        return type(self), (self.code, self.place, self.sentence, self.candidates)


@dataclass(frozen=True)
class Region:
    """One place. `level`: nation, province, city, county, street, or zone, which is no division.

    `successors`: what a dead code became, complete; `until`: facts recorded before that day mean the old place.
    `ask`: even one successor must be confirmed, for the code was kept while the territory changed, or the source is
    not sure; such a place surely lies within `parent`, and no more is known.
    """

    code: str
    level: str
    parent: str
    name: str
    successors: tuple[str, ...] = ()
    until: date | None = None
    ask: bool = False
    aliases: tuple[str, ...] = ()
    since: date | None = None


@cache
def table() -> dict[str, Region]:
    """Every place by code: divisions, streets, zones, dead codes, and `.old` forms of codes that were kept."""
    return {region.code: region for file in FILES for region in map(_region, rows_of(file))}


@cache
def lineage(code: str) -> tuple[str, ...]:
    """The code and everything above it, nearest first; empty for an unknown code."""
    found = table().get(code)
    if found is None:
        return ()
    return (code, *lineage(found.parent)) if found.parent else (code,)


@cache
def street_provinces() -> frozenset[str]:
    """The first two digits of the provinces whose streets are in the table."""
    return frozenset(code[:2] for code, region in table().items() if region.level == "street")


def rows_of(file: str) -> Iterator[dict[str, str]]:
    """The rows of a data file beside this module; lines that begin with # say where the facts are from."""
    text = resources.files("profiles.standards").joinpath(file).read_text(encoding="utf-8")
    rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    names = next(rows)
    return (dict(zip(names, row, strict=True)) for row in rows)


def words(cell: str | None) -> tuple[str, ...]:
    """`a|b` -> ("a", "b"); an empty cell -> ()."""
    return tuple(cell.split("|")) if cell else ()


@cache
def day(cell: str | None) -> date | None:
    """An ISO day, or None for an empty cell."""
    return date.fromisoformat(cell) if cell else None


def _region(row: dict[str, str]) -> Region:
    if "aliases" in row:
        aliases, since = words(row["aliases"]), day(row["since"])
        return Region(row["code"], "zone", row["parent"], row["name"], aliases=aliases, since=since)
    return Region(
        code=row["code"],
        level=row["level"],
        parent=row["parent"],
        name=row["name"],
        successors=words(row["successors"]),
        until=day(row["until"]),
        ask=bool(row.get("ask")),
    )
