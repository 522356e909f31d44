"""From frames of profiles to the pieces of segments: split by shard and kind, each column coded as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, Listing, Nested
from profiles.derived import fact_column, inputs
from profiles.errors import ProfilesError
from profiles.facts import KINDS, LISTS, MARKET, SENSITIVE, STORED, YEARLY
from profiles.ragged import Mask, Rows, no_sets, spans
from profiles.snapshot.books import NumberBook, SetBook, WordBook
from profiles.snapshot.encoding import smallest_codes
from profiles.snapshot.strips import Strip

DERIVED = ("size", "rd_ratio")  # published of firms, beside what is stored
BELONGING = {  # what belongs to a profile: its columns and their kinds
    "dependants": {"birth_date": "date", "household_region": "code"},
    "qualifications": {"key": "code", "valid_from": "date", "valid_until": "date"},
}
_HELD = frozenset({*STORED, *SENSITIVE})


@dataclass
class Growing:
    """A segment that grows: strips of its rows, and of what belongs to them (`counts`: how many so far)."""

    folder: Path | None
    strips: dict[str, Strip] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def put(self, name: str, piece: NDArray[Any], of: str = "rows") -> None:
        """Adds a piece for the newest rows; a piece of nothing known is left out."""
        if (piece == piece).any() if piece.dtype.kind == "f" else piece.any():
            self.strip(name).put(self.counts.get(of, 0), piece)

    def strip(self, name: str) -> Strip:
        """The strip of this name, perhaps a new one."""
        if name not in self.strips:
            self.strips[name] = Strip(self.folder / name if self.folder else None)
        return self.strips[name]


@dataclass(frozen=True)
class _Batch:
    """A batch split: `order` sorts its rows by segment, in which they then lie at these slices."""

    order: Rows
    firms: Mask
    slices: tuple[tuple[tuple[int, str], slice], ...]

    def parts(self, grown: Callable[[tuple[int, str]], Growing]) -> Iterator[tuple[Growing, slice]]:
        """Each segment and its rows."""
        return ((grown(key), rows) for key, rows in self.slices)


class Gathering:
    """Takes profiles in batches of rising ids. With a scratch folder its memory does not grow with their number."""

    def __init__(self, on: date, shards: int, scratch: Path | None = None) -> None:
        self.segments: dict[tuple[int, str], Growing] = {}
        self.books: dict[str, NumberBook | WordBook] = {}
        self.set_books: dict[str, SetBook] = {}
        self._on, self._shards, self._scratch = on, shards, scratch
        self._last = np.iinfo(np.int64).min

    def add(self, frame: Frame, *, shard: Rows, personalised: Mask) -> None:
        """Takes n profiles in: a frame with the column "kind", int64[n] of any shards, bool[n].

        Raises ProfilesError: `order` (ids do not rise), `wrong_type` (no kind), `length`.
        """
        if not len(frame):
            return
        self._check(frame, shard, personalised)
        batch = _split(frame, shard % self._shards)
        self._put(batch, "ids", frame.ids)
        self._put(batch, "personalised", personalised)
        for name, column in frame.columns.items():
            plain, _, year = name.partition("@")
            if plain in (YEARLY if year else _HELD):
                self._put(batch, f"columns.{name}", self._coded(name, column))
        self._put_derived(batch, frame)
        for name in LISTS:
            listing = (
                Listing(frame.tags, np.ones(len(frame), np.bool_)) if name == "interests" else frame.lists.get(name)
            )
            if listing is not None and listing.told.any():
                book = self.set_books.setdefault(name, SetBook(empty=name != "interests"))
                self._put(batch, f"sets.{name}", book.codes(listing))
        self._put_belonging(batch, "dependants", frame.dependants)
        self._put_belonging(batch, "qualifications", frame.certificates())
        for grown, rows in batch.parts(self._grown):
            grown.counts["rows"] = grown.counts.get("rows", 0) + rows.stop - rows.start

    def _check(self, frame: Frame, shard: Rows, personalised: Mask) -> None:
        if not len(frame) == len(shard) == len(personalised):
            raise ProfilesError("length", "", f"{len(shard)} shards and {len(personalised)} answers for {len(frame)}.")
        if frame.ids[0] <= self._last or (np.diff(frame.ids) <= 0).any():
            raise ProfilesError("order", "ids", "The profiles do not come by rising id.")
        if "kind" not in frame.columns or not frame.columns["kind"].known().all():
            raise ProfilesError("wrong_type", "kind", "A profile has no kind.")
        self._last = int(frame.ids[-1])

    def _put(self, batch: _Batch, name: str, values: NDArray[Any]) -> None:
        sorted_ = values[batch.order]
        for grown, rows in batch.parts(self._grown):
            grown.put(name, sorted_[rows])

    def _coded(self, name: str, column: Column) -> NDArray[Any]:
        book = self.books.get(name)
        if book is None:
            book = self.books[name] = WordBook() if column.kind == "code" else NumberBook(column.kind)
        return book.codes(column)

    def _put_derived(self, batch: _Batch, frame: Frame) -> None:
        """What firms alone have is worked out for them alone."""
        firms = np.flatnonzero(batch.firms)
        if not len(firms):
            return
        needed = {part: frame.columns.get(part) for name in DERIVED for part in inputs(name, self._on)}
        columns = {part: column.take(firms) for part, column in needed.items() if column is not None}
        none = no_sets(len(firms))
        small = Frame(frame.ids[firms], columns, none, none, Nested(none.offsets))
        for name in DERIVED:
            coded = self._coded(name, fact_column(small, name, self._on))
            values = np.full(len(frame), np.nan if coded.dtype.kind == "f" else 0, dtype=coded.dtype)
            values[firms] = coded
            self._put(batch, f"columns.{name}", values)

    def _put_belonging(self, batch: _Batch, name: str, nested: Nested) -> None:
        if not nested.offsets[-1]:
            return
        picked, offsets = spans(nested.offsets, batch.order)
        sizes = np.diff(nested.offsets)
        self._put(batch, f"{name}.sizes", smallest_codes(sizes, int(sizes.max())))
        for part, kind in BELONGING[name].items():
            column = nested.columns[part]
            assert column.kind == kind
            coded = self._coded(f"{name}.{part}", column)[picked]
            for grown, rows in batch.parts(self._grown):
                grown.put(f"{name}.{part}", coded[offsets[rows.start] : offsets[rows.stop]], of=name)
        for grown, rows in batch.parts(self._grown):
            grown.counts[name] = grown.counts.get(name, 0) + int(offsets[rows.stop] - offsets[rows.start])

    def _grown(self, key: tuple[int, str]) -> Growing:
        if key not in self.segments:
            folder = self._scratch / f"{key[0]}-{key[1]}" if self._scratch else None
            if folder:
                folder.mkdir(parents=True)
            self.segments[key] = Growing(folder)
        return self.segments[key]


def _split(frame: Frame, shard: Rows) -> _Batch:
    kind = _kinds(frame.columns["kind"])
    group: Rows = shard.astype(np.int64) * len(KINDS) + kind
    order = np.argsort(smallest_codes(group, int(np.max(group))), kind="stable")
    counts = np.bincount(group)
    ends = np.cumsum(counts)
    slices = (
        ((key // len(KINDS), KINDS[key % len(KINDS)]), slice(int(ends[key] - counts[key]), int(ends[key])))
        for key in np.flatnonzero(counts).tolist()
    )
    return _Batch(order, np.array([name in MARKET for name in KINDS])[kind], tuple(slices))


def _kinds(column: Column) -> Rows:
    """int64[n]: places in KINDS."""
    try:
        places = np.array([KINDS.index(level) for level in column.levels], dtype=np.int64)
    except ValueError as exc:
        raise ProfilesError("unknown_level", "kind", f"No such kind of profile: {exc}.") from exc
    return np.asarray(places[column.values])
