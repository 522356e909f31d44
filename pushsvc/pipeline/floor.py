"""The floor of the recommended door: of each district, age band, size and stage at least such a share is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from profiles.facets import memberships
from profiles.ragged import Mask, Rows
from profiles.snapshot.segments import Segment
from recommenders.floors import Candidates, Groups, choose_above_floors
from recommenders.merging import People

FACETS = ("district", "age", "size", "stage")  # those whose fact is missing are a group too


def above_floor(
    found: People,
    given: Candidates,
    asked: Sequence[tuple[Segment, Rows]],
    *,
    floor: float,
    on: date,
    bounds: tuple[Rows, float | None, int | None],
) -> tuple[People, Mask, dict[str, object]]:
    """Who is chosen with a floor instead of `found`, which of them for the floor alone, and what the funnel says of it.

    `bounds`: the addresses that are taken, the least score, and top_n, as for `choose_people`. `of`: by facet and value
    the candidates whose share the floor is; `raised`: how many are chosen who would not be without it; `over`: by how
    many floors exceed top_n; `cut`: the last score that needed no floor.
    """
    inside = memberships(asked, FACETS, on=on)
    groups = Groups(inside.owners, inside.codes, len(inside.groups))
    taken, least, top_n = bounds
    told = choose_above_floors(given, (groups, floor), taken=taken, least=least, top_n=top_n)
    kept = told.people.kept
    raised = ~np.isin(kept, found.kept)
    plain = kept[~raised]
    of: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for (name, value), n in zip(inside.groups, np.bincount(inside.codes, minlength=groups.count), strict=True):
        of[name] |= {value: int(n)} if n else {}
    figures = {"floor": {"share": floor, "raised": int(raised.sum()), "over": told.over, "of": of}}
    return told.people, raised, figures | {"cut": float(given.scores[plain[-1]]) if len(plain) else None}
