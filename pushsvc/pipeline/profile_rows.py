"""Apply a batch of profile rows: many rows in a handful of statements, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from profiles.column_cells import valid
from profiles.lifecycle import derive
from profiles.said_frame import frame_of
from pushsvc.pipeline import profile_events as events
from pushsvc.pipeline import profile_papers, profile_parts
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.pipeline.profile_codes import write_codes
from pushsvc.pipeline.profile_conflicts import Settled, differing, past_of, settle
from pushsvc.pipeline.profile_deleted import Barred, barred, leave_out
from pushsvc.pipeline.profile_merge import (
    Merging,
    contests,
    facts_said,
    sources_of,
    tags_held,
    take_over,
    yearly_contests,
)
from pushsvc.pipeline.stages import refresh_stages
from pushsvc.store import people_import as rows
from pushsvc.store.bulk import hexadecimal, words_literal
from pushsvc.store.life import LifeEvent, add_life_events
from pushsvc.store.people import NAME_PLACE
from pushsvc.store.profile_parts import yearly_held
from pushsvc.store.session import Connection

_DEFAULTS = {"locale": "zh", "zone": "Asia/Shanghai"}  # said by most, so no sign that a person's own choice is over


def apply_batch(conn: Connection, batch: Batch, *, life_events: bool) -> None:
    """Write the batch: what its rows say is held from now on, as far as the rule on conflicts has it so."""
    papers, forbidden = profile_papers.papers_of(conn, batch), barred(conn, batch)
    merged = _merged(conn, batch, forbidden)
    _write_profiles(conn, batch, merged.facts)
    profile_parts.write_years(conn, batch, merged.yearly)
    profile_papers.write(conn, papers)
    rows.add_history(conn, papers.old, batch.now)
    profile_parts.write_sensitive(conn, batch, forbidden)
    born = profile_parts.write_people(conn, batch)
    write_codes(conn, batch)
    profile_parts.write_choices(conn, batch)
    refresh_stages(conn, batch.ctx, [batch.ids[row] for row in batch.changed.tolist()])
    if life_events:
        moves = events.moves(merged.moved, batch.now)
        told = events.papers_told(papers.write, papers.known, batch.now)
        add_life_events(conn, [*moves, *_founded(batch), *events.births(born, batch.now), *told])
    profile_parts.write_addresses_of(conn, batch)


@dataclass(frozen=True)
class Merged:
    """The facts and the yearly facts with who won; `moved`: (profile, region) where the region held is another now."""

    facts: Mapping[str, Merging]
    yearly: Mapping[str, Merging]
    moved: Sequence[tuple[int, object]] = ()


def _merged(conn: Connection, batch: Batch, forbidden: Barred) -> Merged:
    """Who wins; what lost is in the history by now."""
    known = [batch.ids[row] for row in batch.changed.tolist()]
    years = yearly_held(conn, known) if known and batch.said.yearly else []
    later: dict[tuple[int, str], int] = {}
    for one in years:
        for fact in one.values:
            later[one.profile_id, fact] = max(one.year, later.get((one.profile_id, fact), 0))
    facts = facts_said(batch, later)
    yearly = {
        name: Merging(name.partition("@")[0], column, valid(column)) for name, column in batch.said.yearly.items()
    }
    moved: list[tuple[int, object]] = []
    leave_out(facts | yearly, forbidden)
    if known:
        held = rows.held_values(conn, known, list(facts)) if facts else {}
        found = [*contests(batch, facts, held), *yearly_contests(batch, yearly, years)]
        strangers = differing(batch, found)
        past = past_of(rows.old_words(conn, strangers)) if strangers else {}
        settled = settle(batch, found, past)
        old = take_over(facts | yearly, settled)
        rows.forget_history(conn, [number for one in settled for number, _ in one.revived.values()])
        rows.add_history(conn, old, batch.now)
        moved = [pair for one in settled if one.contest.fact == "region" for pair in _moved(batch, one)]
    return Merged(facts, yearly, moved)


def _moved(batch: Batch, region: Settled) -> Iterator[tuple[int, object]]:
    one = region.contest
    for place, row in enumerate(one.rows.tolist()):
        if region.won[place] and one.held[place] != one.said[place]:
            yield batch.ids[row], one.said[place]


def _founded(batch: Batch) -> Iterator[LifeEvent]:
    kinds, founded = batch.said.texts("kind").to_pylist(), events.founded_of(batch.said)
    fresh = ((batch.ids[row], kinds[row], founded[row]) for row in np.flatnonzero(batch.new).tolist())
    return events.foundings(fresh, batch.now)


def _write_profiles(conn: Connection, batch: Batch, facts: Mapping[str, Merging]) -> None:
    columns = _columns(batch, facts)
    new = np.flatnonzero(batch.new)
    if len(new):
        fresh = {name: _taken(column, new) for name, column in columns.items()} | _only_new(batch, new)
        empty = {name: pa.scalar(text) for name, text in (*_DEFAULTS.items(), ("interests", "{}"))}
        rows.add_profiles(conn, fresh | {name: fresh[name].fill_null(text) for name, text in empty.items()})
    if len(batch.changed):
        held = {name: _taken(column, batch.changed) for name, column in columns.items()}
        rows.change_profiles(conn, held, batch.now)


def _taken(column: pa.Array, rows: NDArray[np.int64]) -> pa.Array:
    return column if len(rows) == len(column) else column.take(pa.array(rows))


def _columns(batch: Batch, facts: Mapping[str, Merging]) -> dict[str, pa.Array]:
    """What is written of every row."""
    said = batch.said
    names, guardians = said.texts("name").to_pylist(), said.texts("guardian").to_pylist()
    ciphers = iter(batch.ctx.keyring.encrypt_all([name for name in names if name], NAME_PLACE))
    interests = said.listed("interests")
    tags: list[str | None] = [None] * len(batch)
    for row, words in interests.cells():
        tags[row] = words_literal(tags_held(batch, row, words))
    return {
        "id": pa.array(batch.ids, pa.int64()),
        "name": hexadecimal(next(ciphers) if name else None for name in names),
        "guardian_id": pa.array([batch.people[one] if one else None for one in guardians], pa.int64()),
        "interests": pa.array(tags, pa.string()),
        "sources": pa.array(sources_of(batch, list(facts.values()), interests=interests), pa.string()),
        "checksum": hexadecimal(batch.sums),
        **{name: _chosen(batch, name) for name in _DEFAULTS},
        **{name: one.column() for name, one in facts.items()},
    }


def _only_new(batch: Batch, new: NDArray[np.int64]) -> dict[str, pa.Array]:
    """What is written of new rows alone: what never changes, and the stages, which others get from all that is held."""
    said = batch.said if len(new) == len(batch) else batch.said.take(new)
    frame = derive(frame_of(said), batch.today)
    known: dict[bytes, str] = {}
    stages = []
    for row in range(len(said)):
        key = frame.stages.codes[frame.stages.offsets[row] : frame.stages.offsets[row + 1]].tobytes()
        if key not in known:
            known[key] = words_literal(frame.stages.words(row))
        stages.append(known[key])
    return {
        "ref": said.texts("ref"),
        "kind": said.texts("kind"),
        "shard": pa.array([batch.shards[row] for row in new.tolist()], pa.int64()),
        "stages": pa.array(stages, pa.string()),
        "updated_at": pa.repeat(batch.now.isoformat(), len(said)),
    }


def _chosen(batch: Batch, name: str) -> pa.Array:
    said = batch.said.texts(name)
    return pc.if_else(pc.equal(said, _DEFAULTS[name]), None, said)
