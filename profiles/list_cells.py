"""Cells that hold several things, set apart by `|`: tags, consents, members, family, certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from profiles import cells
from profiles.consent import LEDGER_CHANNELS, PURPOSES
from profiles.facts import FACTS
from profiles.standards.qualifications import default_until, parse_qualification

ROLES = ("admin", "member")
NONE = "none"  # told, and there is nothing
MOST = 50


@dataclass(frozen=True)
class DependantRecord:
    """A family member: `ref` is unique within the profile."""

    ref: str
    birth_date: date | None
    household_region: str | None


@dataclass(frozen=True)
class CertificateRecord:
    """A certificate of the kind `key`; `valid_until` None: its kind has no fixed term, it does not lapse."""

    key: str
    valid_from: date
    valid_until: date | None


def tags(text: str) -> tuple[str, ...]:
    """`租房|社保`: interests."""
    return tuple(cells.tag(part) for part in cells.parts(text, most=MOST))


def told_tags(text: str) -> tuple[str, ...]:
    """Tags, or `none` where somebody told that there are none."""
    return () if _is_none(text) else tags(text)


def consents(text: str) -> tuple[tuple[str, str], ...]:
    """`notify:sms|recommend:app`, or `none` where all that were given are withdrawn."""
    if _is_none(text):
        return ()
    return tuple(_pair(part, PURPOSES, LEDGER_CHANNELS) for part in cells.parts(text))


def members(text: str) -> tuple[tuple[str, str], ...]:
    """`person-1:admin|person-2:member`; a reference may itself hold a colon."""
    found = []
    for part in cells.parts(text):
        person, _, role = cells.plain(part).rpartition(":")
        found.append((cells.ref(person), cells.level(role, ROLES)))
    _check_distinct([person for person, _ in found])
    return tuple(found)


def dependants(text: str, as_of: date | None) -> tuple[DependantRecord, ...]:
    """`child-1@2026-03-01@990101|…`; date and household may be empty."""
    found = []
    for part in cells.parts(text, most=MOST):
        key, born, home = _pieces(part, "bad_dependant", "A family member reads ref@birth date@household region.")
        birth = cells.fact_value(FACTS["birth_date"], born, as_of) if born else None
        region = cells.fact_value(FACTS["household_region"], home, as_of) if home else None
        assert isinstance(birth, date | None)
        assert isinstance(region, str | None)
        found.append(DependantRecord(cells.ref(key), birth, region))
    _check_distinct([one.ref for one in found])
    return tuple(found)


def certificates(text: str) -> tuple[CertificateRecord, ...]:
    """`national_hnte@2023-12-08@2026-12-08|tech_sme@2025-03-01@`, or `none`.

    An empty last day is the one its term gives (`default_until`): 2026-12-08 for three years from 2023-12-08.
    """
    if _is_none(text):
        return ()
    found = []
    for part in cells.parts(text, most=MOST):
        key, start, end = _pieces(part, "bad_qualification", "A certificate reads key@first day@last day.")
        if not start:
            raise cells.CellError("bad_qualification", "A certificate needs its first day: key@first day@last day.")
        kind, begun = parse_qualification(cells.plain(key)), cells.day(start)
        until = cells.day(end) if end else default_until(kind, begun)
        found.append(CertificateRecord(kind, begun, until))
        if until and until < found[-1].valid_from:
            raise cells.CellError("empty_range", f"The certificate ends on {until}, before it begins.")
    _check_distinct([(one.key, one.valid_from) for one in found])
    return tuple(found)


def _is_none(text: str) -> bool:
    return cells.plain(text).lower() == NONE


def _pieces(part: str, code: str, sentence: str) -> tuple[str, str, str]:
    pieces = [piece.strip() for piece in part.split("@")]
    if len(pieces) > 3:
        raise cells.CellError(code, sentence)
    first, second, third = (*pieces, "", "")[:3]
    return first, second, third


def _pair(part: str, firsts: tuple[str, ...], seconds: tuple[str, ...]) -> tuple[str, str]:
    first, _, second = cells.plain(part).partition(":")
    return cells.level(first, firsts), cells.level(second, seconds)


def _check_distinct(keys: list[str] | list[tuple[str, date]]) -> None:
    if len(set(keys)) < len(keys):
        raise cells.CellError("twice", "The same reference stands there twice.")
