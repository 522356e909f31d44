"""What a batch says beside the facts of the wide row: years, sensitive facts, families, members, choices, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from profiles.address import mask_of
from profiles.column_cells import valid
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.pipeline.profile_choices import REGISTER, WORDING, Given, consent_changes
from pushsvc.pipeline.profile_conflicts import better
from pushsvc.pipeline.profile_deleted import Barred
from pushsvc.pipeline.profile_merge import Merging, sources_of
from pushsvc.store import family as families
from pushsvc.store import profile_parts as parts
from pushsvc.store.addresses import Told, write_addresses
from pushsvc.store.bulk import copy_columns
from pushsvc.store.consents import append_consents, latest_consents
from pushsvc.store.frames import sensitive_place
from pushsvc.store.session import Connection


def write_years(conn: Connection, batch: Batch, merging: Mapping[str, Merging]) -> None:
    """The yearly facts that are held from now on, a year at a time. `merging` by `fact@year`."""
    for year in sorted({int(name.partition("@")[2]) for name in merging}):
        mine = {one.name: one for name, one in merging.items() if name.endswith(f"@{year}")}
        written = np.stack([one.written() for one in mine.values()]).any(axis=0)
        sources = pa.array(sources_of(batch, list(mine.values())), pa.string())
        columns = {
            "profile_id": pa.array(batch.ids, pa.int64()),
            "year": pa.repeat(year, len(batch)),
            "sources": sources,
        }
        columns |= {fact: one.column() for fact, one in mine.items()}
        for rows, write in ((written & batch.new, parts.add_years), (written & ~batch.new, parts.change_years)):
            if rows.any():
                places = pa.array(np.flatnonzero(rows))
                write(conn, {name: column.take(places) for name, column in columns.items()})


def write_sensitive(conn: Connection, batch: Batch, forbidden: Barred = frozenset()) -> None:
    """Sensitive facts, each where its word is believed; no word of them goes into the history."""
    held = {}
    if batch.said.sensitive and len(batch.changed):
        held = parts.sensitive_said(conn, [batch.ids[row] for row in batch.changed.tolist()])
    rows: list[tuple[int, str, bytes, str, date]] = []
    for fact, column in batch.said.sensitive.items():
        said = [
            (row, value)
            for row, value in enumerate(column.to_pylist())
            if value is not None and (row, fact) not in forbidden
        ]
        words = [f"{value:.15g}" if isinstance(value, float) else str(int(value)) for _, value in said]
        ciphers = batch.ctx.keyring.encrypt_all(words, sensitive_place(fact))
        for (row, _), cipher in zip(said, ciphers, strict=True):
            before = held.get((batch.ids[row], fact))
            if before is None or better(batch.sources, [(before, (batch.source[row], batch.dates[row]))])[0]:
                rows.append((batch.ids[row], fact, cipher, batch.source[row], batch.dates[row]))
    if rows:
        parts.write_sensitive(conn, rows)


def write_people(conn: Connection, batch: Batch) -> list[tuple[int, str, date | None]]:
    """Families and members. Returns the dependants nobody knew: (profile, reference, born)."""
    family: dict[bool, list[families.TellOf]] = {True: [], False: []}  # by: a new profile's?
    members: dict[bool, list[tuple[int, int, str]]] = {True: [], False: []}
    for row, relatives in batch.said.listed("dependants").cells():
        said = batch.source[row], batch.dates[row]
        mine = [(batch.ids[row], one.ref, one.birth_date, one.household_region, *said) for one in relatives]
        family[bool(batch.new[row])] += mine
    for row, people in batch.said.listed("members").cells():
        members[bool(batch.new[row])] += [(batch.ids[row], batch.people[ref], role) for ref, role in people]
    parts.add_members(conn, members[True])
    parts.write_members(conn, members[False], batch.now)
    born = families.add_dependants(conn, family[True], batch.today)
    return [one[:3] for one in born] + families.write_dependants(conn, family[False], batch.today)


def write_choices(conn: Connection, batch: Batch) -> None:
    """Consents and the personalised switch, as far as the person has not decided otherwise."""
    cells = list(batch.said.listed("consents").cells())
    fresh = [(batch.ids[row], *pair) for row, pairs in cells if batch.new[row] for pair in pairs]
    if fresh:
        ids, purposes, channels = (pa.array(column) for column in zip(*fresh, strict=True))
        columns = {"profile_id": ids, "purpose": purposes, "channel": channels, "given": True, "wording": WORDING}
        columns |= {"source": REGISTER, "at": batch.now.isoformat()}
        n = len(fresh)
        whole = {name: one if isinstance(one, pa.Array) else pa.repeat(one, n) for name, one in columns.items()}
        copy_columns(conn, "consent", whole)
    known = [Given(batch.ids[row], batch.dates[row], pairs) for row, pairs in cells if not batch.new[row]]
    if known:
        numbers = [one.profile_id for one in known]
        latest, register = latest_consents(conn, numbers), latest_consents(conn, numbers, source=REGISTER)
        append_consents(conn, consent_changes(known, latest=latest, register=register, now=batch.now))
    said = batch.said.plain.get("personalised")
    choices = [] if said is None else list(zip(batch.ids, said.to_pylist(), strict=True))
    parts.switch_off_personalised(conn, [(one, choice) for one, choice in choices if choice is not None], batch.now)


def write_addresses_of(conn: Connection, batch: Batch) -> None:
    """Where the profiles are reached; last, because other writers wait for it."""
    told = []
    for channel, column in batch.said.addresses.items():
        rows = np.flatnonzero(valid(column))
        values = column.take(pa.array(rows)).to_pylist()
        masks = [mask_of(channel, value) for value in values]
        told.append(Told(channel, [batch.ids[row] for row in rows.tolist()], values, masks, batch.new[rows].tolist()))
    write_addresses(conn, batch.ctx.keyring, told)
