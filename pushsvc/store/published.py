"""Profiles as columns, a stream of batches: the same as `load_frame`, for all ten million of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Column, Frame, Nested, missing_column, no_certificates
from profiles.facts import DEPENDANT_FACTS, FACTS, LISTS
from profiles.ragged import no_sets
from pushsvc.store.published_rows import BELONGING, PROFILE, Window, windows
from pushsvc.store.published_shared import shared_addresses
from pushsvc.store.session import Connection

__all__ = ["Batch", "shared_addresses", "stream_profiles"]

# What the columns of belonging rows are: a certificate's key is any word, its dates are any dates.
_FAMILY = {name: DEPENDANT_FACTS[name] for name in ("birth_date", "household_region")}
_PAPERS = {"key": FACTS["institution"], "valid_from": FACTS["founded_on"], "valid_until": FACTS["founded_on"]}


@dataclass(frozen=True, eq=False)
class Batch:
    """n profiles by id, not erased: every stored fact that one of them has, as `load_frame` gives it.

    `shard` int64[n]: 0…63. `personalised` bool[n]: who lets the service recommend. Nothing sensitive or derived.
    """

    frame: Frame
    shard: NDArray[np.int64]
    personalised: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.frame)


def stream_profiles(
    conn: Connection,
    *,
    profile_ids: NDArray[np.int64] | None = None,
    rows: int = 50_000,
    progress: Callable[[int], object] = lambda done: None,
) -> Generator[Batch, None, None]:
    """The given profiles (all where None) in batches of at most `rows`, by id.

    The next batch is fetched while one is worked on: nobody else may use `conn` before the stream has ended or was
    closed. Read everything in one transaction of `changes.reading`. `progress` is called with the profiles of each
    batch. Raises ProfilesError unknown_level.
    """
    ids = None if profile_ids is None else np.unique(profile_ids).tolist()
    with windows(conn, ids, rows) as found:
        for window in found:
            batch = _batch(window)
            progress(len(batch))
            yield batch


def _batch(window: Window) -> Batch:
    from pushsvc.store import published_columns as read  # Arrow is slow to load: only who streams waits for it

    table = read.read_lines(window.profiles, PROFILE)
    ids = read.numbers(table, "id")
    n = len(ids)
    held = {name: read.read_lines(lines, BELONGING[name]) for name, lines in window.belonging.items()}
    columns: dict[str, Column] = read.stored(table, [name for name in PROFILE[2:] if name not in LISTS])
    if "yearly_fact" in held:
        columns |= read.by_year(held["yearly_fact"], ids)
    lists = {name: read.listing(table, name) for name in LISTS}
    family = read.nested(held["dependant"], ids, _FAMILY) if "dependant" in held else _no_family(n)
    papers = read.nested(held["qualification"], ids, _PAPERS) if "qualification" in held else no_certificates(n)
    off = read.marked(held["preference"], ids) if "preference" in held else np.zeros(n, dtype=np.bool_)
    frame = Frame(ids, columns, lists.pop("interests").sets, no_sets(n), family, lists, papers)
    return Batch(frame, read.numbers(table, "shard"), ~off)


def _no_family(n: int) -> Nested:
    return Nested(np.zeros(n + 1, np.int64), {name: missing_column(fact, 0) for name, fact in _FAMILY.items()})
