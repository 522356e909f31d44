"""Sort a piece of checked rows by what may become of each, and write those that may be written, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from profiles.csvfile import RowError
from profiles.said import Said
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.pipeline.profile_rows import apply_batch
from pushsvc.pipeline.stones import tombstones
from pushsvc.store.bulk import CLASHES
from pushsvc.store.people import any_erased, profile_ids, tombstones_among
from pushsvc.store.people_import import Standing, lock_standing, number_profiles
from pushsvc.store.session import Connection, transaction
from pushsvc.store.sources import registered_sources

_TRIES = 3  # somebody else may bring the same new profile at the same moment


@dataclass(frozen=True)
class Piece:
    """Checked rows with distinct references, and what each comes to."""

    said: Said
    sums: Sequence[bytes]

    def take(self, rows: Sequence[int]) -> Piece:
        """These rows."""
        if len(rows) == len(self.sums):
            return self
        return Piece(self.said.take(np.array(rows, dtype=np.int64)), [self.sums[row] for row in rows])


@dataclass(frozen=True)
class Written:
    """What became of a piece. `waiting`: rows that name people nobody knows yet."""

    counts: Counter[str]
    errors: Sequence[RowError]
    ids: Mapping[str, int]
    waiting: Piece


def write_piece(ctx: Context, piece: Piece, *, life_events: bool) -> Written:
    """Write what may be written; all of it or, on an error, nothing."""
    for last in (*[False] * (_TRIES - 1), True):
        try:
            with transaction(ctx.engine) as conn:
                return _write(conn, ctx, piece, life_events=life_events)
        except CLASHES:
            if last:
                raise
    raise AssertionError("the last try returns or raises")


def unknown_people(ctx: Context, said: Said) -> list[RowError]:
    """An error for each person that a row names and nobody brought."""
    errors = []
    with transaction(ctx.engine) as conn:
        named = _named(said)
        known = profile_ids(conn, sorted({ref for people in named for _, ref in people}))
    for line, people in zip(said.lines.tolist(), named, strict=True):
        for column, ref in people:
            if ref not in known:
                errors.append(RowError(line, column, "unknown_profile", f"There is no profile {ref!r}."))
    return errors


@dataclass
class _Sorted:
    """The rows of a piece by what may become of them."""

    ready: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ids: dict[str, int] = field(default_factory=dict)


def _write(conn: Connection, ctx: Context, piece: Piece, *, life_events: bool) -> Written:
    refs = piece.said.texts("ref").to_pylist()
    standing = lock_standing(conn, refs)
    named = _named(piece.said)
    people = profile_ids(conn, sorted({ref for one in named for _, ref in one})) if any(named) else {}
    found = _sort(conn, ctx, piece, standing, named, people)
    ready = piece.take(found.ready)
    if found.ready:
        batch = _batch(conn, ctx, ready, standing, people)
        apply_batch(conn, batch, life_events=life_events)
        found.counts["new"] += int(batch.new.sum())
        found.counts["changed"] += len(batch.changed)
        found.ids |= dict(zip(ready.said.texts("ref").to_pylist(), batch.ids, strict=True))
    return Written(found.counts, found.errors, found.ids, piece.take(found.waiting))


def _sort(
    conn: Connection,
    ctx: Context,
    piece: Piece,
    standing: Mapping[str, Standing],
    named: Sequence[Sequence[tuple[str, str]]],
    people: Mapping[str, int],
) -> _Sorted:
    """`named`: the people each row names; `people`: those of them who are known."""
    found = _Sorted()
    refs, kinds = piece.said.texts("ref").to_pylist(), piece.said.texts("kind").to_pylist()
    lines = piece.said.lines.tolist()
    stones = _stones(conn, ctx, [ref for ref in refs if ref not in standing])
    for row, (ref, kind) in enumerate(zip(refs, kinds, strict=True)):
        before = standing.get(ref)
        if ref in stones:
            sentence = "This profile was erased on request and is not taken up again."
            found.errors.append(RowError(lines[row], "ref", "erased", sentence))
        elif before and before.kind != kind:
            sentence = f"This profile is a {before.kind}; that does not change."
            found.errors.append(RowError(lines[row], "kind", "kind_changed", sentence))
        elif before and before.checksum == piece.sums[row] and all(one in people for _, one in named[row]):
            found.counts["unchanged"] += 1
            found.ids[ref] = before.id
        else:
            found.ready.append(row)
    _set_aside(found, refs, named, people)
    return found


def _set_aside(
    found: _Sorted, refs: Sequence[str], named: Sequence[Sequence[tuple[str, str]]], people: Mapping[str, int]
) -> None:
    """Rows wait that name people who are neither known nor come with them."""
    while True:
        here = {refs[row] for row in found.ready}
        lacking = [row for row in found.ready if any(one not in people and one not in here for _, one in named[row])]
        if not lacking:
            return
        found.waiting += lacking
        gone = set(lacking)
        found.ready = [row for row in found.ready if row not in gone]


def _stones(conn: Connection, ctx: Context, refs: list[str]) -> set[str]:
    """Those of these references that were erased."""
    if not refs or not any_erased(conn):
        return set()
    stones = dict(zip(tombstones(ctx, refs), refs, strict=True))
    return {stones[found] for found in tombstones_among(conn, list(stones))}


def _batch(
    conn: Connection, ctx: Context, ready: Piece, standing: Mapping[str, Standing], people: Mapping[str, int]
) -> Batch:
    refs = ready.said.texts("ref").to_pylist()
    fresh = [ref for ref in refs if ref not in standing]
    numbers = dict(zip(fresh, number_profiles(conn, fresh), strict=True)) if fresh else {}
    ids = [standing[ref].id if ref in standing else numbers[ref][0] for ref in refs]
    return Batch(
        ctx=ctx,
        said=ready.said,
        ids=ids,
        shards=[numbers[ref][1] if ref in numbers else 0 for ref in refs],
        standing=[standing.get(ref) for ref in refs],
        people={**dict(zip(refs, ids, strict=True)), **people},
        sums=ready.sums,
        sources=registered_sources(conn),
        now=ctx.clock(),
        today=city_day(ctx),
    )


def _named(said: Said) -> list[list[tuple[str, str]]]:
    """The people each row names: (column, reference)."""
    named: list[list[tuple[str, str]]] = [
        [("guardian", ref)] if ref else [] for ref in said.texts("guardian").to_pylist()
    ]
    for row, members in said.listed("members").cells():
        named[row] += [("members", ref) for ref, _ in members]
    return named
