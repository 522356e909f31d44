"""What became of agencies: a text keeps the name it was issued under, a reader is told today's."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from profiles.standards.agencies import Agency, AgencyError, parse_agency


def bearers(name: str, on: date) -> tuple[str, ...]:
    """Who does the work of `name` on a day: itself, its successor, theirs in turn, or several where it was split.

    A name that is in no table, or of which nobody knows who took over, is taken to be borne still.
    """
    agency = _agency(name)
    if agency is None or agency.until is None or on < agency.until or not agency.successors:
        return (name,)
    return tuple(dict.fromkeys(last for heir in agency.successors for last in bearers(heir, on)))


def spellings(text: str) -> frozenset[str]:
    """What the one agency of a text goes by: its name in full and, where the place is sure, place and kind of body.

    So 江澜市云湾区人社局 and 云湾区人力资源和社会保障局 have one in common. Nothing for no agency, or several.
    """
    found = _agency(text)
    if found is None:
        return frozenset()
    return frozenset((found.name, f"{found.region} {found.body}") if found.region and found.body else (found.name,))


@lru_cache(maxsize=65_536)
def heirs(text: str) -> frozenset[str]:
    """Everybody who took over that agency's work since, one after another, whatever the day."""
    found: set[str] = set()
    waiting = [text]
    while waiting:
        agency = _agency(waiting.pop())
        later = set(agency.successors if agency else ()) - found
        found |= later
        waiting += later
    return frozenset(found)


def renamed(names: tuple[str, ...], on: date) -> dict[str, tuple[str, ...]]:
    """The names that are no longer borne on a day, each with who does its work then."""
    found = {name: bearers(name, on) for name in names}
    return {name: heirs for name, heirs in found.items() if heirs != (name,)}


def _agency(name: str) -> Agency | None:
    try:
        return parse_agency(name)
    except AgencyError:
        return None
