"""Frames cut into batches, and what frames say of each profile, to compare before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from profiles.columns import EPOCH, Column, Frame, Nested
from profiles.derived import fact_column
from profiles.facts import KINDS, LISTS, MARKET, SENSITIVE, STORED
from profiles.publishing import Batch
from profiles.snapshot.manifest import SnapshotError
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.views import decoded
from tests.profiles.criteria.strategies import people
from tests.profiles.making import TODAY, frame_of

Told = dict[int, dict[str, Any]]
CROWD = [
    {"kind": "citizen", "birth_date": TODAY, "interests": ["租房"], "dependants": [(TODAY, "990101")]},
    {"kind": "enterprise", "revenue": 12.5, "revenue@2025": 0, "benefits": [], "qualifications": [("x", TODAY, None)]},
    {"kind": "citizen", "owns_home": False, "objectives": ["扩大规模", "绿色转型"]},
]
some_people = st.lists(st.tuples(people, st.sampled_from(KINDS)).map(lambda p: {**p[0], "kind": p[1]}), max_size=12)


def cut(frame: Frame, cuts: Iterable[int], shards: int = 3) -> list[Batch]:
    """The frame in batches that end at these rows; profile i is in shard i modulo `shards`, and odd ones agree."""
    ends = [0, *sorted(min(end, len(frame)) for end in cuts), len(frame)]
    parts = [frame.take(np.arange(a, b)) for a, b in pairwise(ends)]
    return [(part, part.ids % shards, part.ids % 2 == 1) for part in parts]


def batches_of(crowd: list[dict[str, Any]], cuts: Iterable[int] = ()) -> list[Batch]:
    """These people in batches."""
    return cut(frame_of(crowd), cuts)


def told_of(frames: Iterable[Frame], on: date = TODAY) -> Told:
    """By profile id, every fact that is known of it, its sets, family and certificates."""
    told: Told = {}
    for frame in frames:
        columns = {name: _values(column) for name, column in frame.columns.items() if _is_published(name)}
        firms = np.isin([KINDS[code] for code in frame.column("kind").values], list(MARKET))
        for name in ("size", "rd_ratio"):
            values = _values(fact_column(frame, name, on))
            columns[name] = [value if firm else None for value, firm in zip(values, firms, strict=True)]
        for row, key in enumerate(frame.ids.tolist()):
            told[key] = {name: values[row] for name, values in columns.items() if values[row] is not None}
            told[key] |= {"interests": frozenset(frame.tags.words(row))}
            for name in LISTS[1:]:
                listing = frame.listing(name)
                told[key][name] = frozenset(listing.sets.words(row)) if listing.told[row] else None
            told[key]["dependants"] = _belonging(frame.dependants, row, ("birth_date", "household_region"))
            told[key]["papers"] = _belonging(frame.certificates(), row, ("key", "valid_from", "valid_until"))
    return told


def told_by(snapshot: Snapshot) -> Told:
    """The same of a snapshot's living rows."""
    return told_of(decoded(snapshot), snapshot.on)


def personalised_by(snapshot: Snapshot) -> Iterator[tuple[int, bool]]:
    """Profile id and whether it agreed."""
    for one in snapshot.segments:
        yield from zip(one.ids.tolist(), one.personalised.tolist(), strict=True)


def _is_published(name: str) -> bool:
    return name.partition("@")[0] in (*STORED, *SENSITIVE, "kind")


def _values(column: Column) -> list[Any]:
    known = column.known()
    if column.kind == "code":
        plain: list[Any] = [column.levels[code] if code >= 0 else None for code in column.values]
    elif column.kind == "date":
        days = np.where(known, column.values, 0).tolist()
        plain = [date.fromordinal(EPOCH + day) for day in days]
    else:
        plain = column.values.tolist()
    return [value if ok else None for value, ok in zip(plain, known, strict=True)]


def _belonging(nested: Nested, row: int, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    start, end = nested.offsets[row : row + 2].tolist()
    if start == end:
        return []
    held = [_values(nested.columns[name])[start:end] for name in names]
    return list(zip(*held, strict=True))


def the_old_one_serves(folder: Path, *codes: str) -> None:
    """The newer of the two versions is refused with one of these codes, and the older one opens."""
    snapshot, refused = last_good(folder, ["new", "old"])
    assert snapshot.version == "old"
    assert sorted(told_by(snapshot)) == [1, 2]
    assert len(refused) == 1
    assert refused[0].code in codes


def last_good(folder: Path, versions: Sequence[str]) -> tuple[Snapshot, list[SnapshotError]]:
    """The first of the versions that opens, as a service goes down its list, and why those before it did not."""
    refused: list[SnapshotError] = []
    for version in versions:
        try:
            return open_snapshot(folder / version), refused
        except SnapshotError as exc:
            refused.append(exc)
    raise AssertionError(refused)
