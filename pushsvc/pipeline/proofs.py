"""How each clause of the criteria stood for everybody that was chosen: kept with the selection, without their facts."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from profiles.criteria import Criteria
from profiles.criteria.leaves import Days
from profiles.criteria.patterns import States, clause_states
from profiles.facts import SENSITIVE
from profiles.ragged import Rows
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.views import View
from pushsvc.store.audience import Selections

BLOCK = 65_536  # rows looked at together
MARKS = {1: "1", 0: "0", -1: "?"}
STATES = {mark: state for state, mark in MARKS.items()}


def with_proofs(selected: Selections, snapshot: Snapshot, tree: Criteria | None, days: Days) -> Selections:
    """The selections, each with the state of every clause in its `why`, before whatever stood there: `1`, `0` or `?`.

    Of which day, and of which words, the campaign keeps. Of criteria that ask for a sensitive fact nothing is kept: a
    state would tell it.
    """
    if tree is None or not tree.facts.isdisjoint(SENSITIVE):
        return selected
    patterns, which = np.unique(_states(selected.profile_ids, snapshot, tree, days), axis=0, return_inverse=True)
    heads = [json.dumps({"proof": "".join(MARKS[state] for state in row)}) for row in patterns.tolist()]
    pairs = zip(which.reshape(-1).tolist(), selected.why, strict=True)
    return replace(selected, why=[heads[n] if why is None else f"{heads[n][:-1]}, {why[1:]}" for n, why in pairs])


def states_of(told: object) -> list[int] | None:
    """The states of the clauses that a selection keeps; None where it keeps none."""
    if not isinstance(told, str) or not set(told) <= set(MARKS.values()):
        return None
    return [STATES[mark] for mark in told]


def _states(profile_ids: Rows, snapshot: Snapshot, tree: Criteria | None, days: Days) -> States:
    """int8[k, clauses] in the order of the ids."""
    order = np.argsort(profile_ids, kind="stable")
    rising, found = profile_ids[order], None
    for segment in snapshot.segments:
        rows = segment.rows_of(rising)
        here = np.flatnonzero(rows >= 0)
        for start in range(0, len(here), BLOCK):
            some = here[start : start + BLOCK]
            states = clause_states(tree, View(segment, rows[some]).frame(), days)
            if found is None:
                found = np.full((len(profile_ids), states.shape[1]), -1, dtype=np.int8)
            found[order[some]] = states
    return np.zeros((len(profile_ids), 0), dtype=np.int8) if found is None else found
