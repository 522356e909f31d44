"""Ingest profiles: a CSV in chunks, or one record of the API. Good rows load, bad ones are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from profiles.profile_rows import NO_CONSENT
from profiles.records import ProfileRecord, RowError, parse_profile, read_profiles
from pushsvc.context import Context
from pushsvc.pipeline.profile_rows import apply_records
from pushsvc.pipeline.report import ImportReport, Progress
from pushsvc.store.people import kinds_of, profile_ids, tombstones_among
from pushsvc.store.session import Connection, transaction


@dataclass(frozen=True)
class Upserted:
    """One profile's number and what became of it: new, changed or unchanged."""

    id: int
    outcome: str


@dataclass
class Loading:
    """How far an import is. `waiting`: rows that name people who are not there yet; the file may still bring them."""

    conn: Connection
    ctx: Context
    life_events: bool
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)
    waiting: list[ProfileRecord] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)


def import_profiles(
    ctx: Context, path: Path, progress: Progress = lambda n: None, *, life_events: bool = False
) -> ImportReport:
    """Load a file of profiles in one transaction; a file that cannot be read raises RecordsError and changes nothing.

    `life_events`: what the rows show to be new (a birth, a move, a founding) is raised as an event; leave it off for
    the first load of a register, which is news to nobody.
    """
    with transaction(ctx.engine) as conn:
        loading = Loading(conn, ctx, life_events)
        for chunk in read_profiles(path):
            loading.errors += chunk.errors
            _load(loading, chunk.records)
            progress(len(chunk.records) + len({error.line for error in chunk.errors}))
        _load_waiting(loading)
    return ImportReport(
        new=loading.counts["new"],
        changed=loading.counts["changed"],
        unchanged=loading.counts["unchanged"],
        errors=tuple(sorted(loading.errors, key=lambda error: error.line)),
    )


def upsert_profile(ctx: Context, given: Mapping[str, object]) -> Upserted | list[RowError]:
    """One profile, as a row of the file would be; news raises life events.

    An empty cell of a file says nothing; `consents` handed in empty says that none is given any more.
    """
    if "consents" in given and given["consents"] in ("", None):
        given = {**given, "consents": NO_CONSENT}
    record = parse_profile(given, 1)
    if isinstance(record, list):
        return record
    with transaction(ctx.engine) as conn:
        loading = Loading(conn, ctx, life_events=True)
        _load(loading, [record])
        _load_waiting(loading)
        if loading.errors:
            return loading.errors
        (outcome,) = loading.counts
        return Upserted(loading.ids[record.ref], outcome)


def _load(loading: Loading, records: Sequence[ProfileRecord]) -> None:
    """Apply the rows that may be applied; those that name people not yet known wait."""
    good = _without_refused(loading, records)
    named = {ref for record in good for ref in _people(record)}
    people = profile_ids(loading.conn, sorted(named))
    ready = [record for record in good if people.keys() >= _people(record)]
    own = {record.ref for record in ready}
    loading.waiting += [record for record in good if record.ref not in own]
    applied = apply_records(loading.conn, loading.ctx, ready, people, life_events=loading.life_events)
    loading.counts += applied.counts()
    loading.ids |= {ref: applied.ids[ref] for ref in own}


def _load_waiting(loading: Loading) -> None:
    """Go over the waiting rows until none can be applied; a person nobody brought is an error of the row."""
    while loading.waiting:
        rows, loading.waiting = loading.waiting, []
        _load(loading, rows)
        if len(loading.waiting) == len(rows):
            break
    known = profile_ids(loading.conn, sorted({ref for record in loading.waiting for ref in _people(record)}))
    for record in loading.waiting:
        loading.errors += _unknown_people(record, known)


def _unknown_people(record: ProfileRecord, known: Mapping[str, int]) -> Iterable[RowError]:
    for column, refs in (("guardian", [record.guardian]), ("members", [ref for ref, _ in record.members])):
        for ref in refs:
            if ref and ref not in known:
                yield RowError(record.line, column, "unknown_profile", f"There is no profile {ref!r}.")


def _people(record: ProfileRecord) -> set[str]:
    return {ref for ref in (record.guardian, *(ref for ref, _ in record.members)) if ref}


def _without_refused(loading: Loading, records: Sequence[ProfileRecord]) -> list[ProfileRecord]:
    """The rows that do not change a profile's nature, and are of nobody who was erased; the others become errors."""
    kinds = kinds_of(loading.conn, [record.ref for record in records])
    stones = {record.ref: tombstone(loading.ctx, record.ref) for record in records if record.ref not in kinds}
    erased = tombstones_among(loading.conn, list(stones.values()))
    good = []
    for record in records:
        if stones.get(record.ref) in erased:
            sentence = "This profile was erased on request and is not taken up again."
            loading.errors.append(RowError(record.line, "ref", "erased", sentence))
        elif kinds.get(record.ref, record.kind) != record.kind:
            sentence = f"This profile is a {kinds[record.ref]}; that does not change."
            loading.errors.append(RowError(record.line, "kind", "kind_changed", sentence))
        else:
            good.append(record)
    return good


def tombstone(ctx: Context, ref: str) -> str:
    """What stands for an erased profile's reference: a keyed hash, so that a later file cannot bring it back."""
    return f"erased:{ctx.keyring.lookup('erased', ref).hex()}"
