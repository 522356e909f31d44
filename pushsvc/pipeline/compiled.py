"""Stored criteria -> clause tables: one of nearly all policies, and a small one of what came since."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np

from profiles.criteria import Criteria, CriteriaError, parse
from profiles.criteria.parameters import Parameters, asked_parameters
from profiles.criteria.table import ClauseTable, Entry, compile_table
from profiles.ragged import Rows
from pushsvc.pipeline.policy_fields import UNMATCHED
from pushsvc.store.in_force import LightPolicy, criteria_by_id
from pushsvc.store.parameters import load_parameters
from pushsvc.store.session import Connection

MOST_RECENT = 500  # policies in the small table; with more, all are compiled anew
_AT_ONCE = 1000  # trees read at a time

_log = logging.getLogger(__name__)
_Key: TypeAlias = tuple[object, ...]  # number and checksum; and the shared figures with their values of the day


@dataclass(frozen=True)
class _Part:
    """A table, and by policy its row there; -1 for a policy without a tree."""

    table: ClauseTable
    rows: Mapping[_Key, int]


@dataclass(frozen=True)
class Compiled:
    """`asked`: the shared figures that each policy ever seen stands on."""

    base: _Part
    recent: _Part
    asked: Mapping[_Key, tuple[str, ...]]

    @property
    def tables(self) -> tuple[ClauseTable, ...]:
        """The tables in the order in which `compiled` counts their rows."""
        return tuple(part.table for part in (self.base, self.recent) if len(part.table))


_NOTHING = _Part(compile_table([]), {})
_EMPTY = Compiled(_NOTHING, _NOTHING, {})


def compiled(
    conn: Connection,
    policies: Sequence[LightPolicy],
    *,
    on: date,
    before: Compiled | None = None,
    most: int = MOST_RECENT,
) -> tuple[Compiled, Rows]:
    """The tables that hold these policies, and int64[p]: each one's row, -1 where it is matched to nobody.

    What was compiled `before` stays; with more than `most` new ones all are compiled anew. A damaged tree is logged,
    and its policy matched to nobody.
    """
    known, parameters = before or _EMPTY, load_parameters(conn)
    day = (parameters, on)
    new = [policy for policy in policies if _key(policy, known, day) not in known.base.rows]
    if len(new) > most or not known.base.rows:
        base, asked = _compile(conn, policies, day)
        known = Compiled(base, _NOTHING, {**known.asked, **asked})
    elif any(_key(policy, known, day) not in known.recent.rows for policy in new):
        recent, asked = _compile(conn, new, day)
        known = Compiled(known.base, recent, {**known.asked, **asked})
    rows = (_row(_key(policy, known, day), known) for policy in policies)
    return known, np.fromiter(rows, dtype=np.int64, count=len(policies))


def _row(key: _Key, known: Compiled) -> int:
    """Counted through both tables."""
    found = known.base.rows.get(key)
    if found is not None:
        return found
    found = known.recent.rows[key]
    return found if found < 0 else found + len(known.base.table)


def _compile(
    conn: Connection, policies: Sequence[LightPolicy], day: tuple[Parameters, date]
) -> tuple[_Part, dict[_Key, tuple[str, ...]]]:
    asked: dict[_Key, tuple[str, ...]] = {}
    rows: dict[_Key, int] = {}
    entries: list[Entry] = []
    for policy, tree in _trees(conn, policies):
        asked[policy.key] = names = tuple(sorted(asked_parameters(tree)))
        criteria = _parsed(policy, tree, day)
        rows[_valued(policy, names, day)] = -1 if criteria is None else len(entries)
        if criteria is not None:
            entries.append(Entry(criteria, policy.window_closes, policy.date_published))
    return _Part(compile_table(entries), rows), asked


def _trees(conn: Connection, policies: Sequence[LightPolicy]) -> Iterator[tuple[LightPolicy, Any]]:
    for at in range(0, len(policies), _AT_ONCE):
        some = policies[at : at + _AT_ONCE]
        found = criteria_by_id(conn, [policy.id for policy in some])
        yield from ((policy, found.get(policy.id)) for policy in some)


def _parsed(policy: LightPolicy, tree: Any, day: tuple[Parameters, date]) -> Criteria | None:
    if tree is None or policy.kind in UNMATCHED:
        return None
    parameters, on = day
    try:
        return parse(tree, parameters=parameters, on=on)
    except CriteriaError as exc:
        if exc.code not in ("unknown_parameter", "no_value_on_day"):
            _log.error("the criteria of policy %s cannot be read: %s", policy.ref, exc)
        return None


def _key(policy: LightPolicy, known: Compiled, day: tuple[Parameters, date]) -> _Key:
    """A policy never seen has a key that nothing has."""
    names = known.asked.get(policy.key)
    return () if names is None else _valued(policy, names, day)


def _valued(policy: LightPolicy, names: Sequence[str], day: tuple[Parameters, date]) -> _Key:
    if not names:
        return policy.key
    parameters, on = day
    held = (parameters.by_name.get(name) for name in names)
    return (*policy.key, *(found and found.value_on(on) for found in held))
