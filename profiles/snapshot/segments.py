"""Segments: the profiles of one kind in one shard, as encoded columns; and a snapshot, all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.facts import LISTS
from profiles.ragged import Mask, Rows
from profiles.snapshot.encoding import Encoded

SETS = (*LISTS, "stages")  # columns of sets; "stages" as of the day the snapshot was made


@dataclass(frozen=True, eq=False)
class Belonging:
    """Encoded rows that belong to n profiles: profile i has offsets[i]:offsets[i + 1]."""

    offsets: NDArray[Any]  # uint32 or int64, n + 1
    columns: Mapping[str, Encoded]


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
        # Numbers of another width would have the whole column copied; those that do not fit are found nowhere.
        at = np.minimum(np.searchsorted(self.ids, ids.astype(self.ids.dtype)), len(self) - 1)
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
