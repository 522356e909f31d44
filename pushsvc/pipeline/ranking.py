"""From the rows behind each door to selections in rank order, and to the figures of a funnel."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.criteria.blocks import BlockDecision
from profiles.criteria.truths import YES
from profiles.facets import breakdown
from profiles.ragged import Rows
from profiles.snapshot.segments import Segment, Snapshot
from profiles.subscriptions import Found
from pushsvc.pipeline.recommending import Recommended
from pushsvc.store.audience import Selections
from recommenders.merging import merge_shared, shared_addresses

ENTITLED, SUBSCRIBED, RECOMMENDED = "entitled", "subscribed", "recommended"
DOORS = (ENTITLED, SUBSCRIBED, RECOMMENDED)  # the earlier door wins: nobody goes through two
_STATES = np.array([0, -1, 1], dtype=np.int8)  # by truth

PerSegment = list[Rows]  # for each segment of a snapshot some of its rows, rising


def asked(snapshot: Snapshot, rows: PerSegment) -> list[tuple[Segment, Rows]]:
    """Each segment with its rows."""
    return list(zip(snapshot.segments, rows, strict=True))


def addresses_of(snapshot: Snapshot, doors: Sequence[PerSegment]) -> Rows:
    """The addresses, of those that several profiles share, at which the rows behind these doors are reached."""
    return np.concatenate([shared_addresses(asked(snapshot, rows)).addresses for rows in doors])


def ranked(
    snapshot: Snapshot,
    decided: BlockDecision,
    told: tuple[PerSegment, PerSegment],
    wished: Found,
    best: Recommended,
) -> Selections:
    """Entitled and subscribed by profile id, recommended by score; ranks run from 1 without a gap."""
    ids, match = zip(*(_by_id(snapshot, decided, rows) for rows in told), strict=True)
    by_profile = wished.by_profile() if len(ids[1]) else {}
    wishes = [json.dumps({"subscriptions": by_profile.get(number, [])}) for number in ids[1].tolist()]
    sizes = [len(ids[0]), len(ids[1]), len(best)]
    return Selections(
        names=DOORS,
        profile_ids=np.concatenate([*ids, best.profile_ids]),
        doors=np.repeat(np.arange(len(DOORS), dtype=np.int8), sizes),
        match=np.concatenate([*match, np.ones(len(best), dtype=np.int8)]),
        scores=np.concatenate([np.full(sum(sizes[:2]), np.nan), best.scores.astype(np.float64)]),
        why=[*[None] * sizes[0], *wishes, *best.why],
    )


def funnel(
    snapshot: Snapshot, decided: BlockDecision, selected: Selections, best: Recommended, on: date
) -> dict[str, object]:
    """What a campaign keeps of its audience: how many there are, fit, are unknown and lack what, are chosen and how.

    `selected_by` breaks all the chosen down as `eligible_by` does the eligible, `covered_by` those who are both.
    """
    counts = np.bincount(selected.doors, minlength=len(DOORS)).tolist()
    chosen = rows_of(snapshot, selected.profile_ids)
    fitting = [rows[truth[rows] == YES] for truth, rows in zip(decided.truths, chosen, strict=True)]
    return {
        **figures(snapshot, decided, on),
        "selected": {door: n for door, n in zip(DOORS, counts, strict=True) if n},
        "selected_by": breakdown(snapshot, chosen, on=on),
        "covered_by": breakdown(snapshot, fitting, on=on),
        "people": people(snapshot, selected.profile_ids),
        "recommended": best.figures,
    }


def figures(snapshot: Snapshot, decided: BlockDecision, on: date) -> dict[str, object]:
    """What the criteria say of everybody: in all, node by node, and whom they fit by district, trade, size and age."""
    return {
        "on": on.isoformat(),
        "profiles": len(snapshot),
        "eligible": decided.yes,
        "unknown": decided.unknown,
        "no": decided.no,
        "missing": dict(decided.missing),
        "nodes": [{"place": one.place, "yes": one.yes, "no": one.no, "unknown": one.unknown} for one in decided.nodes],
        "eligible_by": breakdown(snapshot, decided.rows, on=on),
    }


def rows_of(snapshot: Snapshot, profile_ids: Rows) -> PerSegment:
    """The rows (rising) of the profiles in each segment; without those that are in none."""
    rising = np.sort(profile_ids)
    found = (segment.rows_of(rising) for segment in snapshot.segments)
    return [np.sort(rows[rows >= 0]) for rows in found]


def people(snapshot: Snapshot, profile_ids: Rows) -> int:
    """How many of the profiles (in rank order) are left without those reached nowhere but where a better one is."""
    order = np.argsort(profile_ids, kind="stable")
    rising = profile_ids[order]
    chosen = asked(snapshot, rows_of(snapshot, rising))
    shared = shared_addresses(chosen)
    owners = np.unique(shared.owners)
    ids = np.concatenate([np.zeros(0, np.int64), *(segment.ids[some].astype(np.int64) for segment, some in chosen)])
    rank = order[np.searchsorted(rising, ids[owners])]
    return len(profile_ids) - int(merge_shared(owners[np.argsort(rank)], shared).sum())


def _by_id(snapshot: Snapshot, decided: BlockDecision, rows: PerSegment) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """The ids of the rows, rising over all segments, and what the criteria say of each."""
    held = [segment.ids[some].astype(np.int64) for segment, some in asked(snapshot, rows)]
    states = [_STATES[truth[some]] for truth, some in zip(decided.truths, rows, strict=True)]
    ids = np.concatenate([np.zeros(0, np.int64), *held])
    order = np.argsort(ids, kind="stable")
    return ids[order], np.concatenate([np.zeros(0, np.int8), *states])[order]
