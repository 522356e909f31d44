"""Search: what a person types as Chinese words, the policies that hold them, and what each means to the reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.in_force import in_force_lately
from pushsvc.store import reading
from pushsvc.store.contacts import may_be_looked_at
from pushsvc.store.frames import load_frame
from pushsvc.store.reading import MOST_TERMS, Filter, PolicyRow
from pushsvc.store.session import Connection
from recommenders.words import FORMAL

SIZE = 20
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True)
class Hit:
    """One policy found. `state`: 1 it fits the reader, -1 it may, 0 it does not; None: nobody looked, or it is not
    matched to people or no longer open."""

    row: PolicyRow
    state: int | None = None


@dataclass(frozen=True)
class Found:
    """One page of `total` policies. `fewer`: words that alone would find something, where all together find nothing."""

    hits: Sequence[Hit]
    total: int
    fewer: Sequence[str] = ()


def cut(typed: str) -> tuple[str, ...]:
    """The words of a search, each once. A part with a number, a letter or a bracket (江政发〔2026〕5号) stays as typed.

    Of Chinese words those of one character say too little, and so do those that only name a kind of paper (通知, 办法),
    unless there are no others.
    """
    found = [word for part in typed.split() for word in (_words(part) if _CHINESE.fullmatch(part) else [part])]
    telling = [word for word in found if word not in FORMAL] or found
    return tuple(dict.fromkeys(telling))[:MOST_TERMS]


def search(conn: Connection, ctx: Context, wanted: Filter, *, page: int, profile_id: int | None) -> Found:
    """The policies that hold the words, a page at a time; with what each means to the profile, where one is given and
    may be looked at."""
    rows, total = reading.policies(conn, wanted, page=page, size=SIZE)
    if not rows:
        return Found((), total, _fewer(conn, wanted))
    states = _states(conn, ctx, profile_id, [row.id for row in rows]) if profile_id is not None else {}
    return Found([Hit(row, states.get(row.id)) for row in rows], total)


def _states(conn: Connection, ctx: Context, profile_id: int, ids: Sequence[int]) -> dict[int, int]:
    """One answer for all: the columns of the feed."""
    if not may_be_looked_at(conn, profile_id, city_day(ctx)):
        return {}
    policies = in_force_lately(conn, ctx, city_day(ctx))
    frame = derive(load_frame(conn, profile_ids=np.array([profile_id], dtype=np.int64)), policies.on)
    states = policies.states(frame, policies.on)
    places = {number: policies.place[number] for number in ids if number in policies.place}
    return {number: int(states[at]) for number, at in places.items() if policies.rows[at] >= 0}


def _fewer(conn: Connection, wanted: Filter) -> list[str]:
    if len(wanted.terms) < 2:
        return []
    alone = (replace(wanted, words=term, terms=(term,)) for term in wanted.terms)
    return [one.words for one in alone if reading.policies(conn, one, size=1)[1]]


def _words(part: str) -> list[str]:
    import rjieba  # its dictionary takes 40 MB and a tenth of a second: only who searches waits for it

    return [word for word in rjieba.cut(part) if len(word) > 1] or [part]
