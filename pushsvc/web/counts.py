"""Counting whom some criteria fit, for people and programs: how often each may, and that it is written down who asked.

Of what is asked only the audit log keeps anything: the first tree of each form that somebody counts on a day. Trees
that differ in their numbers alone have one form, so a slider dragged along is one entry. And of whom it fits only whole
tens are told: conditions narrowed down to one neighbour tell nothing of them (docs/decisions/0021-live-counts.md).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from profiles.criteria import Criteria
from pushsvc.pipeline.counting import count_criteria
from pushsvc.store.audit import record
from pushsvc.store.session import transaction
from pushsvc.web.current import context
from pushsvc.web.limits import Limit, allow

BY_HAND = Limit("count", 600, 60)  # a slider that is dragged asks up to ten times a second
BY_KEY = Limit("count-key", 120, 60)
_NOTED = Limit("count-noted", 1, 86_400)
_LONGEST = 20_000  # characters of a tree that the audit log takes whole
STEP = 10  # every number told is cut to a multiple of this


@dataclass(frozen=True)
class Counted:
    """The figures of `pipeline.counting.count` in whole tens, and how many milliseconds they took."""

    figures: Mapping[str, Any]
    ms: int


def count_for(
    by: str, tree: Any, criteria: Criteria, *, deadline: date | None = None, published: date | None = None
) -> Counted:
    """The figures in whole tens, for `by` (an operator's name, `key:` and a key's); `tree` is what was read.

    Raises CriteriaError: sensitive_fact.
    """
    started = time.perf_counter()
    figures = count_criteria(context(), criteria, deadline=deadline, published_on=published)
    ms = round(1000 * (time.perf_counter() - started))
    _note(by, tree)
    return Counted(whole_tens(figures), ms)


def whole_tens(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures with every number cut to a multiple of STEP, `step` beside them.

    0 is then "fewer than ten", nobody included. A breakdown and the missing facts leave such values out altogether, and
    are in the order of what is left of their numbers: that a value is there at all would tell something of one person.
    """
    made = {name: _cut(value) if isinstance(value, int) else value for name, value in figures.items()}
    nodes = [{name: _cut(n) if isinstance(n, int) else n for name, n in one.items()} for one in figures["nodes"]]
    facets = {name: _cells(cells) for name, cells in figures["eligible_by"].items()}
    return made | {"step": STEP, "missing": _cells(figures["missing"]), "nodes": nodes, "eligible_by": facets}


def may_count(limit: Limit, by: str) -> bool:
    """Whether `by` may count once more just now."""
    return allow(limit, by)


def _cells(cells: Mapping[str, int]) -> dict[str, int]:
    return {name: _cut(n) for name, n in cells.items() if n >= STEP}


def _cut(n: int) -> int:
    return n // STEP * STEP


def _note(by: str, tree: Any) -> None:
    form = hashlib.sha256(json.dumps(_form(tree), sort_keys=True).encode()).hexdigest()[:16]
    if not allow(_NOTED, f"{by} {form}"):
        return
    length = len(json.dumps(tree, ensure_ascii=False))
    detail = {"criteria": tree} if length <= _LONGEST else {"characters": length}
    with transaction(context().engine) as conn:
        record(conn, at=context().clock(), actor=by, action="audience.count", object=f"criteria:{form}", detail=detail)


def _form(tree: Any) -> Any:
    """The tree with a 0 for every number; it was read before, so it is no deeper than criteria may be."""
    if isinstance(tree, dict):
        return {key: _form(part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [_form(part) for part in tree]
    return 0 if isinstance(tree, int | float) and not isinstance(tree, bool) else tree
