"""Apply parsed profile records: many rows in a handful of statements, inside the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain

import numpy as np

from profiles.lifecycle import derive
from profiles.records import ProfileRecord
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.profile_merge import REGISTER, Merged, births, consent_changes, life_changes, merge
from pushsvc.store import people_import as rows
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.consents import append_consents, latest_consents
from pushsvc.store.frames import load_frame, sensitive_place
from pushsvc.store.life import add_life_events
from pushsvc.store.people import NAME_PLACE, Profile, lock_profiles
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Applied:
    """What became of some records: `new`, `changed` or `unchanged` by reference, and every profile's number."""

    outcome: Mapping[str, str]
    ids: Mapping[str, int]

    def counts(self) -> Counter[str]:
        """How many records became what."""
        return Counter(self.outcome.values())


@dataclass(frozen=True)
class Batch:
    """The records that change something, with what was stored before and the numbers of all people they name."""

    ctx: Context
    records: Sequence[ProfileRecord]
    stored: Mapping[str, Profile]
    people: Mapping[str, int]
    now: datetime
    today: date
    ids: Mapping[str, int] = field(default_factory=dict)


def apply_records(
    conn: Connection, ctx: Context, records: Sequence[ProfileRecord], people: Mapping[str, int], *, life_events: bool
) -> Applied:
    """Write records with distinct references; `people` has the number of every guardian and member they name."""
    now = ctx.clock()
    stored = lock_profiles(conn, [record.ref for record in records])
    sums = {record.ref: checksum(ctx, record) for record in records}
    outcome = {ref: _outcome(stored.get(ref), total) for ref, total in sums.items()}
    changing = [record for record in records if outcome[record.ref] != "unchanged"]
    ids = {ref: profile.id for ref, profile in stored.items()}
    if changing:
        batch = Batch(ctx, changing, stored, people, now, city_day(ctx))
        ids |= _write(conn, batch, sums, life_events=life_events)
    return Applied(outcome, ids)


def checksum(ctx: Context, record: ProfileRecord) -> bytes:
    """A keyed hash of everything the record says: equal means that there is nothing to do."""
    values = [(address.channel, address.value) for address in record.addresses]  # which a record's repr hides
    return ctx.keyring.lookup("record", f"{record}{values}")


def refresh_stages(conn: Connection, ctx: Context, profile_ids: Sequence[int]) -> int:
    """Compute the lifecycle stages anew from the stored facts; returns how many profiles changed."""
    if not profile_ids:
        return 0
    frame = derive(load_frame(conn, profile_ids=np.array(profile_ids, dtype=np.int64)), city_day(ctx))
    words = ((number, list(frame.stages.words(row))) for row, number in enumerate(frame.ids.tolist()))
    return rows.write_stages(conn, words)


def _outcome(stored: Profile | None, total: bytes) -> str:
    if stored is None:
        return "new"
    return "unchanged" if stored.checksum == total else "changed"


def _write(conn: Connection, batch: Batch, sums: Mapping[str, bytes], *, life_events: bool) -> dict[str, int]:
    merged = {
        r.ref: merge(r, batch.stored.get(r.ref), r.as_of or batch.today, _more(batch, r, sums)) for r in batch.records
    }
    ids = rows.write_profiles(conn, (one.row for one in merged.values()), batch.now)
    batch = replace(batch, ids=ids)
    rows.write_history(conn, _history(batch, merged), batch.now)
    replace_addresses(conn, batch.ctx.keyring, list(_addresses(batch)))
    rows.write_sensitive(conn, _sensitive(batch))
    new = rows.write_dependants(conn, _dependants(batch))
    rows.write_members(conn, _members(batch), batch.now)
    _write_choices(conn, batch)
    refresh_stages(conn, batch.ctx, list(ids.values()))
    if life_events:
        changes = (life_changes(r, ids[r.ref], batch.stored.get(r.ref), batch.now) for r in batch.records)
        add_life_events(conn, [*chain.from_iterable(changes), *births(new, batch.now)])
    return ids


def _more(batch: Batch, record: ProfileRecord, sums: Mapping[str, bytes]) -> dict[str, object]:
    stored = batch.stored.get(record.ref)
    name = batch.ctx.keyring.encrypt(record.name, NAME_PLACE) if record.name else stored and stored.name
    guardian = batch.people[record.guardian] if record.guardian else stored and stored.guardian_id
    return {"name": name, "guardian_id": guardian, "checksum": sums[record.ref]}


def _write_choices(conn: Connection, batch: Batch) -> None:
    """Consents and the personalised switch, as far as the person has not decided otherwise."""
    numbers = [batch.ids[record.ref] for record in batch.records if record.consents is not None]
    latest = latest_consents(conn, numbers) if numbers else {}
    register = latest_consents(conn, numbers, source=REGISTER) if numbers else {}
    entries = [
        entry
        for record in batch.records
        for entry in consent_changes(
            record,
            batch.ids[record.ref],
            record.as_of or batch.today,
            latest=latest,
            register=register,
            now=batch.now,
        )
    ]
    append_consents(conn, entries)
    said = [(batch.ids[r.ref], r.personalised) for r in batch.records if r.personalised is not None]
    rows.switch_off_personalised(conn, said, batch.now)


def _history(batch: Batch, merged: Mapping[str, Merged]) -> Iterator[tuple[int, str, str, str, date]]:
    for ref, one in merged.items():
        for fact, value, source, as_of in one.older:
            yield batch.ids[ref], fact, value, source, as_of


def _addresses(batch: Batch) -> Iterator[NewAddress]:
    for record in batch.records:
        for address in record.addresses:
            yield NewAddress(batch.ids[record.ref], address.channel, address.value, address.mask)


def _sensitive(batch: Batch) -> Iterator[tuple[int, str, bytes, str, date]]:
    for record in batch.records:
        for fact, value in record.sensitive.items():
            if value is not None:
                cipher = batch.ctx.keyring.encrypt("1" if value else "0", sensitive_place(fact))
                yield batch.ids[record.ref], fact, cipher, record.source, record.as_of or batch.today


def _dependants(batch: Batch) -> Iterator[tuple[int, str, date | None, str | None]]:
    for record in batch.records:
        for one in record.dependants:
            yield batch.ids[record.ref], one.ref, one.birth_date, one.household_region


def _members(batch: Batch) -> Iterator[tuple[int, int, str]]:
    for record in batch.records:
        for ref, role in record.members:
            yield batch.ids[record.ref], batch.people[ref], role
