"""What the published columns of a snapshot weigh, in bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from profiles.snapshot.encoding import Encoded, Levels
from profiles.snapshot.segments import Belonging, Segment, Snapshot
from profiles.snapshot.shelves import shelved


def published_bytes(snapshot: Snapshot) -> dict[str, int]:
    """Bytes by column over all segments, of all "levels", of "extra", and the "total" without extra."""
    weights: Counter[str] = Counter()
    levels: dict[int, Levels] = {}
    for name, part in (pair for one in snapshot.segments for pair in _columns(one)):
        weights[name] += part.values.nbytes
        if part.levels is not None:
            levels[id(part.levels)] = part.levels
    for one in snapshot.segments:
        weights["ids"] += one.ids.nbytes
        weights["personalised"] += one.personalised.nbytes
        for name, held in _belonging(one):
            weights[f"{name}.offsets"] += held.offsets.nbytes
        if one.shared is not None:
            weights["shared"] += one.shared.rows.nbytes + one.shared.offsets.nbytes + one.shared.addresses.nbytes
    weights["levels"] = sum(part.nbytes for one in levels.values() for part in shelved(one).values())
    total = weights.total()
    return {**weights, "extra": sum(part.nbytes for part in snapshot.extra.values()), "total": total}


def _columns(segment: Segment) -> Iterator[tuple[str, Encoded]]:
    yield from segment.columns.items()
    yield from segment.sets.items()
    for name, held in _belonging(segment):
        for part, column in held.columns.items():
            yield f"{name}.{part}", column


def _belonging(segment: Segment) -> Iterator[tuple[str, Belonging]]:
    pairs = (("dependants", segment.dependants), ("qualifications", segment.qualifications))
    return ((name, held) for name, held in pairs if held is not None)
