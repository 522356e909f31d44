"""One row -> a checked profile record, or everything that is wrong with it.

`ref` and `kind` must stand there; any of COLUMNS may. Several values in a cell are set apart by `|`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from profiles import cells
from profiles.address import Address, parse_address
from profiles.consent import LEDGER_CHANNELS, PURPOSES
from profiles.csvfile import RowError
from profiles.errors import ProfilesError
from profiles.facts import FACTS, KINDS, SENSITIVE, STORED
from profiles.tables import texts

ROLES = ("admin", "member")
LOCALES = ("zh", "en")
NO_CONSENT = "none"
_ADDRESSES = {"phone": "sms", "email": "email", "app_token": "app"}
COLUMNS = (
    *("ref", "kind", "name", "locale", "zone", "guardian", *STORED, "interests", *_ADDRESSES),
    *("consents", "personalised", "dependants", "members", *SENSITIVE, "source", "as_of"),
)

T = TypeVar("T")


@dataclass(frozen=True)
class DependantRecord:
    """A family member: `ref` is unique within the profile."""

    ref: str
    birth_date: date | None
    household_region: str | None


@dataclass(frozen=True)
class ProfileRecord:
    """One profile as it came in, checked. A fact that is absent was not said; `as_of` None: the row gives no date."""

    ref: str
    kind: str
    name: str = ""
    locale: str = "zh"
    zone: str = "Asia/Shanghai"
    guardian: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    sensitive: dict[str, object] = field(default_factory=dict)
    interests: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    consents: tuple[tuple[str, str], ...] | None = None  # all that are given; None: nothing was said of them
    personalised: bool | None = None
    dependants: tuple[DependantRecord, ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    source: str = "import"
    as_of: date | None = None
    line: int = field(default=0, repr=False, compare=False)  # where it stood, for errors found later


def parse_profile(
    mapping: Mapping[str, object], line: int = 0, *, as_of: date | None = None
) -> ProfileRecord | list[RowError]:
    """One row, or everything that is wrong with it. Values may be text, numbers, booleans or None."""
    row = texts(mapping)
    errors = [RowError(line, name[:40], "unknown_column", "No such column.") for name in row if name not in COLUMNS]
    reader = _Reader(row, line, errors)
    day = reader.read("as_of", cells.day) or as_of
    kind = reader.need("kind", lambda text: cells.level(text, KINDS))
    record = ProfileRecord(
        ref=reader.need("ref", cells.ref),
        kind=kind,
        name=reader.read("name", cells.short) or "",
        locale=reader.read("locale", lambda text: cells.level(text, LOCALES)) or "zh",
        zone=reader.read("zone", cells.zone) or "Asia/Shanghai",
        guardian=reader.read("guardian", cells.ref) or "",
        facts=_facts(reader, STORED, kind, day),
        sensitive=_facts(reader, SENSITIVE, kind, day),
        interests=reader.read("interests", _interests) or (),
        addresses=_addresses(reader),
        consents=reader.read("consents", _consents),
        personalised=reader.read("personalised", cells.flag),
        dependants=reader.read("dependants", lambda text: _dependants(text, day)) or (),
        members=reader.read("members", _members) or (),
        source=reader.read("source", cells.short) or "import",
        as_of=day,
        line=line,
    )
    return errors or record


@dataclass(frozen=True)
class _Reader:
    """Reads cells by name, noting what is wrong with each."""

    row: dict[str, str]
    line: int
    errors: list[RowError]

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        text = self.row.get(name)
        if not text:
            return None
        try:
            return parse(text)
        except ProfilesError as exc:
            self.errors.append(RowError(self.line, name, exc.code, exc.sentence))
            return None

    def need(self, name: str, parse: Callable[[str], str]) -> str:
        if not self.row.get(name):
            self.errors.append(RowError(self.line, name, "missing", f"{name} must be given."))
        return self.read(name, parse) or ""


def _facts(reader: _Reader, names: tuple[str, ...], kind: str, as_of: date | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in names:
        fact = FACTS[name]
        value = reader.read(name, lambda text, fact=fact: cells.fact_value(fact, text, as_of))  # type: ignore[misc]
        if value is None:
            continue
        if kind and kind not in fact.subjects:
            sentence = f"A {kind} has no {name}."
            reader.errors.append(RowError(reader.line, name, "not_for_kind", sentence))
        found[name] = value
    return found


def _addresses(reader: _Reader) -> tuple[Address, ...]:
    found = [
        reader.read(column, lambda text, channel=channel: parse_address(channel, text))  # type: ignore[misc]
        for column, channel in _ADDRESSES.items()
    ]
    return tuple(address for address in found if address is not None)


def _interests(text: str) -> tuple[str, ...]:
    return tuple(cells.tag(part) for part in cells.parts(text, most=50))


def _consents(text: str) -> tuple[tuple[str, str], ...]:
    """`notify:sms|recommend:app`, or `none` where all that were given are withdrawn."""
    if cells.plain(text).lower() == NO_CONSENT:
        return ()
    return tuple(_pair(part, PURPOSES, LEDGER_CHANNELS) for part in cells.parts(text))


def _pair(part: str, firsts: tuple[str, ...], seconds: tuple[str, ...]) -> tuple[str, str]:
    first, _, second = cells.plain(part).partition(":")
    return cells.level(first, firsts), cells.level(second, seconds)


def _members(text: str) -> tuple[tuple[str, str], ...]:
    """`person-1:admin|person-2:member`; a reference may itself hold a colon."""
    found = []
    for part in cells.parts(text):
        person, _, role = cells.plain(part).rpartition(":")
        found.append((cells.ref(person), cells.level(role, ROLES)))
    return _distinct(tuple(found))


def _dependants(text: str, as_of: date | None) -> tuple[DependantRecord, ...]:
    """`child-1@2026-03-01@990101|…`; date and household may be empty."""
    found = []
    for part in cells.parts(text, most=50):
        pieces = [piece.strip() for piece in part.split("@")]
        if len(pieces) > 3:
            raise cells.CellError("bad_dependant", "A family member reads ref@birth date@household region.")
        key, born, home = (*pieces, "", "")[:3]
        birth = cells.fact_value(FACTS["birth_date"], born, as_of) if born else None
        region = cells.fact_value(FACTS["household_region"], home, as_of) if home else None
        assert isinstance(birth, date | None)
        assert isinstance(region, str | None)
        found.append(DependantRecord(cells.ref(key), birth, region))
    _distinct(tuple((one.ref, "") for one in found))
    return tuple(found)


def _distinct(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise cells.CellError("twice", "The same reference stands there twice.")
    return pairs
