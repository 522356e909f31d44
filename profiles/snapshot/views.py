"""Some rows of a segment, looked at without a copy; decoded only where a computation asks for values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, Listing, Nested, no_certificates
from profiles.facts import KINDS
from profiles.ragged import Rows, no_sets, offsets_of
from profiles.snapshot.encoding import Encoded
from profiles.snapshot.segments import Belonging, Segment, Snapshot

_OWN = ("interests", "stages")  # sets that a frame holds beside its lists


class Decoded(Mapping[str, Column]):
    """Columns of some rows, each decoded when it is first asked for."""

    def __init__(self, held: Mapping[str, Encoded], rows: Any, more: Mapping[str, Column]) -> None:
        self._held, self._rows, self._made = held, rows, dict(more)

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made[name] = self._held[name].take(self._rows).column()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._made or name in self._held

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._held), **dict.fromkeys(self._made)})

    def __len__(self) -> int:
        return len({*self._held, *self._made})


@dataclass(frozen=True, eq=False)
class View:
    """n rows of a segment: a slice (taken without a copy) or indices."""

    segment: Segment
    rows: slice | Rows

    def __len__(self) -> int:
        return self.rows.stop - self.rows.start if isinstance(self.rows, slice) else len(self.rows)

    def narrowed(self, picked: NDArray[Any]) -> View:
        """These rows of the view (indices or a mask)."""
        if picked.dtype == np.bool_:
            picked = np.flatnonzero(picked)
        return View(self.segment, picked + self.rows.start if isinstance(self.rows, slice) else self.rows[picked])

    def codes(self, name: str) -> Encoded | None:
        """The column or set column of this name; None where the segment has none."""
        found = self.segment.columns.get(name) or self.segment.sets.get(name)
        return None if found is None else found.take(self.rows)

    def living(self) -> NDArray[np.bool_] | None:
        """bool[n]: rows that no newer ones stand for; None where all do."""
        return None if self.segment.dead is None else ~self.segment.dead[self.rows]

    def frame(self) -> Frame:
        """The rows as a frame that decodes a column when it is asked for."""
        n, one = len(self), self.segment
        lists = {name: held.take(self.rows).listing() for name, held in one.sets.items()}
        none = Listing(no_sets(n), np.zeros(n, dtype=np.bool_))
        tags, stages = (lists.pop(name, none).sets for name in _OWN)
        family = self._nested(one.dependants) or Nested(np.zeros(n + 1, np.int64))
        return replace(self.figures(papers=True), tags=tags, stages=stages, dependants=family, lists=lists)

    def figures(self, *, papers: bool = False) -> Frame:
        """The same without lists and family; with the certificates where asked for."""
        one, n = self.segment, len(self)
        kind = Column("code", np.full(n, KINDS.index(one.kind), dtype=np.int32), KINDS) if one.kind else None
        columns = Decoded(one.columns, self.rows, {"kind": kind} if kind else {})
        held = self._nested(one.qualifications) if papers else None
        none = no_sets(n)
        ids = one.ids[self.rows].astype(np.int64)
        return Frame(ids, columns, none, none, Nested(none.offsets), {}, held or no_certificates(n))

    def members(self) -> tuple[View, Rows]:
        """The family members of these rows as a view of their own, and each row's offsets into it."""
        picked, offsets = self._picked(self.segment.dependants)
        columns = self.segment.dependants.columns if self.segment.dependants else {}
        m = 0 if self.segment.dependants is None else int(self.segment.dependants.offsets[-1])
        ids = np.broadcast_to(np.int64(0), (m,))  # family members have no number of their own
        family = Segment("", self.segment.shard, ids, columns, {}, np.broadcast_to(np.False_, (m,)))
        return View(family, picked), offsets

    def _nested(self, held: Belonging | None) -> Nested | None:
        if held is None:
            return None
        picked, offsets = self._picked(held)
        return Nested(offsets, {name: column.take(picked).column() for name, column in held.columns.items()})

    def _picked(self, held: Belonging | None) -> tuple[slice | Rows, Rows]:
        if held is None:
            return slice(0, 0), np.zeros(len(self) + 1, dtype=np.int64)
        if isinstance(self.rows, slice):
            offsets = held.offsets[self.rows.start : self.rows.stop + 1].astype(np.int64)
            return slice(int(offsets[0]), int(offsets[-1])), offsets - offsets[0]
        starts = held.offsets[self.rows].astype(np.int64)
        sizes = held.offsets[self.rows + 1].astype(np.int64) - starts
        offsets = offsets_of(sizes)
        return np.arange(offsets[-1], dtype=np.int64) + np.repeat(starts - offsets[:-1], sizes), offsets


def decoded(snapshot: Snapshot) -> Iterator[Frame]:
    """Every segment's living rows as a frame."""
    for one in snapshot.segments:
        whole = View(one, slice(0, len(one)))
        living = whole.living()
        yield (whole if living is None else whole.narrowed(living)).frame()
