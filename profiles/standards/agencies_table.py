"""Agencies as the data files hold them: central ones by name, local ones by body, prefixes of document numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from profiles.errors import ProfilesError
from profiles.standards.regions_table import day, rows_of, words

_COUNTRY = "中华人民共和国"


class AgencyError(ProfilesError):
    """A text names no agency, or several where one is asked."""


@dataclass(frozen=True)
class Agency:
    """One agency. `name`: in full; `region`: its place's code, None where the text does not settle it.

    `since` ≤ day < `until` is when it was called so. `current_name`: itself, or the one that took over its work;
    "" where several did (`successors`) or it is not known who. `known`: it, or its place and kind of body, is in the
    table. `body`: the name without its place.
    """

    name: str
    region: str | None
    current_name: str
    since: date | None = None
    until: date | None = None
    known: bool = False
    body: str = ""
    successors: tuple[str, ...] = ()

    def on(self, when: date) -> bool:
        """Whether it was called so on that day."""
        return (self.since is None or self.since <= when) and (self.until is None or when < self.until)


@dataclass(frozen=True)
class Body:
    """A kind of local agency; `until` is the first day on which no place calls it so."""

    name: str
    until: date | None
    successors: tuple[str, ...]


@cache
def named() -> dict[str, Agency]:
    """Every agency of the table by its full name."""
    rows = list(rows_of("agencies.csv"))
    next_of = {row["name"]: words(row["successors"]) for row in rows}
    return {row["name"]: _agency(row, next_of) for row in rows}


@cache
def full_names() -> dict[str, str]:
    """Full names and abbreviations -> the full name."""
    found = {short: row["name"] for row in rows_of("agencies.csv") for short in words(row["abbreviations"])}
    return found | {name: name for name in named()}


@cache
def bodies() -> dict[str, Body]:
    """Local bodies by full name and by abbreviation."""
    found: dict[str, Body] = {}
    for row in rows_of("agencies_bodies.csv"):
        body = Body(row["body"], day(row["until"]), words(row["successors"]))
        found |= dict.fromkeys(words(row["abbreviations"]), body) | {body.name: body}
    return found


@cache
def prefixes() -> dict[str, tuple[str, bool]]:
    """Prefix of a document number -> the agency's name, and whether longer prefixes that begin so are its too."""
    return {row["prefix"]: (row["agency"], bool(row["family"])) for row in rows_of("agencies_prefixes.csv")}


def without_country(name: str) -> str:
    """中华人民共和国财政部 → 财政部."""
    return re.sub(f"^{_COUNTRY}(?=.)", "", name)


def _agency(row: dict[str, str], next_of: dict[str, tuple[str, ...]]) -> Agency:
    name, last = row["name"], row["name"]
    while len(next_of.get(last, ())) == 1:
        last = next_of[last][0]
    current = "" if next_of.get(last) else last
    since, until = day(row["since"]), day(row["until"])
    return Agency(name, row["region"], current, since, until, known=True, body=name, successors=next_of[name])
