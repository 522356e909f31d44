"""The population as the CSV rows the service imports: only what the registers hold, empty where they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from profiles.columns import EPOCH, MISSING_DATE, Column, Nested
from profiles.facts import KINDS, LISTS, SENSITIVE, STORED, YEARLY
from profiles.standards.identifiers import check_letter, inner_check_letter
from pushsvc.sample.data_files import load
from pushsvc.sample.population import CITIZEN, SELF, Population
from pushsvc.sample.reach import Reach
from pushsvc.sample.research import HISTORY_YEARS

_FIRST = ("ref", "kind", "name", "credit_code", "locale", "zone", "guardian", *STORED)
_REGISTERS = {"self_employed": "92", "enterprise": "91", "cooperative": "93", "other": "52"}  # GB 32100, table 1
_OFFICE = "990100"  # the invented city's
_LAST = (
    *(*LISTS, "phone", "email", "app_token", "consents", "personalised", "dependants", "members"),
    *("qualifications", *SENSITIVE, "source", "as_of"),
)
Row = dict[str, str]
Members = dict[int, list[tuple[int, str]]]


def header(on: date) -> tuple[str, ...]:
    """The columns of a file that tells how things are on `on`: the yearly figures are of the full years before."""
    years = range(on.year - HISTORY_YEARS, on.year)
    return (*_FIRST, *(f"{fact}@{year}" for year in years for fact in YEARLY), *_LAST)


def profile_rows(
    rng: np.random.Generator, people: Population, reach: Reach, members: Members, *, on: date
) -> Iterator[Row]:
    """One row a profile, in the order of the population; keys are of `header`, blank ones left out."""
    facts = {name: _texts(people, name) for name in header(on) if name in people.frame.columns and name != "kind"}
    names = _names(rng, people)
    guardians = dict(people.guardians)
    recorded = _recorded(rng, people, on)
    listed = people.frame.column("qualifications_listed_on").known()
    for row, ref in enumerate(people.refs):
        result = {name: text for name, texts in facts.items() if (text := texts[row])}
        result |= {"ref": ref, "kind": KINDS[people.kinds[row]], "name": names[row]}
        result |= {"credit_code": _credit_code(KINDS[people.kinds[row]], row)} if people.kinds[row] != CITIZEN else {}
        result |= {"interests": "|".join(people.interests.words(row)), "dependants": _dependants(people, row)}
        result |= {name: "|".join(listing.sets.words(row)) for name, listing in people.frame.lists.items()}
        result |= {"qualifications": _certificates(people.frame.certificates(), row)}
        result |= {"phone": reach.phones[row], "email": reach.mails[row], "app_token": reach.tokens[row]}
        result |= {"consents": reach.consents[row], "personalised": "no" if reach.off[row] else ""}
        result |= {name: "yes" for name, held in people.sensitive.items() if held[row]}
        result |= {"guardian": people.refs[guardians[row]]} if row in guardians else {}
        result |= {"members": "|".join(f"{people.refs[person]}:{role}" for person, role in members.get(row, ()))}
        result |= {"locale": "en"} if people.kinds[row] == CITIZEN and row % 67 == 5 else {}
        result |= {"zone": "Europe/Berlin"} if people.kinds[row] == CITIZEN and row % 401 == 7 else {}
        as_of = date.fromordinal(recorded[row]).isoformat()
        result |= {"qualifications_listed_on": as_of} if listed[row] else {}  # the register names all it knows of
        yield result | {"source": "register", "as_of": as_of}


def _credit_code(kind: str, row: int) -> str:
    """A code that checks (GB 32100): the register and kind, the office, an organisation's code (GB 11714)."""
    inner = f"MA{row:06d}"
    first = f"{_REGISTERS[kind]}{_OFFICE}{inner}{inner_check_letter(inner)}"
    return first + check_letter(first)


def _recorded(rng: np.random.Generator, people: Population, on: date) -> list[int]:
    """Ordinals of the days the registers last wrote: up to 200 days ago, but after the newest thing they tell of."""
    days = on.toordinal() - EPOCH - rng.integers(1, 200, len(people))
    family = people.frame.dependants
    parents = np.repeat(np.arange(len(people)), np.diff(family.offsets))
    np.maximum.at(days, parents, family.columns["birth_date"].values + 1)
    papers = people.frame.certificates()
    holders = np.repeat(np.arange(len(people)), np.diff(papers.offsets))
    np.maximum.at(days, holders, papers.columns["valid_from"].values + 1)
    days = np.maximum(days, people.frame.columns["founded_on"].values)
    return [int(day) + EPOCH for day in days]


def _texts(people: Population, name: str) -> list[str]:
    """str[n]: a fact as written in the file, "" where it is missing or hidden."""
    column = people.frame.columns[name]
    texts = _WRITERS[column.kind](column)
    for row in np.flatnonzero(people.hidden.get(name.partition("@")[0], np.zeros(0, dtype=np.bool_))):
        texts[row] = ""
    return texts


def _numbers(column: Column) -> list[str]:
    return [
        "" if value != value else f"{value:g}" if value < 1e5 else f"{value:.0f}" for value in column.values.tolist()
    ]


def _flags(column: Column) -> list[str]:
    return [("no", "yes", "")[value] for value in column.values.tolist()]


def _codes(column: Column) -> list[str]:
    levels = (*column.levels, "")
    return [levels[value] for value in column.values.tolist()]


def _dates(column: Column) -> list[str]:
    missing = int(MISSING_DATE)
    return ["" if value == missing else date.fromordinal(value + EPOCH).isoformat() for value in column.values.tolist()]


_WRITERS: dict[str, Callable[[Column], list[str]]] = {
    "number": _numbers,
    "flag": _flags,
    "code": _codes,
    "date": _dates,
}


def _dependants(people: Population, row: int) -> str:
    family = people.frame.dependants
    start, end = int(family.offsets[row]), int(family.offsets[row + 1])
    if start == end:
        return ""
    born, home = family.columns["birth_date"], family.columns["household_region"]
    parts = []
    for place in range(start, end):
        day = date.fromordinal(int(born.values[place]) + EPOCH).isoformat()
        parts.append(f"{people.refs[row]}-k{place - start + 1}@{day}@{home.levels[home.values[place]]}")
    return "|".join(parts)


def _certificates(papers: Nested, row: int) -> str:
    """`national_hnte@2023-12-08@2026-12-07|…`"""
    keys = papers.columns["key"]
    parts = []
    for place in range(int(papers.offsets[row]), int(papers.offsets[row + 1])):
        days = (int(papers.columns[end].values[place]) + EPOCH for end in ("valid_from", "valid_until"))
        parts.append("@".join((keys.levels[keys.values[place]], *(date.fromordinal(d).isoformat() for d in days))))
    return "|".join(parts)


def _names(rng: np.random.Generator, people: Population) -> list[str]:
    """Invented names: syllables thrown together for people, words and trades for firms."""
    words = load("names")
    surnames, given, firms = words["surnames"], words["given"], words["firms"].split()
    draws = rng.integers(0, 10_000, (len(people), 4)).tolist()
    trades = {row["code"]: row["word"] for row in load("trades")}
    industry = people.frame.columns["industry"]
    names = []
    for row, (a, b, c, d) in enumerate(draws):
        if people.kinds[row] == CITIZEN:
            names.append(surnames[a % len(surnames)] + given[b % len(given)] + (given[c % len(given)] if d % 5 else ""))
            continue
        trade = trades[industry.levels[industry.values[row]]]
        ending = {SELF: "经营部", KINDS.index("enterprise"): "有限公司", KINDS.index("cooperative"): "专业合作社"}
        first = firms[a % len(firms)] + given[b % len(given)]
        names.append(f"江澜{first}{trade}{ending.get(int(people.kinds[row]), '中心')}")
    return names
