"""Whom an event concerns beside, or instead of, those whom the policy's rules and wishes choose. Columns only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask
from pushsvc.store import event_people
from pushsvc.store.audience import Selections
from pushsvc.store.policy_events import versions
from pushsvc.store.session import Connection

Ids = NDArray[np.int64]
EVENTS = ("new", "changed", "window_opened", "deadline", "result", "repealed")
DID = ("saved", "applied", "dismissed")


@dataclass(frozen=True)
class Concern:
    """`add`: who is told beside those who subscribed; `not_`: who is told nothing; `alone`: nobody but the added;
    `fitting`: a subscriber only where the criteria say yes."""

    add: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()
    alone: bool = False
    fitting: bool = False


CONCERNS: Mapping[str, Concern] = {
    "changed": Concern(add=("told", "saved")),
    "window_opened": Concern(add=("saved",), not_=("applied", "dismissed")),
    "deadline": Concern(add=("saved",), not_=("applied", "dismissed"), fitting=True),
    "result": Concern(add=("applied", "saved", "told"), alone=True),
    "repealed": Concern(add=("told", "saved"), alone=True),
}


@dataclass(frozen=True, eq=False)
class People:
    """Who did what with the policy of an event, in any of its versions: int64[n] each, rising; `who`: of CONCERNS."""

    who: str
    did: Mapping[str, Ids]

    def having(self, names: Sequence[str]) -> Ids:
        """The profiles of which one of these is so."""
        none = np.zeros(0, dtype=np.int64)
        return np.unique(np.concatenate([none, *(self.did[name] for name in names)]))

    def figures(self) -> dict[str, object]:
        """What the funnel keeps: how many each of them are."""
        return {"who": self.who, **{name: len(ids) for name, ids in self.did.items()}}


def people_of(conn: Connection, detail: Mapping[str, Any], policy_id: int) -> People | None:
    """Those whom a campaign's event concerns; None for a campaign that is for everybody whom its rule chooses."""
    who = str(detail.get("who"))
    if who not in CONCERNS:
        return None
    concern = CONCERNS[who]
    ids = versions(conn, int(detail.get("of") or policy_id))
    asked = [name for name in DID if name in concern.add + concern.not_]
    did = {name: event_people.who_did(conn, ids, name) for name in asked}
    if "told" in concern.add:
        did["told"] = event_people.who_was_told(conn, ids)
    return People(who, did)


def concerned(people: People | None, ids: Ids, yes: Mask, wished: Mask) -> tuple[Mask, Mask]:
    """bool[n] each, of the profiles `ids`: whom the rules may choose of `yes`, and who goes by the subscribed door."""
    if people is None:
        return yes, wished
    concern = CONCERNS[people.who]
    added = np.isin(ids, people.having(concern.add))
    if concern.alone:
        return np.zeros_like(yes), added
    out = np.isin(ids, people.having(concern.not_))
    asked = wished & yes if concern.fitting else wished
    return yes & ~out, (asked | added) & ~out


def with_reasons(selected: Selections, people: People | None) -> Selections:
    """The selections by the subscribed door, each with what the person did (`did`) in its `why`."""
    if people is None:
        return selected
    names = CONCERNS[people.who].add
    door = list(selected.names).index("subscribed")
    rows = np.flatnonzero(selected.doors == door)
    masks = [np.isin(selected.profile_ids[rows], people.did[name]) for name in names]
    marks = sum((mask.astype(np.int64) << bit for bit, mask in enumerate(masks)), np.zeros(len(rows), np.int64))
    heads = [
        json.dumps({"did": [name for bit, name in enumerate(names) if mark >> bit & 1]})[:-1]
        for mark in range(1 << len(names))
    ]
    why = list(selected.why)
    for row, mark in zip(rows.tolist(), marks.tolist(), strict=True):
        if mark:
            why[row] = f"{heads[mark]}, {(why[row] or '{}')[1:]}"
    return replace(selected, why=why)
