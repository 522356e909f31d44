"""Segments: the profiles of one kind in one shard, as encoded columns; and a snapshot, all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, Listing, Nested, no_certificates
from profiles.facts import KINDS, LISTS
from profiles.ragged import Mask, Rows, no_sets, spans
from profiles.snapshot.encoding import Encoded

SETS = (*LISTS, "stages")  # columns of sets; "stages" as of the day the snapshot was made


@dataclass(frozen=True, eq=False)
class Belonging:
    """Encoded rows that belong to n profiles: profile i has offsets[i]:offsets[i + 1]."""

    offsets: NDArray[Any]  # uint32 or int64, n + 1
    columns: Mapping[str, Encoded]

    def nested(self, rows: NDArray[np.int64]) -> Nested:
        """What belongs to these profiles, decoded."""
        picked, offsets = spans(self.offsets.astype(np.int64), rows)
        return Nested(offsets, {name: held.take(picked).column() for name, held in self.columns.items()})


@dataclass(frozen=True, eq=False)
class Shared:
    """Profiles reached at an address that another profile is reached at too.

    `rows` (rising) of the segment; the i-th has addresses[offsets[i]:offsets[i + 1]], ids of all its addresses.
    """

    rows: NDArray[Any]
    offsets: NDArray[Any]
    addresses: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Segment:
    """n profiles of one `kind`, by rising id. A fact without a column is missing for all of them.

    `columns`: stored facts, `fact@year`, and of firms "size" and "rd_ratio". `sets`: of SETS; code 0 is nothing told.
    `personalised` bool[n]: who lets the service recommend. `dead` bool[n]: rows that newer ones stand for.
    """

    kind: str
    shard: int
    ids: NDArray[Any]
    columns: Mapping[str, Encoded]
    sets: Mapping[str, Encoded]
    personalised: Mask
    dependants: Belonging | None = None
    qualifications: Belonging | None = None
    shared: Shared | None = None
    dead: Mask | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def rows_of(self, ids: Rows) -> Rows:
        """Row of each id (any order), -1 where it is not here or its row is dead."""
        if not len(self):
            return np.full(len(ids), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        found = np.where(self.ids[at] == ids, at, -1)
        return found if self.dead is None else np.where((found >= 0) & ~self.dead[found], found, -1)

    def without(self, ids: Rows) -> Segment:
        """The segment with the rows of these ids dead; itself where it has none of them."""
        rows = self.rows_of(ids)
        rows = rows[rows >= 0]
        if not len(rows):
            return self
        dead = np.zeros(len(self), dtype=np.bool_) if self.dead is None else self.dead.copy()
        dead[rows] = True
        return replace(self, dead=dead)

    def frame(self, rows: Rows) -> Frame:
        """These rows (indices) decoded, with "kind", "size" and "rd_ratio" where held; other derived facts are not."""
        n = len(rows)
        columns = {name: held.take(rows).column() for name, held in self.columns.items()}
        columns["kind"] = Column("code", np.full(n, KINDS.index(self.kind), dtype=np.int32), KINDS)
        lists = {name: held.take(rows).listing() for name, held in self.sets.items()}
        tags, stages = (lists.pop(name, Listing(no_sets(n), np.zeros(n, np.bool_))).sets for name in _OWN)
        none = Nested(np.zeros(n + 1, np.int64))
        family = self.dependants.nested(rows) if self.dependants else none
        papers = self.qualifications.nested(rows) if self.qualifications else no_certificates(n)
        return Frame(self.ids[rows].astype(np.int64), columns, tags, stages, family, lists, papers)


_OWN = ("interests", "stages")  # sets that a frame holds beside its lists


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The published profiles: immutable. `on`: the day its stages are for. `vocabulary`: of the facts it was made by.

    `watermark`: changes written from that transaction on are not in it. `shards`: how many there are in all.
    """

    version: str
    on: date
    segments: tuple[Segment, ...]
    watermark: int = 0
    shards: int = 1
    vocabulary: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(one) - (0 if one.dead is None else int(one.dead.sum())) for one in self.segments)

    def refreshed(self, changed: Rows, fresh: tuple[Segment, ...], watermark: int) -> Snapshot:
        """The snapshot with the changed profiles as they are now: their rows are dead, `fresh` ones stand for them."""
        kept = tuple(one.without(changed) for one in self.segments)
        return replace(self, segments=(*kept, *fresh), watermark=watermark)

    def decoded(self) -> Iterator[Frame]:
        """Every segment's living rows as a frame."""
        for one in self.segments:
            yield one.frame(np.flatnonzero(np.ones(len(one), np.bool_) if one.dead is None else ~one.dead))
