"""Which of many policies a person asked for: `wishes.matching` turned round, without their texts in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from profiles.ragged import Mask
from profiles.subscriptions import KEYS, PolicyColumns, alternatives, fold
from pushsvc.context import Context
from pushsvc.pipeline.in_force import InForce
from pushsvc.store.in_force import words_of
from pushsvc.store.session import Connection
from pushsvc.store.subscriptions import Subscription, Wish

_MOST = 2000  # keywords kept; beyond it they start anew


@dataclass(frozen=True)
class _Said:
    """The policies (ids) whose words hold a keyword, of all whose visibility number is at most `upto`."""

    ids: frozenset[int] = frozenset()
    upto: int = -1


@dataclass
class _Kept:
    said: dict[str | None, _Said] = field(default_factory=dict)


def wished(conn: Connection, ctx: Context, policies: InForce, wishes: Sequence[Subscription]) -> Mask:
    """bool[p]: what any of the wishes means. A keyword met for the first time reads the texts; later only new ones."""
    found = np.zeros(len(policies), dtype=np.bool_)
    said = _said(conn, ctx, policies, {one.wish.keyword for one in wishes if alternatives(one.wish.keyword)})
    for one in wishes:
        found |= meets(policies.columns, one.wish, lambda word: np.isin(policies.numbers, list(said[word].ids)))
    return found


def meets(policies: PolicyColumns, wish: Wish, says: Callable[[str], Mask]) -> Mask:
    """bool[p]: the policies that answer the wish. `policies` are without words: `says` tells of a keyword, bool[p], in
    whose words it stands."""
    asked = wish.keyword if alternatives(wish.keyword) else None
    if any(getattr(wish, key) for key in KEYS):
        found = policies.matching([replace(wish, keyword=None)])[0]
    else:
        found = np.full(len(policies), asked is not None)  # a wish that names nothing asks for nothing
    return np.asarray(found & says(asked)) if asked is not None and found.any() else found


def stands_in(folded: str, asked: Sequence[Sequence[str]]) -> bool:
    """Whether one of these alternatives stands in a folded text."""
    return any(all(word in folded for word in words) for words in asked)


def _said(
    conn: Connection, ctx: Context, policies: InForce, keywords: Collection[str | None]
) -> dict[str | None, _Said]:
    """By keyword. What was published is never rewritten, so only what became visible since is read."""
    kept = ctx.kept.of(_Kept).said
    known = {word: kept.get(word, _Said()) for word in keywords}
    newest = max((policy.visible_no for policy in policies.published), default=-1)
    behind = {word: said for word, said in known.items() if said.upto < newest}
    if behind:
        oldest = min(said.upto for said in behind.values())
        hits = _hits(conn, [one.id for one in policies.published if one.visible_no > oldest], behind)
        known |= {word: _Said(said.ids | hits[word], newest) for word, said in behind.items()}
        if len(kept) + len(behind) > _MOST:
            kept.clear()
        kept.update(known)
    return known


def _hits(
    conn: Connection, policy_ids: Sequence[int], keywords: Mapping[str | None, object]
) -> dict[str | None, set[int]]:
    asked = {word: alternatives(word) for word in keywords}
    hits: dict[str | None, set[int]] = {word: set() for word in keywords}
    for number, text in words_of(conn, policy_ids):
        folded = fold(text)
        for word, either in asked.items():
            if stands_in(folded, either):
                hits[word].add(number)
    return hits
