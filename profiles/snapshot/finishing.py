"""From what was gathered to segments, column by column: provisional codes become codes into sorted levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.facts import KINDS
from profiles.ragged import Rows, offsets_of
from profiles.snapshot.books import Settled
from profiles.snapshot.encoding import Codes, Encoded, Levels, smallest_numbers
from profiles.snapshot.gathering import BELONGING, Gathering, Growing
from profiles.snapshot.segments import Belonging, Segment, Shared

Keep = Callable[[str, NDArray[Any]], NDArray[Any]]  # takes an array by its name; gives it back, perhaps mapped
# The sets of stages that occur as of a day, and the codes of every segment's rows into them; 0 for none.
StagesOf = Callable[[Sequence[Segment], date], tuple[Levels, Sequence[Codes]]]
Pairs = tuple[Rows, Rows]  # int64[m] profile ids, rising, and int64[m] ids of addresses that others share


@dataclass(frozen=True)
class Finished:
    """All segments, by shard and kind, and the levels of every column that has some."""

    segments: tuple[Segment, ...]
    levels: Mapping[str, Levels]


def finish(gathering: Gathering, keep: Keep, *, on: date, shared: Pairs | None, stages_of: StagesOf) -> Finished:
    """The segments of what was gathered. Every array goes through `keep` as soon as it is made.

    Raises ProfilesError: `order` (the profiles of `shared` do not rise).
    """
    if shared is not None and (np.diff(shared[0]) < 0).any():
        raise ProfilesError("order", "shared", "The profiles at shared addresses do not come by rising id.")
    books = {**gathering.books, **gathering.set_books}
    settled = {name: book.settled() for name, book in books.items()}
    segments = []
    for shard, kind in sorted(gathering.segments, key=lambda key: (key[0], KINDS.index(key[1]))):
        grown = gathering.segments[shard, kind]
        segments.append(_Finishing(grown, settled, keep, prefix_of(shard, kind)).segment(shard, kind, shared))
    levels = {name: one.levels for name, one in settled.items() if one.levels is not None}
    staged, levels["stages"] = _with_stages(segments, keep, on, stages_of)
    return Finished(tuple(staged), levels)


def prefix_of(shard: int, kind: str) -> str:
    """What the names of a segment's arrays begin with."""
    return f"segment-{shard}-{kind}/"


def smallest_ids(ids: NDArray[Any]) -> NDArray[Any]:
    """Ids as uint32 where that holds each of them."""
    short = ids.astype(np.uint32)
    return short if np.array_equal(short, ids) else ids


@dataclass(frozen=True)
class _Finishing:
    grown: Growing
    settled: Mapping[str, Settled]
    keep: Keep
    prefix: str

    def segment(self, shard: int, kind: str, shared: Pairs | None) -> Segment:
        n = self.grown.counts["rows"]
        ids = smallest_ids(self._plain("ids", n, np.int64))
        return Segment(
            kind,
            shard,
            self.keep(f"{self.prefix}ids", ids),
            self._columns("columns.", n),
            self._columns("sets.", n),
            self.keep(f"{self.prefix}personalised", self._plain("personalised", n, np.bool_)),
            self._belonging("dependants", n),
            self._belonging("qualifications", n),
            None if shared is None else self._shared(ids, *shared),
        )

    def _columns(self, prefix: str, n: int) -> dict[str, Encoded]:
        found = sorted(name.removeprefix(prefix) for name in self.grown.strips if name.startswith(prefix))
        return {name: self._encoded(name, prefix + name, n) for name in found}

    def _encoded(self, book: str, name: str, n: int) -> Encoded:
        settled = self.settled[book]
        whole = np.empty(n, dtype=settled.meaning.dtype)
        at = 0
        strip = self.grown.strip(name)
        strip.reach(n)
        for piece in strip.pieces():
            whole[at : at + len(piece)] = piece if piece.dtype.kind == "f" else settled.meaning[piece]
            at += len(piece)
        if settled.levels is None:
            whole = smallest_numbers(whole)
        return Encoded(self.keep(self.prefix + name, whole), settled.levels)

    def _plain(self, name: str, n: int, dtype: Any) -> NDArray[Any]:
        strip = self.grown.strip(name)
        strip.reach(n)
        return np.concatenate([piece.astype(dtype) for piece in strip.pieces()])

    def _belonging(self, name: str, n: int) -> Belonging | None:
        m = self.grown.counts.get(name, 0)
        if not m:
            return None
        offsets = offsets_of(self._plain(f"{name}.sizes", n, np.int64))
        kept = self.keep(f"{self.prefix}{name}.offsets", smallest_ids(offsets))
        parts = {part: self._encoded(f"{name}.{part}", f"{name}.{part}", m) for part in BELONGING[name]}
        return Belonging(kept, parts)

    def _shared(self, ids: NDArray[Any], profiles: Rows, addresses: Rows) -> Shared | None:
        at = np.minimum(np.searchsorted(ids, profiles), len(ids) - 1)
        here = ids[at] == profiles
        rows, sizes = np.unique(at[here], return_counts=True)
        if not len(rows):
            return None
        parts = {"rows": rows, "offsets": offsets_of(sizes), "addresses": addresses[here]}
        return Shared(*(self.keep(f"{self.prefix}shared.{name}", smallest_ids(part)) for name, part in parts.items()))


def _with_stages(segments: list[Segment], keep: Keep, on: date, stages_of: StagesOf) -> tuple[list[Segment], Levels]:
    levels, coded = stages_of(segments, on)
    result = []
    for one, codes in zip(segments, coded, strict=True):
        if codes.any():
            kept = keep(f"{prefix_of(one.shard, one.kind)}sets.stages", codes)
            one = replace(one, sets={**one.sets, "stages": Encoded(kept, levels)})
        result.append(one)
    return result, levels
