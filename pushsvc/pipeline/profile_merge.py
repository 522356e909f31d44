"""What a record changes: facts by their date, consents by what was said last, events by what is new. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from profiles.records import ProfileRecord
from pushsvc.store.consents import ConsentEntry
from pushsvc.store.frames import FACTS
from pushsvc.store.life import LifeEvent
from pushsvc.store.people import Profile

REGISTER = "register"  # the ledger's source for what a file or the API said, apart from what the person did
WORDING = "register-1"
INTERESTS = "interests"  # in `sources`: source, date, then the tags that the register named last
FRESH = timedelta(days=365)  # a birth or a founding longer ago is no news
_FIRMS = ("enterprise", "cooperative", "other", "self_employed")

_DEFAULT = ProfileRecord(ref="", kind="")  # a record does not tell "not said" from the default: what is held stays

Older = tuple[str, str, str, date]  # fact, value, source, date
Latest = Mapping[tuple[int, str, str], ConsentEntry]


@dataclass(frozen=True)
class Merged:
    """The row to write, and the older values that go into the history."""

    row: dict[str, object]
    older: tuple[Older, ...]


def merge(record: ProfileRecord, stored: Profile | None, as_of: date, more: Mapping[str, object]) -> Merged:
    """The stored profile with what the record says; `more` holds name, guardian_id and checksum as they are stored.

    A fact of an older date than the one held does not replace it, and goes into the history instead.
    """
    facts: dict[str, object] = dict.fromkeys(FACTS)
    sources: dict[str, list[str]] = {}
    older: list[Older] = []
    if stored is not None:
        facts |= stored.facts
        sources |= {fact: list(source) for fact, source in stored.sources.items()}
    said = [record.source, as_of.isoformat()]
    for fact, value in record.facts.items():
        if value is None:
            continue
        held = sources.get(fact)
        if held is not None and held[1] > said[1]:
            older.append(_older(fact, value, said))
            continue
        if held is not None and facts[fact] is not None and facts[fact] != value:
            older.append(_older(fact, facts[fact], held))
        facts[fact], sources[fact] = value, said
    interests = _interests(record, stored, sources)
    if record.interests:
        sources[INTERESTS] = [*said, *record.interests]
    row = {**_plain(record, stored), **facts, "interests": interests, "sources": sources, **more}
    return Merged(row, tuple(older))


def _plain(record: ProfileRecord, stored: Profile | None) -> dict[str, object]:
    return {
        "ref": record.ref,
        "kind": record.kind,
        "locale": stored.locale if stored and record.locale == _DEFAULT.locale else record.locale,
        "zone": stored.zone if stored and record.zone == _DEFAULT.zone else record.zone,
    }


def _interests(record: ProfileRecord, stored: Profile | None, sources: Mapping[str, Sequence[str]]) -> list[str]:
    """The tags held, with what the register adds or drops since it spoke last: a tag deleted by hand stays so."""
    held = list(stored.interests) if stored else []
    if not record.interests:
        return held
    before = sources.get(INTERESTS, ())[2:]
    kept = [tag for tag in held if tag in record.interests or tag not in before]
    return kept + [tag for tag in record.interests if tag not in before and tag not in kept]


def _older(fact: str, value: object, said: list[str]) -> Older:
    return fact, str(value), said[0], date.fromisoformat(said[1])


def consent_changes(
    record: ProfileRecord, profile_id: int, as_of: date, *, latest: Latest, register: Latest, now: datetime
) -> Iterable[ConsentEntry]:
    """New ledger entries: where the register says something else than it said last, unless the person spoke since.

    `latest` holds the newest entry of anybody, `register` the newest of the register's own. A record that speaks of
    consents names them all: what the register gave before and no longer names is withdrawn.
    """
    if record.consents is None:
        return
    given = set(record.consents)
    before = {key[1:] for key, entry in register.items() if key[0] == profile_id and entry.given}
    for purpose, channel in [*record.consents, *sorted(before - given)]:
        key = (profile_id, purpose, channel)
        says = (purpose, channel) in given
        said = register.get(key)
        if (said.given if said else False) == says:
            continue
        newest = latest.get(key)
        if newest is not None and (newest.given == says or _is_newer(newest, as_of)):
            continue
        yield ConsentEntry(profile_id, purpose, channel, says, WORDING, REGISTER, now)


def _is_newer(entry: ConsentEntry, as_of: date) -> bool:
    """The person spoke since, or a withdrawal is younger than what the record tells: an old file gives nothing back."""
    spoke = entry.source != REGISTER and entry.at.date() >= as_of
    return spoke or (not entry.given and entry.at.date() > as_of)


def life_changes(record: ProfileRecord, profile_id: int, stored: Profile | None, now: datetime) -> Iterable[LifeEvent]:
    """Events that the record itself shows: a move to another region, a firm just founded."""
    region = record.facts.get("region")
    if stored is not None and region and stored.facts.get("region") not in (None, region):
        yield LifeEvent(profile_id, "move", f"{region}:{now.date().isoformat()}", now)
    founded = record.facts.get("founded_on")
    if stored is None and record.kind in _FIRMS and isinstance(founded, date) and _fresh(founded, now):
        yield LifeEvent(profile_id, "incorporation", founded.isoformat(), now)


def births(new: Iterable[tuple[int, str, date | None]], now: datetime) -> Iterable[LifeEvent]:
    """An event for each dependant (profile, reference, born) who is new and was born within the year."""
    for profile_id, ref, born in new:
        if born is not None and _fresh(born, now):
            yield LifeEvent(profile_id, "birth", ref, now)


def _fresh(day: date, now: datetime) -> bool:
    return now.date() - FRESH <= day <= now.date() + timedelta(days=1)
