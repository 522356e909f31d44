"""Sensitive facts as columns of one audience: never published, decrypted for the tree that asks for them alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from profiles.criteria import Criteria
from profiles.facts import FACTS, SENSITIVE
from profiles.snapshot.encoding import Encoded, Levels, smallest_codes
from profiles.snapshot.segments import Segment, Snapshot
from pushsvc.context import Context
from pushsvc.store.frames import sensitive_values
from pushsvc.store.session import Connection


def with_sensitive(conn: Connection, ctx: Context, snapshot: Snapshot, tree: Criteria | None) -> Snapshot:
    """The snapshot with the sensitive facts that the tree asks for, of those who consent to their use."""
    facts = [fact for fact in SENSITIVE if tree is not None and fact in tree.facts]
    if not facts:
        return snapshot
    held = sensitive_values(conn, ctx.keyring, facts)
    levels = {fact: _levels(fact, held[fact]) for fact in facts}
    return replace(snapshot, segments=tuple(_with(segment, held, levels) for segment in snapshot.segments))


def _levels(fact: str, held: Mapping[int, float]) -> Levels:
    kind = FACTS[fact].kind
    values = np.unique(np.array(list(held.values()), dtype=np.int8 if kind == "flag" else np.float64))
    return Levels(kind, numbers=values)


def _with(segment: Segment, held: Mapping[str, Mapping[int, float]], levels: Mapping[str, Levels]) -> Segment:
    columns = {fact: _column(segment, held[fact], levels[fact]) for fact in levels}
    return replace(segment, columns={**segment.columns, **columns})


def _column(segment: Segment, held: Mapping[int, float], levels: Levels) -> Encoded:
    assert levels.numbers is not None
    rows = segment.rows_of(np.fromiter(held, np.int64, len(held)))
    values = np.array(list(held.values()), dtype=levels.numbers.dtype)
    codes = np.zeros(len(segment), dtype=np.int64)
    codes[rows[rows >= 0]] = np.searchsorted(levels.numbers, values[rows >= 0]) + 1
    return Encoded(smallest_codes(codes, len(levels)), levels)
