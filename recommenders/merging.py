"""One person, one place: profiles that are reached nowhere but where better ones are reached already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from profiles.ragged import Mask, spans
from profiles.snapshot.segments import Segment
from recommenders.errors import FeatureError
from recommenders.selecting import Floats, Ids, Rows, check, chosen, passing, ranked

NO_ADDRESSES = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Addresses:
    """m pairs of an owner and one of its addresses, owners rising. Who shares no address is not among them."""

    owners: Rows
    addresses: Rows


@dataclass(frozen=True)
class People:
    """Positions of the candidates kept, best first; and of those merged into one of them, or into one taken before."""

    kept: Rows
    merged: Rows


def shared_addresses(asked: Sequence[tuple[Segment, Rows]]) -> Addresses:
    """All addresses of those of the asked rows (rising in each segment) that share one.

    The owners are positions in the rows asked for, one segment after the other.
    """
    owners, addresses, start = [NO_ADDRESSES], [NO_ADDRESSES], 0
    for segment, rows in asked:
        if segment.shared is not None:
            sharing = np.asarray(segment.shared.rows)
            mask = np.zeros(len(segment), dtype=np.bool_)
            mask[rows] = True
            held = np.flatnonzero(mask[sharing])
            picked, offsets = spans(segment.shared.offsets.astype(np.int64), held)
            owners.append(np.repeat(np.searchsorted(rows, sharing[held]) + start, np.diff(offsets)))
            addresses.append(segment.shared.addresses[picked].astype(np.int64))
        start += len(rows)
    return Addresses(np.concatenate(owners), np.concatenate(addresses))


def merge_shared(order: Rows, shared: Addresses, taken: Rows = NO_ADDRESSES) -> Mask:
    """Which of these owners (k, best first) are merged into better ones: bool[k].

    That is who has no address but those in `taken` and those of owners before it. Whether the owners before were
    merged themselves makes no difference: the first owner of an address is never merged, unless it is `taken`.
    """
    owners, first = np.unique(shared.owners, return_index=True)
    ranks = np.full(len(owners), len(order), dtype=np.int64)  # who is not in the order takes no address
    here, there = _found(order, owners)
    ranks[there] = here
    addresses, which = np.unique(shared.addresses, return_inverse=True)
    rank = np.repeat(ranks, np.diff(np.append(first, len(shared.owners))))
    taker = np.full(len(addresses), len(order), dtype=np.int64)
    np.minimum.at(taker, which, rank)
    taker[np.isin(addresses, taken)] = -1
    merged = np.zeros(len(order), dtype=np.bool_)
    if len(owners):
        merged[here] = np.logical_and.reduceat(taker[which] < rank, first)[there]
    return merged


def choose_people(
    scores: Floats,
    ids: Ids,
    shared: Addresses,
    *,
    taken: Rows = NO_ADDRESSES,
    least: float | None = None,
    top_n: int | None = None,
) -> People:
    """As `choose_best`, with `top_n` counting people: candidates merged into better ones take no place.

    The owners in `shared` are positions of candidates. `taken`: addresses of who was chosen before, by other doors.
    Who lies below `least` takes no address; who comes after the last one kept is not merged, but left out.
    """
    check(scores, ids)
    if len(shared.owners) and (shared.owners[0] < 0 or shared.owners[-1] >= len(scores)):
        raise FeatureError("no_such_row", f"An address was given for another than the {len(scores)} candidates.")
    fit = np.zeros(len(scores), dtype=np.bool_)
    fit[passing(scores, least)] = True
    order = ranked(scores, ids, np.unique(shared.owners[fit[shared.owners]]))
    merged = order[merge_shared(order, shared, taken)]
    fit[merged] = False
    kept = ranked(scores, ids, chosen(scores, ids, np.flatnonzero(fit), top_n))
    if top_n is not None and len(kept) >= top_n:
        merged = merged[ranked_before(scores, ids, merged, kept[-1:])]
    return People(kept, merged)


def _found(order: Rows, owners: Rows) -> tuple[Rows, Rows]:
    """Where in the order the owners are that are in it, and where among the owners."""
    if not len(owners):
        return NO_ADDRESSES, NO_ADDRESSES
    at = np.minimum(np.searchsorted(owners, order), len(owners) - 1)
    here = np.flatnonzero(owners[at] == order)
    return here, at[here]


def ranked_before(scores: Floats, ids: Ids, positions: Rows, last: Rows) -> Mask:
    """bool: which of these positions are ranked before the last one; none where there is no last one."""
    if not len(last):
        return np.zeros(len(positions), dtype=np.bool_)
    mine, cut = scores[positions], scores[last]
    return np.asarray((mine > cut) | ((mine == cut) & (ids[positions] < ids[last])))
