"""Load rows of profiles: read and check in one thread, write batches in others, each in a transaction of its own."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from profiles.profile_rows import parse_row, parse_rows, spoken
from profiles.records import RowError, first_seen, profile_stretches
from profiles.tables import Stretch
from pushsvc.context import Context
from pushsvc.pipeline.profile_sorting import Piece, Written, unknown_people, write_piece
from pushsvc.pipeline.report import ImportReport, Progress
from pushsvc.store.people_import import checksums
from pushsvc.store.session import transaction

ROWS = 10_000  # read, checked and written together
WRITERS = 2
_OBJECTS = 500_000  # made between two looks for cycles
_SAMPLE = 100  # rows that tell whether a stretch is known at all
_AHEAD = 2  # batches checked before they can be written: memory stays bounded


@dataclass
class Loading:
    """How far an import is. `waiting`: rows that name people who are not there yet; the file may still bring them."""

    ctx: Context
    life_events: bool
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)
    waiting: list[Piece] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    ids: dict[str, int] | None = None  # by reference, where somebody asks for them: of a file there may be millions


def load_file(ctx: Context, path: Path, progress: Progress, *, life_events: bool) -> ImportReport:
    """The whole file. Raises RecordsError before anything is written."""
    loading = Loading(ctx, life_events)
    stretches = profile_stretches(path, chunk_rows=ROWS)
    with _seldom_collected(), ThreadPoolExecutor(WRITERS) as pool:
        under_way: list[Future[Written]] = []
        for stretch in stretches:
            piece = _checked(loading, stretch)
            while len(under_way) >= WRITERS + _AHEAD:
                _note(loading, under_way.pop(0).result())
            under_way.append(pool.submit(write_piece, ctx, piece, life_events=life_events))
            progress(len(stretch) + len(stretch.errors))
        for one in under_way:
            _note(loading, one.result())
        _load_waiting(loading, pool.map)
    return ImportReport(
        new=loading.counts["new"],
        changed=loading.counts["changed"],
        unchanged=loading.counts["unchanged"],
        errors=tuple(sorted(loading.errors, key=lambda error: error.line)),
    )


def load_one(ctx: Context, given: Mapping[str, object]) -> tuple[int, str] | list[RowError]:
    """One row: (number, what became of it), or what is wrong with it."""
    found = parse_row(given, 1)
    if isinstance(found, list):
        return found
    said, stretch = found
    loading = Loading(ctx, life_events=True, ids={})
    _note(loading, write_piece(ctx, Piece(said, _sums(ctx, stretch)), life_events=True))
    _load_waiting(loading, map)
    if loading.errors:
        return loading.errors
    assert loading.ids is not None
    (outcome,), (number,) = loading.counts, loading.ids.values()
    return number, outcome


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles seldom: millions of values without any are made here, and a tenth of the time is saved."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _checked(loading: Loading, stretch: Stretch) -> Piece:
    """The good rows that may bring something new; rows said word for word before are only counted."""
    loading.errors += stretch.errors
    sums = _sums(loading.ctx, stretch)
    fresh = _not_yet_said(loading, stretch, sums)
    said, wrong = parse_rows(stretch if len(fresh) == len(stretch) else stretch.take(fresh))
    said, twice = first_seen(said, loading.seen)
    loading.errors += [*wrong, *twice]
    by_line = dict(zip(stretch.lines.tolist(), sums, strict=True))
    return Piece(said, [by_line[line] for line in said.lines.tolist()])


def _not_yet_said(loading: Loading, stretch: Stretch, sums: list[bytes]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The rows to be read: all but those whose profile's last record was the same, and which name nobody."""
    texts = stretch.columns.get("ref")
    refs = texts.to_pylist() if texts is not None else [None] * len(stretch)
    said = [ref for ref in refs if ref]
    with transaction(loading.ctx.engine) as conn:
        known = checksums(conn, said if checksums(conn, said[:_SAMPLE]) else [])  # else it is a first import
    if not known:
        return np.arange(len(stretch), dtype=np.int64)
    naming = {name: stretch.columns[name].to_pylist() for name in ("guardian", "members") if name in stretch.columns}
    often, fresh = Counter(refs), []
    for row, (ref, total) in enumerate(zip(refs, sums, strict=True)):
        alone = not any(column[row] for column in naming.values()) and often[ref] == 1 and ref not in loading.seen
        if alone and ref and known.get(ref) == total:
            loading.seen[ref] = int(stretch.lines[row])
            loading.counts["unchanged"] += 1
        else:
            fresh.append(row)
    return np.array(fresh, dtype=np.int64)


def _sums(ctx: Context, stretch: Stretch) -> list[bytes]:
    """A keyed hash of everything each row says: equal means that there is nothing to do."""
    return ctx.keyring.lookups("record", [text or "" for text in spoken(stretch)])


def _note(loading: Loading, written: Written) -> None:
    loading.counts += written.counts
    loading.errors += written.errors
    if loading.ids is not None:
        loading.ids |= written.ids
    if len(written.waiting.said):
        loading.waiting.append(written.waiting)


def _load_waiting(loading: Loading, each: Callable[..., Iterable[Written]]) -> None:
    """Go over the waiting rows until none can be applied; a person nobody brought is an error of the row."""
    while loading.waiting:
        pieces, loading.waiting = loading.waiting, []
        before = sum(len(piece.said) for piece in pieces)
        write = partial(write_piece, loading.ctx, life_events=loading.life_events)
        for written in each(write, pieces):
            _note(loading, written)
        if sum(len(piece.said) for piece in loading.waiting) == before:
            break
    for piece in loading.waiting:
        loading.errors += unknown_people(loading.ctx, piece.said)
