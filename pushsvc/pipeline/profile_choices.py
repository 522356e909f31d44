"""Consents that a register names: by what was said last, never over a person's own word. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pushsvc.pipeline.days import day_of
from pushsvc.store.consents import ConsentEntry

REGISTER = "register"  # the ledger's source for what a file or the API said, apart from what the person did
WORDING = "register-1"

Latest = Mapping[tuple[int, str, str], ConsentEntry]


@dataclass(frozen=True)
class Given:
    """All consents that a record of `as_of` names for a profile."""

    profile_id: int
    as_of: date
    consents: Sequence[tuple[str, str]]


def consent_changes(given: Iterable[Given], *, latest: Latest, register: Latest, now: datetime) -> list[ConsentEntry]:
    """New ledger entries: where the register says something else than it said last, unless the person spoke since.

    `latest` holds the newest entry of anybody, `register` the newest of the register's own. A record that speaks of
    consents names them all: what the register gave before and no longer names is withdrawn.
    """
    before: dict[int, set[tuple[str, str]]] = {}
    for (profile, purpose, channel), entry in register.items():
        if entry.given:
            before.setdefault(profile, set()).add((purpose, channel))
    made = []
    for one in given:
        named = set(one.consents)
        for purpose, channel in [*one.consents, *sorted(before.get(one.profile_id, set()) - named)]:
            key = (one.profile_id, purpose, channel)
            says, said, newest = (purpose, channel) in named, register.get(key), latest.get(key)
            if (said.given if said else False) == says:
                continue
            if newest is None or not (newest.given == says or _is_newer(newest, one.as_of)):
                made.append(ConsentEntry(*key, says, WORDING, REGISTER, now))
    return made


def _is_newer(entry: ConsentEntry, as_of: date) -> bool:
    """The person spoke since, or a withdrawal is younger than what the record tells: an old file gives nothing back."""
    day = day_of(entry.at)
    spoke = entry.source != REGISTER and day >= as_of
    return spoke or (not entry.given and day > as_of)
