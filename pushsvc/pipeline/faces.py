"""One matter in several texts: a family, and what forwards, explains or copies a text of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from profiles.ragged import Rows
from pushsvc.store.policy_links import families_told_again
from pushsvc.store.session import Connection


def faces_of(conn: Connection, families: Sequence[str]) -> Rows:
    """int64[p]: a code for each of these families, equal for families that are faces of one matter."""
    return face_codes(families, families_told_again(conn))


def face_codes(families: Sequence[str], again: Iterable[tuple[str, str]]) -> Rows:
    """The same by the pairs of a family and the one that it tells again.

    Who tells several again is a matter of its own: an explanation of two measures does not make them one.
    """
    told: dict[str, set[str]] = {}
    for family, other in again:
        told.setdefault(family, set()).add(other)
    single = {family: next(iter(others)) for family, others in told.items() if len(others) == 1}
    index: dict[str, int] = {}
    return np.array([index.setdefault(_first(one, single), len(index)) for one in families], dtype=np.int64)


def _first(family: str, tells: Mapping[str, str]) -> str:
    """Where the chain of who tells whom again begins; of a circle the first by name."""
    path = [family]
    while path[-1] in tells:
        after = tells[path[-1]]
        if after in path:
            return min(path[path.index(after) :])
        path.append(after)
    return path[-1]
